"""Mends the limits of tagged names by what is known for certain: full names of divisions, counts, and words."""

from __future__ import annotations

import functools
import re
from collections import Counter
from typing import Final

from pipeline.gazetteer import Gazetteer
from pipeline.gazetteer.region import COUNTY, FULL, PREFECTURE, PROVINCE
from pipeline.recognise.adjacent import is_full_name
from pipeline.recognise.bodies import RANKS, whole_bodies
from pipeline.recognise.gazetteer_matches import PlaceMatch, needs_container, rank_runs_on
from pipeline.recognise.spans import ByCharacter, leftmost_longest
from pipeline.recognise.tagged_names import TaggedName
from pipeline.records import Span
from pipeline.resources import load_lexicon

_COUNT_BEHIND: Final = re.compile(r"(?<=..)[两三四五六七八九十]+个?(?:省|市|县|区|州|地)$")
_WORDS_OF_COMMITTEE: Final = tuple("托派员任屈婉")
"""With these a 委 behind a place is no committee: 宜昌市 | 委托."""
_SURE_LENGTH: Final = 4
_SURE_COUNT: Final = 2
_SHORTEST_REPEATED: Final = 2
_FULL_LEVELS: Final = (PROVINCE, PREFECTURE, COUNTY)


def mend_limits(
    names: list[TaggedName], places: list[PlaceMatch], barred: list[Span], text: str, gazetteer: Gazetteer
) -> list[TaggedName]:
    """The names with their limits mended, in order, none overlapping another.

    A division's name with its rank takes in what was tagged of it (阿克苏 | 地区); a count behind a place (德清 | 三县)
    and a 委 that begins a word are no part of it; letters that together name a region are one (苏锡常); a place inside
    a barred phrase (大同 of 大同小异) is none, nor one that means something only behind what holds it (新区), unless
    the rules admit it.
    """
    admitted = {place.span for place in places}
    whole = ByCharacter(
        (p.span, p.span) for p in places if _is_ranked_name(p, text, gazetteer) and not rank_runs_on(text, p.span)
    )
    phrases = ByCharacter((span, span) for span in barred)
    mended: dict[Span, TaggedName] = {}
    named = _persons_behind_roles(whole_bodies(names, text, gazetteer), text, gazetteer)
    for name in _whole_regions(named, text, gazetteer):
        span, label = name.span, name.label
        if label == "ORG" and span.of(text).endswith("委") and text.startswith(_WORDS_OF_COMMITTEE, span.end):
            span, label = Span(span.start, span.end - 1), "LOC"
        longer = next((place for place in whole.touching(span) if _yields(span, label, place)), None)
        if longer:
            span, label = longer, "LOC"
        if label == "LOC":
            count = None if longer else _COUNT_BEHIND.search(span.of(text))
            span = Span(span.start, span.start + count.start()) if count else span
            if any(phrase.holds(span) and phrase != span for phrase in phrases.touching(span)):
                continue
            if needs_container(span.of(text)) and span not in admitted:
                continue
        mended.setdefault(span, TaggedName(span, label))
    return leftmost_longest(mended.values())


def _yields(span: Span, label: str, place: Span) -> bool:
    """Whether a tagged name gives way to the whole name of a division that it touches: a place that is a part of it,
    and anything that a long one reaches over.
    """
    if label == "LOC" and place.holds(span):
        return True
    return len(place) >= _SURE_LENGTH and not span.holds(place)


def _persons_behind_roles(names: list[TaggedName], text: str, gazetteer: Gazetteer) -> list[TaggedName]:
    """With the persons who are called as a place is, behind a role (作家温泉, 劳模刘长春) or listed with one."""
    found: list[TaggedName] = []
    for name in names:
        start, words = name.span.start, name.span.of(text)
        if name.label != "LOC" or len(words) != 2 or is_full_name(words, gazetteer):
            found.append(name)
            continue
        family = 1 if text[start - 1 : start] in _families() and text[: start - 1].endswith(_roles()) else 0
        levels = {gazetteer[other.region_code].level for other in gazetteer.names.get(words, ())}
        listed = bool(found) and found[-1].label == "PER" and text[found[-1].span.end : start] == "、"
        alone = levels == {COUNTY} and (text[:start].endswith(_roles()) or listed)
        person = TaggedName(Span(start - family, name.span.end), "PER")
        found.append(person if family or alone else name)
    return found


@functools.cache
def _roles() -> tuple[str, ...]:
    return tuple(load_lexicon("kinds")["persons"]["roles"])


@functools.cache
def _families() -> frozenset[str]:
    return frozenset(load_lexicon("tagger")["cues"]["surnames"])


def _whole_regions(names: list[TaggedName], text: str, gazetteer: Gazetteer) -> list[TaggedName]:
    """With three letters and more that together name a region (苏 | 锡 | 常) as one name."""
    joined: list[TaggedName] = []
    for name in names:
        joined.append(name)
        for count in (4, 3):
            run = joined[-count:]
            letters = len(run) == count and all(len(part.span) == 1 for part in run)
            span = Span(run[0].span.start, name.span.end)
            if letters and len(span) == count and span.of(text) in gazetteer.names:
                joined[-count:] = [TaggedName(span, "LOC")]
                break
    return joined


def repeated_names(names: list[TaggedName], text: str) -> list[TaggedName]:
    """Further places of the words that the tagger marks at least twice as the same place or person."""
    counts = Counter((name.span.of(text), name.label) for name in names)
    taken = {at for name in names for at in range(name.span.start, name.span.end)}
    found = []
    for (words, label), count in counts.items():
        if count < _SURE_COUNT or label == "ORG" or len(words) < _SHORTEST_REPEATED:
            continue
        start = text.find(words)
        while start >= 0:
            end = start + len(words)
            if taken.isdisjoint(range(start, end)):
                found.append(TaggedName(Span(start, end), label))
                taken.update(range(start, end))
            start = text.find(words, end)
    return found


def _is_ranked_name(place: PlaceMatch, text: str, gazetteer: Gazetteer) -> bool:
    """Whether the words are a division's name with its rank: 阿克苏地区, 黔东南州."""
    ranked = place.span.of(text).endswith(RANKS)
    return any(
        (name.name_type == FULL or ranked) and gazetteer[name.region_code].level in _FULL_LEVELS for name in place.names
    )
