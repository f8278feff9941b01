"""Mends the limits of tagged names by what is known for certain: full names of divisions, counts, and words."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from pipeline.gazetteer import Gazetteer
from pipeline.gazetteer.region import COUNTY, FULL, PREFECTURE, PROVINCE
from pipeline.recognise.adjacent import division_that_begins
from pipeline.recognise.gazetteer_matches import PlaceMatch, needs_container, rank_runs_on
from pipeline.recognise.kinds import ends_as_body, is_central_body, kind_of_name, may_end_body
from pipeline.recognise.tagged_names import TaggedName
from pipeline.records import Span

_COUNT_BEHIND: Final = re.compile(r"(?<=..)[两三四五六七八九十]+个?(?:省|市|县|区|州|地)$")
_WORDS_OF_COMMITTEE: Final = tuple("托派员任屈婉")
"""With these a 委 behind a place is no committee: 宜昌市 | 委托."""
_SURE_LENGTH: Final = 4
_SHORTEST_RANKED: Final = 3
_SURE_COUNT: Final = 2
_SHORTEST_REPEATED: Final = 2
_RANKS: Final = ("省", "市", "县", "区", "州", "盟", "旗", "镇", "乡", "街道")
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
    whole = [p.span for p in places if _is_full_name(p, text, gazetteer) and not rank_runs_on(text, p.span)]
    mended: dict[Span, TaggedName] = {}
    for name in _whole_regions(_whole_bodies(names, text, gazetteer), text, gazetteer):
        span, label = name.span, name.label
        if label == "ORG" and span.of(text).endswith("委") and text.startswith(_WORDS_OF_COMMITTEE, span.end):
            span, label = Span(span.start, span.end - 1), "LOC"
        longer = next((place for place in whole if _yields(span, label, place)), None)
        if longer:
            span, label = longer, "LOC"
        if label == "LOC":
            count = None if longer else _COUNT_BEHIND.search(span.of(text))
            span = Span(span.start, span.start + count.start()) if count else span
            if any(phrase.holds(span) and len(phrase) > len(span) for phrase in barred):
                continue
            if needs_container(span.of(text)) and span not in admitted:
                continue
        mended.setdefault(span, TaggedName(span, label))
    return _apart(sorted(mended.values(), key=lambda name: (name.span.start, -name.span.end)))


def _yields(span: Span, label: str, place: Span) -> bool:
    """Whether a tagged name gives way to a division's whole name: a part of it, or, of a long one, what crosses it."""
    if label == "LOC" and place.holds(span):
        return True
    touches = span.start < place.end and place.start < span.end
    return touches and len(place) >= _SURE_LENGTH and not span.holds(place)


def _whole_regions(names: list[TaggedName], text: str, gazetteer: Gazetteer) -> list[TaggedName]:
    """With three letters and more that together name a region (苏 | 锡 | 常) as one name."""
    joined: list[TaggedName] = []
    for name in names:
        start = next(
            (
                at
                for at in range(max(0, len(joined) - 4), len(joined) - 1)
                if name.span.end - joined[at].span.start == len(joined) - at + 1
                and text[joined[at].span.start : name.span.end] in gazetteer.names
            ),
            None,
        )
        if start is not None and all(len(part.span) == 1 for part in (*joined[start:], name)):
            joined[start:] = [TaggedName(Span(joined[start].span.start, name.span.end), "LOC")]
        else:
            joined.append(name)
    return joined


def _whole_bodies(names: list[TaggedName], text: str, gazetteer: Gazetteer) -> list[TaggedName]:
    """With a place and the body behind it as one name (固原市 | 原州区中心卫生院), and two bodies that were taken for
    one as two (党中央 | 国务院, 中共乐山市委 | 乐山市人民政府). A firm or school that begins with a place of its own
    stays apart from the place before it.
    """
    joined: list[TaggedName] = []
    for name in names:
        if joined and _belongs(joined[-1], name, text, gazetteer):
            joined[-1] = TaggedName(Span(joined[-1].span.start, name.span.end), "ORG")
        else:
            joined.append(name)
    return [part for name in joined for part in (_bodies(name, text, gazetteer) if name.label == "ORG" else [name])]


def _divisions_alone(name: TaggedName, text: str, gazetteer: Gazetteer) -> list[TaggedName]:
    """The divisions, with their ranks, that begin an organisation which ends as none does (长沙市 | 社区): empty where
    there are none.
    """
    words, found, at = name.span.of(text), [], 0
    while not may_end_body(words):
        place = division_that_begins(words[at:], gazetteer)
        if len(place) < _SHORTEST_RANKED or not place.endswith(_RANKS):
            break
        found.append(TaggedName(Span(name.span.start + at, name.span.start + at + len(place)), "LOC"))
        at += len(place)
    return found


def _belongs(place: TaggedName, body: TaggedName, text: str, gazetteer: Gazetteer) -> bool:
    words = body.span.of(text)
    if (place.label, body.label) != ("LOC", "ORG") or place.span.end != body.span.start or not ends_as_body(words):
        return False
    return kind_of_name(words, "ORG") not in ("company", "school") or not division_that_begins(words, gazetteer)


def _bodies(name: TaggedName, text: str, gazetteer: Gazetteer) -> list[TaggedName]:
    """The one or two bodies of an organisation's name."""
    words = name.span.of(text)
    divisions = _divisions_alone(name, text, gazetteer)
    if divisions:
        return divisions
    bare = words.removeprefix("中共")
    place = division_that_begins(bare, gazetteer)
    cut = bare.find(place, len(place)) + len(words) - len(bare) if place and bare.find(place, len(place)) > 0 else 0
    cuts = [cut] if cut else [at for at in range(2, len(words)) if all(map(is_central_body, (words[:at], words[at:])))]
    if not cuts or not ends_as_body(words[: cuts[0]]):
        return [name]
    middle = name.span.start + cuts[0]
    return [TaggedName(Span(name.span.start, middle), "ORG"), TaggedName(Span(middle, name.span.end), "ORG")]


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


def _apart(names: list[TaggedName]) -> list[TaggedName]:
    """Without those that a name before them reaches into."""
    kept: list[TaggedName] = []
    for name in names:
        if not kept or name.span.start >= kept[-1].span.end:
            kept.append(name)
    return kept


def _is_full_name(place: PlaceMatch, text: str, gazetteer: Gazetteer) -> bool:
    """Whether the words are a division's name with its rank: 阿克苏地区, 黔东南州."""
    ranked = place.span.of(text).endswith(_RANKS)
    return any(
        (name.name_type == FULL or ranked) and gazetteer[name.region_code].level in _FULL_LEVELS for name in place.names
    )
