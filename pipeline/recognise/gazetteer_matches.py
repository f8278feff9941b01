"""Places by name: every name of the gazetteer in a text, less those that the context shows to be no place."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Final

import ahocorasick

from pipeline.gazetteer import Gazetteer, load_gazetteer
from pipeline.gazetteer.region import ALIAS, COUNTY, FORMER, FULL, LETTER, SHORT, TOWNSHIP, ZONE, Name
from pipeline.recognise.spans import leftmost_longest
from pipeline.records import Span
from pipeline.resources import load_lexicon

_SHORTEST_FULL: Final = 2
_RUNS_ON: Final = {"乡": "村镇亲愁土情音贤", "镇": "村街化区居", "市": "场民政容值", "区": "域间位块分", "县": "域城"}
LIST_MARKS: Final = "、和与及"
"""What stands between the members of a list of places."""


@dataclass(frozen=True, slots=True)
class PlaceMatch:
    """A name of the gazetteer in the text, with the names of all regions that are written so."""

    span: Span
    names: tuple[Name, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the regions that the words can name, each once."""
        return tuple(dict.fromkeys(name.region_code for name in self.names))


def match_places(text: str, gazetteer: Gazetteer) -> list[PlaceMatch]:
    """The places of `read_places` alone."""
    return read_places(text, gazetteer)[0]


def read_places(text: str, gazetteer: Gazetteer) -> tuple[list[PlaceMatch], list[Span]]:
    """The places that the gazetteer finds in `text`, in order, none overlapping another; and the phrases (idioms,
    products) that hold the name of a place without naming it.

    Names that are common words or short names of counties are kept only where the context shows a place: behind the
    division that holds them, in a list of places, beside a word that takes a place, or where the article gives their
    full name elsewhere. One-letter names are left to the lists that spell them out (composites).
    """
    matches, barred = _all_matches(text)
    matches = [match for match in matches if not _barred(match.span, barred)]
    chosen = leftmost_longest(_split_zones(matches, gazetteer))
    sure = [_is_sure(match, text, gazetteer) for match in chosen]
    full = {
        name.region_code
        for match, is_sure in zip(chosen, sure, strict=True)
        if is_sure
        for name in match.names
        if name.name_type == FULL
    }
    leads_list = _leads_list(chosen, sure, text)
    kept: list[PlaceMatch] = []
    for position, match in enumerate(chosen):
        before = kept[-1] if kept else None
        held = before is not None and before.span.end == match.span.start and _held(before, match, text, gazetteer)
        if sure[position] or held:
            kept.append(match)
        elif needs_container(match.span.of(text)):
            continue
        elif any(code in full for code in match.codes):
            kept.append(match)
        elif match.span.of(text) in _common_words():
            if _stands_for_place(match, text, gazetteer, kept):
                kept.append(match)
        elif leads_list[position] or _has_evidence(match.span, text) or (before and _listed(before, match, text)):
            kept.append(match)
    return kept, barred


def _leads_list(chosen: list[PlaceMatch], sure: list[bool], text: str) -> list[bool]:
    """For each match, whether list marks join it to a place behind it, directly or through further names."""
    leads = [False] * len(chosen)
    for position in range(len(chosen) - 2, -1, -1):
        behind = chosen[position + 1]
        is_place = sure[position + 1] or leads[position + 1] or text.startswith(_evidence("behind"), behind.span.end)
        leads[position] = is_place and _listed(chosen[position], behind, text)
    return leads


def _listed(first: PlaceMatch, second: PlaceMatch, text: str) -> bool:
    """Whether a list mark alone stands between the two."""
    return text[first.span.end : second.span.start] in set(LIST_MARKS)


def _is_sure(match: PlaceMatch, text: str, gazetteer: Gazetteer) -> bool:
    """Whether the words are a place by themselves: a full name, or one of a prefecture, province, zone or country."""
    words = match.span.of(text)
    if words in _common_words() or needs_container(match.span.of(text)) or _runs_on(match.span, text):
        return False
    if len(words) == _SHORTEST_FULL and words.endswith("县") and not _stands_free(match.span, text):
        return False
    for name in match.names:
        level = gazetteer[name.region_code].level
        if level == TOWNSHIP:
            if _stands_free(match.span, text):
                return True
        elif (
            name.name_type in (FULL, ALIAS)
            or (level != COUNTY and (name.name_type == SHORT or words.endswith(("市", "州", "盟", "地区"))))
            or (name.name_type == FORMER and level == COUNTY and words.endswith(("市", "县", "区")) and len(words) > 2)
            or (name.name_type == FORMER and level != COUNTY)
        ):
            return True
    return False


def _stands_for_place(match: PlaceMatch, text: str, gazetteer: Gazetteer, kept: list[PlaceMatch]) -> bool:
    """Whether a common word is a place here: beside a word that takes a place (对标白银), or, the name of a prefecture,
    behind a list mark in a clause that names places before (对标合肥创新转型、来宾…).
    """
    start, end = match.span.start, match.span.end
    if text.startswith(_evidence("strong_behind"), end) or text[:start].endswith(_evidence("strong_before")):
        return True
    if not kept or any(gazetteer[code].level == COUNTY for code in match.codes) or text[start - 1 : start] != "、":
        return False
    return not any(mark in text[kept[-1].span.end : start] for mark in ",，。;；:：\n")


def _stands_free(span: Span, text: str) -> bool:
    """Whether a township or county of two characters begins at a boundary: 更新城镇 holds 新城镇, 示范县 holds 范县."""
    before = text[span.start - 1] if span.start else "\n"
    return not "\u4e00" <= before <= "\u9fff" or before in _evidence_characters()


def _runs_on(span: Span, text: str) -> bool:
    """Whether the rank that ends a township's or common word's name begins a word: 发展乡村, 合作市场, 振兴区域."""
    words = span.of(text)
    return rank_runs_on(text, span) and (words[-1] in "乡镇" or words[:-1] in _common_words())


def rank_runs_on(text: str, span: Span) -> bool:
    """Whether the rank that ends the words makes a word with what stands behind: 南阳 | 市场, 发展 | 乡村."""
    behind = text[span.end : span.end + 1]
    return bool(behind) and behind in _RUNS_ON.get(text[span.end - 1], "")


def _held(left: PlaceMatch, right: PlaceMatch, text: str, gazetteer: Gazetteer) -> bool:
    """Whether the place before holds this one; a common word must lie in it directly: 辽宁振兴 is not 丹东's 振兴区."""
    if right.span.of(text) in _common_words():
        return any(gazetteer[inner].parent_code in left.codes for inner in right.codes)
    return any(gazetteer.contains(outer, inner) for outer in left.codes for inner in right.codes)


def _has_evidence(span: Span, text: str) -> bool:
    return text.startswith(_evidence("behind"), span.end) or text[: span.start].endswith(_evidence("before"))


def _split_zones(matches: list[PlaceMatch], gazetteer: Gazetteer) -> list[PlaceMatch]:
    """A zone's name that begins with its place gives way to the two where both are names: 上海 | 张江高新区."""
    by_end: dict[int, list[PlaceMatch]] = {}
    by_start: dict[int, list[PlaceMatch]] = {}
    for match in matches:
        by_end.setdefault(match.span.end, []).append(match)
        by_start.setdefault(match.span.start, []).append(match)

    def is_two(whole: PlaceMatch) -> bool:
        tails = [
            m for m in by_end[whole.span.end] if m.span.start > whole.span.start and set(m.codes) & set(whole.codes)
        ]
        heads = {match.span.end for match in by_start[whole.span.start] if match is not whole}
        return any(gazetteer[code].level == ZONE for code in whole.codes) and any(t.span.start in heads for t in tails)

    return [match for match in matches if not is_two(match)]


def _barred(span: Span, barred: list[Span]) -> bool:
    """Whether a barred string cuts or holds the span; a name that holds the barred string itself stays."""
    return any(b.start < span.end and span.start < b.end and not (span.holds(b) and len(span) > len(b)) for b in barred)


def _all_matches(text: str) -> tuple[list[PlaceMatch], list[Span]]:
    matches, barred = [], []
    for last, (length, names) in _automaton().iter(text):
        span = Span(last + 1 - length, last + 1)
        if names is None:
            barred.append(span)
        else:
            matches.append(PlaceMatch(span, names))
    return matches, barred


@functools.cache
def _automaton() -> ahocorasick.Automaton:
    """All names of two characters and more, and the strings in which a name is no place (these with no names)."""
    automaton = ahocorasick.Automaton()
    for words, names in load_gazetteer().names.items():
        names = tuple(name for name in names if name.name_type != LETTER)
        if len(words) > 1 and names:
            automaton.add_word(words, (len(words), names))
    for strings in (load_lexicon("idioms")["idioms"], *load_lexicon("recognise")["not_places"].values()):
        for words in strings:
            automaton.add_word(words, (len(words), None))
    automaton.make_automaton()
    return automaton


@functools.cache
def _common_words() -> frozenset[str]:
    return frozenset(load_lexicon("recognise")["common_words"]["words"])


@functools.cache
def _evidence(side: str) -> tuple[str, ...]:
    return tuple(load_lexicon("recognise")["place_evidence"][side])


@functools.cache
def _evidence_characters() -> frozenset[str]:
    """Characters that end a place or a word which takes one, so that a name can begin behind them."""
    return frozenset("在到赴由及与为是了从往经村镇乡县区市省州盟旗")


def needs_container(words: str) -> bool:
    """Whether the words name a place only behind the division that holds it (新区, 城关镇)."""
    return words in _contained_names()


@functools.cache
def _contained_names() -> frozenset[str]:
    return frozenset(load_lexicon("recognise")["needs_container"]["names"])
