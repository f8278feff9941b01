"""What is learned, as written.

The words behind a model (对标合肥创新转型), behind the verb (考察对接…项目), or what the journey is about
(就…工作赴A市考察).
"""

from __future__ import annotations

import functools
import re
from typing import Final

from pipeline.link.cues import pattern_of
from pipeline.link.frames import Frame
from pipeline.link.models import Model
from pipeline.link.sentences import clause_end
from pipeline.resources import load_lexicon

_LIST_END: Final = re.compile(
    r"^(?:[、和与及]|等(?:地区|城市|省市|地|省|市|县)?|先进(?:地区|城市)|[两二三四五六七八九十](?:个)?[省市县区地]|市(?=的|在)|的|在|关于|有关)*"
)
_NOT_OBJECT: Final = re.compile(r"^(?:后|时|期间|之际|并|活动|中|了|、|归来|回来|返回|的|情况|座谈|会)")
_ABOUT: Final = re.compile(
    r"(?:就|围绕|针对)(?P<words>[^,，。；;ⓇⒽ]{2,40}?)(?:等(?:工作|方面|内容|情况|问题))?(?:进行|开展|赴|到|前往|,|，)"
)
_SHORTEST: Final = 2
_LONGEST: Final = 40


def aspects_of(text: str, frame: Frame, model: Model) -> tuple[str, ...]:
    """The aspects that a frame names for one of its models; none where it only says 经验 or the like."""
    if frame.is_title or frame.cue.name in ("visit_sites", "visit_stop"):
        return ()
    if frame.cue.relation == "visits":
        return _of_visit(text, frame) or _about(text, frame)
    if frame.cue.name in ("worth_learning", "take_home", "learn_from", "benchmark_towards", "benchmark_as"):
        return ()
    return _behind(text, frame, model) or _of_next_clause(text, frame, model)


def _behind(text: str, frame: Frame, model: Model) -> tuple[str, ...]:
    """The words from a model to the next one, or to the end of its clause, less 经验 and the like."""
    masked = frame.masked
    start = masked.starts[model.end]
    following = [m.end - 1 for m in frame.models if m.end - 1 > model.end]
    end = masked.starts[following[0]] if following else _tail_end(text, start, masked.sentence.span.end)
    words = text[start:end]
    if following:
        words = re.sub(r"[、和与及，,]$", "", words)
    words = words[_LIST_END.match(words).end() :]  # type: ignore[union-attr]
    if not words.endswith(("”模式", "”经验", "”做法", "”机制")):
        words = _of_lexicon("tail").sub("", words)
    return _kept(words)


def _of_next_clause(text: str, frame: Frame, model: Model) -> tuple[str, ...]:
    """The field of policy that the clause behind the models names: 对标西安,加大招商引资力度."""
    limit = frame.masked.sentence.span.end
    end = clause_end(text, frame.masked.starts[model.end], limit)
    match = _increase().match(text, end + 1, limit) if end < limit else None
    return (match.group("field"),) if match else ()


def _of_visit(text: str, frame: Frame) -> tuple[str, ...]:
    """The object of the verb of visiting: 赴上海考察对接文旅产业等重点项目."""
    start = frame.masked.starts[frame.end]
    words = text[start : clause_end(text, start, frame.masked.sentence.span.end)]
    if len(words) < _SHORTEST + 2 or _NOT_OBJECT.match(words):
        return ()
    words = _of_lexicon("tail").sub("", words)
    return _kept(words) if _of_lexicon("objects").search(words) else ()


def _about(text: str, frame: Frame) -> tuple[str, ...]:
    """What the journey was about: 就乡村振兴等工作赴A市考察."""
    match = _ABOUT.search(frame.masked.words)
    if not match:
        return ()
    span = frame.masked.span(*match.span("words"))
    return _kept(_of_lexicon("tail").sub("", span.of(text)))


def _kept(words: str) -> tuple[str, ...]:
    words = words.strip(" 　、")
    return (words,) if _SHORTEST <= len(words) <= _LONGEST and "\n" not in words else ()


def _tail_end(text: str, start: int, limit: int) -> int:
    """The end of the words behind the last model: a comma or stop, but not one inside quotation marks."""
    depth = 0
    for position in range(start, limit):
        character = text[position]
        if character in "“‘《「":
            depth += 1
        elif character in "”’》」":
            depth -= 1
        elif character in "。！？\n" or (depth <= 0 and character in ",，;；:："):
            return position
    return limit


def _of_lexicon(key: str) -> re.Pattern[str]:
    return pattern_of("aspects", "aspects", key)


@functools.cache
def _increase() -> re.Pattern[str]:
    lexicon = load_lexicon("aspects")["aspects"]
    return re.compile(lexicon["increase"].format(fields="|".join(lexicon["fields"])))
