"""Frames: what each sentence says of looking and learning, before it is asked who does it.

In: masked sentences. Out: a Frame for each cue that matches, with the models that it names and the relation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pipeline.link.cues import Cue, load_cues, load_exclusions, macro
from pipeline.link.document import Document
from pipeline.link.masked import SYMBOLS, Masked, national_leaders
from pipeline.link.models import Model, read_models

_CLAUSE_ENDS: Final = re.compile(r"[,，。；;：:！？!?\n]")
_PURE_LEARNING: Final = re.compile(r"^(?:学习|借鉴|学习借鉴|取经|学习取经|取经学习)$")
_PLAIN_LOOK: Final = re.compile(r"^(?:调研|走访|座谈|走访调研|调研走访|调研座谈|实地调研|专题调研)$")
_LEARNED_THERE: Final = re.compile(
    r"[,，、并](?:重点|突出|深入|认真|现场|集中|专题|并|主要){0,2}(?:学习借鉴|(?:学习|借鉴)(?:了|其|当地)|学习)(?:[^。；！？ⓇⒼⒽ先兄]{0,60}?)(?:经验|做法|模式|理念|特色)"
)
"""What a party learned where it went, in the same sentence and with no other place named."""
_UNNAMED: Final = re.compile(r"(?:发达|先进|沿海|周边)(?:地区|城市|省市|县市|县区)[^ⓇⒼⓏⓁ]*$")
_PARTY_STUDY: Final = re.compile(r"^(?:贯彻|领会|宣传|落实|习近平|党的|总书记|会议|.{0,4}重要讲话|.{0,6}精神|教育)")


@dataclass(frozen=True, slots=True)
class Frame:
    """One cue in one sentence.

    `start` and `end` are indices into `masked.words`: where the cue begins, and where the words behind the models do
    that say what is looked at or learned. `models` may be empty where `anaphor` holds the words that stand for them;
    `look` is the verb of visiting.
    """

    cue: Cue
    masked: Masked
    start: int
    end: int
    relation: str
    models: tuple[Model, ...]
    anaphor: str
    rule: str
    look: str = ""

    @property
    def is_title(self) -> bool:
        """Whether the frame stands in the article's title."""
        return self.masked.sentence.is_title


def find_frames(document: Document, masked: Masked) -> Iterator[Frame]:
    """The frames of one sentence, from left to right."""
    found: list[Frame] = []
    for cue in load_cues():
        at = 0
        while match := cue.pattern.search(masked.words, at):
            at = max(match.start() + 1, match.start("models") + 1)
            frame = _frame(document, masked, cue, match)
            if frame:
                found.append(frame)
                at = max(at, frame.end)
    yield from sorted(found, key=lambda frame: (frame.start, frame.end))


def _frame(document: Document, masked: Masked, cue: Cue, match: re.Match[str]) -> Frame | None:
    words = masked.words
    start, end = match.span("models")
    how = {"visit_sites": "sites", "worth_learning": "praise"}.get(cue.name, cue.relation)
    models = read_models(document, masked, start, end, how)
    anaphor = _anaphor(words, start, end, models)
    if not models and not anaphor:
        return None
    relation, rule, last, look = cue.relation, cue.name, end, ""
    if cue.name == "worth_learning" and re.search("对标|看齐|标杆", words[end : match.end()]):
        relation, rule = "benchmarks", "worth_benchmarking"
    if relation == "visits":
        look = match.group("look")
        last = match.end("look")
        if _PLAIN_LOOK.match(look) and cue.name not in ("visit_to", "visit_object"):
            return None
        if "学习" in look and look.endswith("学习") and _PARTY_STUDY.match(words[last : last + 14]):
            return None
        if look in ("学习",) and not cue.strong:
            return None
        if "对标" in look:
            relation, rule = "benchmarks", "visit_to_benchmark"
        elif "取经" in look or ((_PURE_LEARNING.match(look) or "借鉴" in look) and _learns_experience(words, last)):
            relation, rule = "learns_from", "go_and_learn"
    if relation == "visits" and cue.name != "visit_object" and _LEARNED_THERE.search(words, last):
        relation, rule = "learns_from", "look_and_learn"
    if _excluded(masked, relation, match, last):
        return None
    return Frame(cue, masked, match.start(), last, relation, tuple(models), anaphor, rule, look)


def _anaphor(words: str, start: int, end: int, models: list[Model]) -> str:
    """The words in `words[start:end]` that stand for places named before, where no name stands behind them."""
    last = max((model.end for model in models), default=start)
    if any(symbol in words[last:end] for symbol in "ⓇⒼⓏⓁ"):
        return ""
    found = list(macro("anaphor").finditer(words, last, end))
    if found and found[-1].group() in ("当地", "其", "他们") and _UNNAMED.search(words, 0, found[-1].start()):
        return ""  # 与发达地区交流合作,学习当地先进经验
    if found:
        return found[-1].group()
    return "" if models or any(symbol in words[start:end] for symbol in SYMBOLS) else words[start:end]


def _learns_experience(words: str, at: int) -> bool:
    """Whether the words behind 学习 name experience or practice in the same clause (赴A市学习…先进经验)."""
    end = _CLAUSE_ENDS.search(words, at)
    return macro("learned").search(words, at, end.start() if end else len(words)) is not None


def _excluded(masked: Masked, relation: str, match: re.Match[str], last: int) -> bool:
    words = masked.words
    if relation == "visits" and _leader_acts(words[: match.end("models")]):
        return True
    clause = _CLAUSE_ENDS.search(words, last)
    clause_end = clause.start() if clause else len(words)
    for exclusion in load_exclusions():
        if relation not in exclusion.relations:
            continue
        before = exclusion.before.search(words[: match.start()]) if exclusion.before else True
        behind = exclusion.behind.search(words[last:]) if exclusion.behind else True
        stretch = words[_clause_start(words, match) : clause_end]
        within = exclusion.within.search(stretch) if exclusion.within else True
        unless = exclusion.unless.search(stretch) if exclusion.unless else False
        if exclusion.unless_before:
            unless = unless or exclusion.unless_before.search(words[: match.start()])
        if before and behind and within and not unless:
            return True
    return False


def _leader_acts(before: str) -> bool:
    """Whether a leader of the state is named before a cue of visiting, and no delegation behind the name."""
    last = max((before.rfind(name) for name in national_leaders()), default=-1)
    return last >= 0 and not re.search("代表团|考察团|考察组|中心组", before[last:])


def _clause_start(words: str, match: re.Match[str]) -> int:
    """Where the words begin that a cue is about: the cue, or, where its models lie far before, its last clause."""
    ends = [end.end() for end in _CLAUSE_ENDS.finditer(words, match.start(), match.end("models"))]
    return ends[-1] if ends and match.start() == match.start("models") else match.start()
