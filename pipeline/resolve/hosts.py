"""Which division a url belongs to: sites are named in pinyin (yangshan.gov.cn) or by its initials (lcx.gov.cn)."""

from __future__ import annotations

import functools
import itertools
import re
from typing import Final
from urllib.parse import urlsplit

from pipeline.gazetteer import Gazetteer
from pipeline.gazetteer.region import COUNTY, Region

_COMMON_LABELS: Final = frozenset(
    {"www", "gov", "cn", "com", "net", "org", "news", "public", "m", "xxgk", "zwgk", "zfxxgk"}
)
_WORD: Final = re.compile(r"[a-z]+")
_SHORTEST_IN_PATH: Final = 5
_RANKS: Final = {"县": ("x", "xian"), "区": ("q", "qu"), "市": ("s", "shi"), "旗": ("q", "qi")}
_OFFICES: Final = ("", "zf", "rmzf", "xzf", "qzf", "szf", "w", "xw")
"""What stands behind a place in the name of a government's site: 政府, 人民政府, 县政府, 网."""


def county_of_url(url: str, publisher: str, gazetteer: Gazetteer) -> str | None:
    """The county of `publisher` (a prefecture or province) that alone the url names, or None.

    A label of the host may be the county's pinyin or initials, with the rank, the office, or the province or prefecture
    around it; a part of the path must be the pinyin as it stands.
    """
    try:
        parts = urlsplit(url.lower())
    except ValueError:  # http://[x
        return None
    labels = [label for label in (parts.hostname or "").split(".") if label not in _COMMON_LABELS]
    path = set(_WORD.findall(parts.path))
    own = frozenset().union(*_forms(gazetteer[publisher], ("",)))
    labels = [label for label in labels if label not in own]
    in_full: set[str] = set()
    in_initials: set[str] = set()
    for code, spelt, initials in _counties_of(publisher, gazetteer):
        if any(label in spelt for label in labels) or any(
            w in spelt and len(w) >= _SHORTEST_IN_PATH for w in path - own
        ):
            in_full.add(code)
        if any(label in initials for label in labels):
            in_initials.add(code)
    found = in_full or in_initials
    return found.pop() if len(found) == 1 else None


@functools.lru_cache(maxsize=4096)
def _counties_of(publisher: str, gazetteer: Gazetteer) -> tuple[tuple[str, frozenset[str], frozenset[str]], ...]:
    """(code, names spelt out, names in initials) of the counties in a prefecture or province."""
    rows = []
    for region in _counties_by_holder(gazetteer).get(publisher, ()):
        holders = [gazetteer[code] for code in gazetteer.ancestors(region.region_code)]
        prefixes = ["", "zg"]
        for holder in holders:
            if holder.pinyin:
                prefixes += [_initials(holder.pinyin[0]), holder.pinyin[0].replace(" ", "")]
        if len(holders) == 2 and all(holder.pinyin for holder in holders):
            prefixes.append(_initials(holders[1].pinyin[0]) + _initials(holders[0].pinyin[0]))
        spelt, initials = _forms(region, tuple(prefixes))
        rows.append((region.region_code, spelt, initials))
    return tuple(rows)


@functools.lru_cache(maxsize=4)
def _counties_by_holder(gazetteer: Gazetteer) -> dict[str, list[Region]]:
    by_holder: dict[str, list[Region]] = {}
    for region in gazetteer.regions.values():
        if region.level == COUNTY and region.in_force and region.pinyin:
            for holder in gazetteer.ancestors(region.region_code):
                by_holder.setdefault(holder, []).append(region)
    return by_holder


def _forms(region: Region, prefixes: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """How a site names the region: spelt out, and in initials; initials of two letters need a rank or an office."""
    ranks = ("", *_RANKS.get(region.name[-1], ()))
    full: set[str] = set()
    brief: set[str] = set()
    for reading in region.pinyin:
        for before, rank, office in itertools.product(prefixes, ranks, _OFFICES):
            full.add(before + reading.replace(" ", "") + rank + office)
            if before or rank or office:
                brief.add(before + _initials(reading) + rank + office)
    return frozenset(full), frozenset(brief)


def _initials(reading: str) -> str:
    return "".join(syllable[0] for syllable in reading.split())
