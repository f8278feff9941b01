"""What is learned: the words behind a model (对标合肥创新转型), or behind the cue (考察对接…项目), as written."""

from __future__ import annotations

import functools
import re
from typing import Final

from pipeline.link.models import ModelItem
from pipeline.link.sentences import clause_end
from pipeline.resources import load_lexicon

_LIST_END: Final = re.compile(
    r"^(?:等(?:地区|城市|省市|地|省|市|县)?|[两二三四五六七八九十](?:个)?[省市县区地]|市|的)*"
)
_NOT_OBJECT: Final = re.compile(r"^(?:后|时|期间|之际|并|活动|中|了|、|归来|回来|返回|的)")
_SHORTEST: Final = 2


def aspects_of_model(text: str, item: ModelItem) -> tuple[str, ...]:
    """The aspect in the words behind a model of 对标 or 学习借鉴; empty where they only say 经验 or the like."""
    words = item.tail.of(text)
    words = words[_LIST_END.match(words).end() :]  # type: ignore[union-attr]
    if not words.endswith(("”模式", "”经验", "”做法", "”机制")):
        words = _tail().sub("", words)
    words = words.strip()
    return (words,) if len(words) >= _SHORTEST else ()


def aspects_of_next_clause(text: str, start: int, sentence_end: int) -> tuple[str, ...]:
    """The field of policy that the clause behind the models names: 对标西安,加大招商引资力度."""
    end = clause_end(text, start, sentence_end)
    match = _increase().match(text, end + 1, sentence_end) if end < sentence_end else None
    return (match.group("field"),) if match else ()


def aspects_of_visit(text: str, verb_end: int, sentence_end: int) -> tuple[str, ...]:
    """The object of the verb of visiting: 赴上海考察对接文旅产业等重点项目."""
    words = text[verb_end : clause_end(text, verb_end, sentence_end)]
    if len(words) < _SHORTEST + 2 or _NOT_OBJECT.match(words):
        return ()
    words = _tail().sub("", words)
    return (words,) if _objects().search(words) else ()


@functools.cache
def _tail() -> re.Pattern[str]:
    return re.compile(load_lexicon("link")["aspects"]["tail"])


@functools.cache
def _objects() -> re.Pattern[str]:
    return re.compile(load_lexicon("link")["aspects"]["objects"])


@functools.cache
def _increase() -> re.Pattern[str]:
    lexicon = load_lexicon("link")["aspects"]
    return re.compile(lexicon["increase"].format(fields="|".join(lexicon["fields"])))
