"""Reading the models: the list of regions that stands behind a cue, its end, and what each of them stands for."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Final

from pipeline.gazetteer.region import COMPOSITE, COUNTY, DIVISION_LEVELS, PREFECTURE, ZONE
from pipeline.link.document import Document
from pipeline.records import RegionRef, ResolvedMention, Span
from pipeline.resources import load_lexicon

_SEPARATOR_BEFORE: Final = re.compile(r"(?:、|和|与|以及|及|,|，)$")
_GOES_ON: Final = "、,，和与及等两三四五考学观参"
"""What stands behind a place that a comma joins to a list; with another word behind it, it begins a clause."""
_COUNTED: Final = re.compile(r"(?P<count>[两二三四五六七八九十]|\d{1,2})个?(?P<unit>省|市|县|区|地|州)(?:市)?")
_NUMBERS: Final = {word: number for number, word in enumerate("零一二三四五六七八九十")} | {"两": 2}
_UNIT_LEVELS: Final = {"市": (PREFECTURE, COUNTY), "县": (COUNTY,), "区": (COUNTY,), "州": (PREFECTURE,)}


@dataclass(frozen=True, slots=True)
class ModelItem:
    """One member of a list of models: the regions it stands for, and the words behind it up to the next member."""

    regions: tuple[RegionRef, ...]
    tail: Span


def read_models(document: Document, start: int, clause_end: int, sentence_end: int) -> list[ModelItem]:
    """The list of models that begins at `start`, some filling words aside; empty where no place stands there.

    A list runs over 、 和 与 及, and over words that say something of a member (对标合肥创新转型、浙江创优环境), as
    long as a place stands behind the separator; over a comma only where places alone stand between.
    """
    places = [p for p in document.places_from(start, sentence_end) if p.mention.outer and not _names_event(document, p)]
    if not places or not _is_filler(document.text[start : places[0].span.start]):
        return []
    items: list[ModelItem] = []
    position = 0
    while position < len(places):
        chain, position = _chain(document, places, position)
        end = chain[-1].span.end
        following = _next_member(document, places, position, end, clause_end)
        tail = Span(end, following[0] if following else max(end, _tail_end(document.text, end, sentence_end)))
        items.append(ModelItem(_regions(document, chain, end), tail))
        if not following:
            break
        position = following[1]
    return [item for item in items if item.regions]


def _names_event(document: Document, place: ResolvedMention) -> bool:
    """Whether the place is part of the name of an event or a spirit: 杭州 | 亚运会, 延安 | 精神."""
    return document.text.startswith(tuple(load_lexicon("link")["models"]["events"]), place.span.end)


def read_anaphor(document: Document, start: int, earlier: list[RegionRef]) -> list[ModelItem]:
    """三市, 两地 behind a cue: as many of the `earlier` models, if so many were named last; else empty."""
    match = _COUNTED.match(document.text, start)
    if not match or len(earlier) != _count(match):
        return []
    tail = Span(match.end(), _tail_end(document.text, match.end(), len(document.text)))
    return [ModelItem(tuple(earlier), tail)]


def list_end(items: list[ModelItem]) -> int:
    """Where the words behind the last model begin."""
    return items[-1].tail.start


def _chain(document: Document, places: list[ResolvedMention], position: int) -> tuple[list[ResolvedMention], int]:
    """Places that follow one another without a gap, each inside the one before: 福建 | 晋江, 江西省 | 吉安市."""
    chain = [places[position]]
    position += 1
    while position < len(places) and places[position].span.start == chain[-1].span.end:
        if not _locates(document, chain[-1], places[position]):
            break
        chain.append(places[position])
        position += 1
    return chain, position


def _locates(document: Document, outer: ResolvedMention, inner: ResolvedMention) -> bool:
    """Whether the first of two places side by side locates the second: it holds it, or is at least of a higher level,
    for a writer who errs about a province still means the city (浙江 | 黄山), and a zone is not listed without a mark.
    Equal levels side by side are two models.
    """
    first, second = document.gazetteer[outer.region_code or ""], document.gazetteer[inner.region_code or ""]
    if document.gazetteer.contains(first.region_code, second.region_code):
        return True
    levels = (*DIVISION_LEVELS, ZONE)
    both = first.level in levels and second.level in levels
    return both and levels.index(first.level) < levels.index(second.level)


def _next_member(
    document: Document, places: list[ResolvedMention], position: int, end: int, clause_end: int
) -> tuple[int, int] | None:
    """(end of the words of this member, index of the next one) where the list goes on, else None.

    The next member is the first place behind a separator; places in the words between are part of what is said of
    this member. Only the places of one clause are looked at.
    """
    for index in range(position, len(places)):
        begin = places[index].span.start
        if begin > clause_end and document.text[end:begin].strip("等地市") not in (",", "，"):
            return None
        if begin == end:
            return end, index
        separator = _SEPARATOR_BEFORE.search(document.text[max(end, begin - 2) : begin])
        if separator:
            start = max(end, begin - 2) + separator.start()
            goes_on = document.text[places[index].span.end : places[index].span.end + 1] in set(_GOES_ON)
            if separator.group() not in ",，" or (start == end and goes_on):
                return start, index
    return None


def _regions(document: Document, chain: list[ResolvedMention], end: int) -> tuple[RegionRef, ...]:
    last = chain[-1]
    code = last.region_code or ""
    region = document.gazetteer[code]
    span = Span(chain[0].span.start, last.span.end)
    if code == "CN":
        return ()
    if region.level == COMPOSITE and region.split:
        return tuple(document.region_ref(span, member) for member in region.members)
    counted = _COUNTED.match(document.text, end)
    if counted and len(chain) == 1 and _count(counted) > 1 and region.level != COMPOSITE:
        named = _named_inside(document, code, counted)
        if named:
            return named
        whole = Span(span.start, counted.end())
        ref = document.region_ref(whole, code)
        return (RegionRef(whole, ref.text, ref.code, ref.name, ref.level, "underspecified"),)
    return (document.region_ref(span, code, last.mention.text),)


def _named_inside(document: Document, code: str, counted: re.Match[str]) -> tuple[RegionRef, ...]:
    """The members of 河南四市 where its paragraph names just so many cities of the province, else empty."""
    text = document.text
    begin = text.rfind("\n", 0, counted.start()) + 1
    end = text.find("\n", counted.end())
    levels = _UNIT_LEVELS.get(counted.group("unit"), (PREFECTURE, COUNTY))
    named: dict[str, Span] = {}
    for place in document.places_from(begin, end if end >= 0 else len(text)):
        inner = place.region_code or ""
        if document.gazetteer[inner].level in levels and document.gazetteer.contains(code, inner):
            named.setdefault(inner, place.span)
    if len(named) != _count(counted):
        return ()
    return tuple(document.region_ref(span, inner) for inner, span in named.items())


def _count(match: re.Match[str]) -> int:
    words = match.group("count")
    return int(words) if words.isdigit() else _NUMBERS[words]


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


def _is_filler(words: str) -> bool:
    return _filler().fullmatch(words) is not None


@functools.cache
def _filler() -> re.Pattern[str]:
    words = sorted(load_lexicon("link")["filler"]["words"], key=len, reverse=True)
    return re.compile(f"(?:{'|'.join(map(re.escape, words))}){{0,6}}")
