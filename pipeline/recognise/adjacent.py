"""Places written without a mark between them (福建晋江, 江西省吉安市青原区, 粤桂), cut into their units."""

from __future__ import annotations

import functools
from typing import Final

from pipeline.gazetteer import Gazetteer, load_gazetteer
from pipeline.gazetteer.region import (
    COMPOSITE,
    COUNTRY,
    COUNTY,
    DIVISION_LEVELS,
    FOREIGN_CITY,
    FULL,
    LETTER,
    PREFECTURE,
    PROVINCE,
    ZONE,
)
from pipeline.records import Span

_UNIT_ENDS: Final = ("省", "市", "县", "区", "州", "盟", "旗", "镇", "乡", "街道", "社区", "村")
_SHORTEST_UNIT: Final = 2
_LONGEST_DIVISION: Final = 15
_FACILITIES: Final = ("馆", "中心", "之家", "展厅", "所", "站")
_LEVELS: Final = (*DIVISION_LEVELS, COUNTRY, FOREIGN_CITY)
_LISTED_LEVELS: Final = (PROVINCE, PREFECTURE, COUNTY, COUNTRY)
"""Short names of these stand side by side without a mark: 青岛烟台威海."""
_KINDS: Final = ("古城", "新城", "新区", "温泉", "景区", "老城", "城区", "公园", "滨江", "滨海", "试验区")
"""Names of divisions that behind another place name a kind of site: 潮州古城."""
_BARE_ENDS: Final = ("新区", "城区", "市区", "老区", "园区", "境内", "地区")


def cut_places(span: Span, text: str, gazetteer: Gazetteer) -> list[Span]:
    """The units of a stretch of `text` that reads as one place; the stretch itself where it is one.

    A stretch is cut where it begins with a division and the rest is a name of the gazetteer, or ends as a unit does
    (村, 社区, 镇); the name of a site keeps the place that it begins with (太原武宿国际机场).
    """
    words = span.of(text)
    if len(words) == 2 and all(character in _letters() for character in words) and _is_pair(words, gazetteer):
        return [Span(span.start, span.start + 1), Span(span.start + 1, span.end)]
    spans, start = [], span.start
    for part in _units(words, gazetteer):
        spans.append(Span(start, start + len(part)))
        start += len(part)
    return spans


def _units(words: str, gazetteer: Gazetteer) -> list[str]:
    """The units of `words`, the longest division first from the left; `[words]` where they are one name."""
    names = gazetteer.names.get(words, ())
    in_place = any(_is_zone_of(words[at:], words[:at], gazetteer) for at in range(2, len(words) - 2))
    if names and (not in_place or any(name.name_type == FULL for name in names)):
        return [words]
    for length in range(len(words) - _SHORTEST_UNIT, 1, -1):
        head, rest = words[:length], words[length:]
        if not _is_division(head, gazetteer):
            continue
        behind = _units(rest, gazetteer)
        if head.endswith(_UNIT_ENDS) and len(head) > _SHORTEST_UNIT:
            if rest not in _BARE_ENDS and not rest.endswith(_FACILITIES):
                return [head, *behind]
        elif _is_zone_of(rest, head, gazetteer):
            return [head, rest]
        elif all(_is_division(part, gazetteer) or _ends_as_unit(part) for part in behind) and (
            behind[0].endswith(_UNIT_ENDS)
            or _holds(head, behind[0], gazetteer)
            or all(_is_division(part, gazetteer, _LISTED_LEVELS) for part in (head, *behind))
        ):
            return [head, *behind]
    return [words]


def division_that_begins(words: str, gazetteer: Gazetteer) -> str:
    """The longest name of a division that begins the words, other than all of them; empty where none does."""
    lengths = range(min(len(words) - 1, _LONGEST_DIVISION), 1, -1)
    return next((words[:length] for length in lengths if _is_division(words[:length], gazetteer)), "")


def is_full_name(words: str, gazetteer: Gazetteer) -> bool:
    """Whether the words are the full name of a division."""
    return any(
        name.name_type == FULL and gazetteer[name.region_code].level in DIVISION_LEVELS
        for name in gazetteer.names.get(words, ())
    )


def _holds(outer: str, inner: str, gazetteer: Gazetteer) -> bool:
    return any(
        gazetteer.contains(a.region_code, b.region_code)
        for a in gazetteer.names.get(outer, ())
        for b in gazetteer.names.get(inner, ())
    )


def _is_division(words: str, gazetteer: Gazetteer, levels: tuple[str, ...] = _LEVELS) -> bool:
    return any(
        gazetteer[name.region_code].level in levels and name.name_type != LETTER
        for name in gazetteer.names.get(words, ())
    ) and (words not in _KINDS)


def _is_zone_of(words: str, place: str, gazetteer: Gazetteer) -> bool:
    """Whether the words are a zone's own name, and one in the place: 上海 | 张江高新区, but not 抚顺经济开发区."""
    codes = {name.region_code for name in gazetteer.names.get(words, ())}
    return len(codes) == 1 and all(gazetteer[code].level == ZONE for code in codes) and _holds(place, words, gazetteer)


def _is_pair(words: str, gazetteer: Gazetteer) -> bool:
    """Whether two letters are no name but one of the two together (粤桂, 港澳)."""
    return all(gazetteer[name.region_code].level == COMPOSITE for name in gazetteer.names.get(words, ()))


def _ends_as_unit(words: str) -> bool:
    return len(words) > _SHORTEST_UNIT and words.endswith(_UNIT_ENDS) and not words.endswith(("区", "小镇"))


@functools.cache
def _letters() -> frozenset[str]:
    """One-letter names of provinces and cities."""
    return frozenset(
        words
        for words, names in load_gazetteer().names.items()
        if len(words) == 1 and any(name.name_type == LETTER for name in names)
    )
