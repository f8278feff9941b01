"""Names that no list holds: organisations and sites, read leftwards from the word that ends them (…有限公司, …小镇)."""

from __future__ import annotations

import bisect
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pipeline.records import Span
from pipeline.resources import load_lexicon

_HAN: Final = "\u4e00-\u9fff"
_NAME_CHARACTER: Final = re.compile(rf"[{_HAN}A-Za-z0-9·]")
_SHORTEST_NAME: Final = 2
_LONGEST_NAME: Final = 24
_CLAUSE_END: Final = re.compile(r"[,，。；;：:！？!?\n]")


@dataclass(frozen=True, slots=True)
class OpenName:
    """An organisation or site: its span, label (ORG, LOC), kind, and how it was found."""

    span: Span
    label: str
    kind: str
    method: str


def find_open_names(text: str, places: list[Span]) -> Iterator[OpenName]:
    """Organisations and sites of `text`; `places` are the spans of the places found by name, in order.

    A site is taken only where a place begins it or is part of it, or where it stands in a list of visited places, for
    its last word alone (园区, 基地) is as often a common noun.
    """
    visited = _visited_stretches(text)
    companies = [Span(*match.span()) for match in _known_companies().finditer(text)]
    yield from (OpenName(span, "ORG", "company", "known_company") for span in companies)
    yield from (OpenName(Span(*m.span()), "ORG", "government", "known_body") for m in _central_bodies().finditer(text))
    yield from _government(text, places)
    near_places, near_companies, near_visits = _Near(places), _Near(companies), _Near(visited)
    for match in _heads().finditer(text):
        kind = _kind_of()[match.group()]
        reach = Span(match.start() - _LONGEST_NAME, match.end())
        around = near_places.touching(reach)
        start = _name_start(text, match.start(), [*around, *near_companies.touching(reach)])
        if kind == "village":
            # Villages are units of their own: 新桥镇 | 金良社区.
            start = max([start, *(place.end for place in around if place.end <= match.start())])
        span = Span(start, match.end())
        inside = [place for place in around if span.holds(place)]
        if match.start() - start < _SHORTEST_NAME or any(place.end == span.end for place in inside):
            continue
        if kind not in ("site", "village"):
            yield OpenName(span, "ORG", kind, "last_word")
        elif (
            inside
            or any(place.end == start for place in around)
            or any(stretch.holds(span) for stretch in near_visits.touching(span))
        ):
            yield OpenName(span, "LOC", kind, "last_word")


class _Near:
    """Spans in order of their start, to be asked for those around a stretch of text without looking at all of them."""

    def __init__(self, spans: list[Span]) -> None:
        self._spans = spans
        self._starts = [span.start for span in spans]
        self._longest = max(map(len, spans), default=0)

    def touching(self, stretch: Span) -> list[Span]:
        """The spans that overlap the stretch or meet its edges, in order."""
        first = bisect.bisect_left(self._starts, stretch.start - self._longest)
        last = bisect.bisect_right(self._starts, stretch.end)
        return [span for span in self._spans[first:last] if span.end >= stretch.start]


def visiting_verbs() -> re.Pattern[str]:
    """The verbs that a list of visited places follows (考察学习 A、B、C)."""
    return _visiting()


def _government(text: str, places: list[Span]) -> Iterator[OpenName]:
    pattern = _government_pattern()
    for place in places:
        match = pattern.match(text, place.end)
        if match:
            yield OpenName(Span(place.start, match.end()), "ORG", "government", "place_and_body")
    for match in _ranked_pattern().finditer(text):
        yield OpenName(Span(*match.span()), "ORG", "government", "rank_and_body")


def _name_start(text: str, head: int, whole: list[Span]) -> int:
    """Where the name that ends in a word at `head` begins: behind punctuation, or behind a word that ends it.

    Names in `whole` (places, known companies) are not cut: 和田 and 华为 hold characters that end a name elsewhere. A
    stretch that begins with a place is cut by words alone, for its characters are the name's: 浙江怡和卫浴有限公司.
    """
    start = head
    while start > 0 and head - start < _LONGEST_NAME and _NAME_CHARACTER.match(text[start - 1]):
        start -= 1
    near = [span for span in whole if start <= span.start < head]
    for match in _boundary().finditer(text, start, head):
        boundary = Span(*match.span())
        begins_with_place = any(span.start == start for span in near) and len(boundary) == 1
        if not begins_with_place and not any(span.holds(boundary) for span in near):
            start = boundary.end
    return start


def _visited_stretches(text: str) -> list[Span]:
    """The items of lists behind a verb of visiting: from the verb to the end of its clause."""
    stretches = []
    for verb in _visiting().finditer(text):
        end = _CLAUSE_END.search(text, verb.end())
        stretches.append(Span(verb.end(), end.start() if end else len(text)))
    return stretches


@functools.cache
def _kind_of() -> dict[str, str]:
    lexicon = load_lexicon("recognise")
    kinds = dict.fromkeys(lexicon["sites"]["heads"], "site")
    kinds |= dict.fromkeys(lexicon["sites"]["villages"], "village")
    for kind in ("company", "school", "media", "organisation"):
        kinds |= dict.fromkeys(lexicon["organisations"][kind], kind)
    return kinds


@functools.cache
def _heads() -> re.Pattern[str]:
    words = sorted(_kind_of(), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, words)))


@functools.cache
def _boundary() -> re.Pattern[str]:
    lexicon = load_lexicon("recognise")["name_boundary"]
    words = "|".join(sorted(map(re.escape, lexicon["words"]), key=len, reverse=True))
    return re.compile(f"{words}|[{re.escape(lexicon['characters'])}]")


@functools.cache
def _visiting() -> re.Pattern[str]:
    verbs = sorted(load_lexicon("recognise")["sites"]["visiting"], key=len, reverse=True)
    return re.compile(f"(?:{'|'.join(verbs)})(?!团|组|队)(?:了|过)?")


def _known_companies() -> re.Pattern[str]:
    return _listed_organisations("known_companies")


def _central_bodies() -> re.Pattern[str]:
    return _listed_organisations("central_bodies")


@functools.cache
def _listed_organisations(kind: str) -> re.Pattern[str]:
    names = sorted(load_lexicon("recognise")["organisations"][kind], key=len, reverse=True)
    return re.compile("|".join(map(re.escape, names)))


@functools.cache
def _government_pattern() -> re.Pattern[str]:
    return re.compile(load_lexicon("recognise")["organisations"]["government"].replace(r"\p{Han}", f"[{_HAN}]"))


@functools.cache
def _ranked_pattern() -> re.Pattern[str]:
    pattern = load_lexicon("recognise")["organisations"]["ranked"].replace(r"\p{Han}", f"[{_HAN}]")
    return re.compile(rf"(?<![{_HAN}]){pattern}")
