"""Divisions for the gazetteer: those in force with their parents and past names, and the abolished ones since 1981."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from pipeline.gazetteer import sources
from pipeline.gazetteer.region import COUNTY, FORMER, FULL, PREFECTURE, PROVINCE, SHORT, TOWNSHIP, Name, Region
from pipeline.gazetteer.short_names import rank_names, short_name
from pipeline.gazetteer.sources import Division, PastCode

LAST_YEAR_OF_CODES = 2024
"""The last year that the table of past codes covers; what is gone today but in force in it ended after it."""


def divisions_in_force(folder: Path) -> tuple[dict[str, Region], list[Name]]:
    """Regions by code and their names, from the province to the township."""
    centre = sources.centres(folder)
    history = _history(folder)
    regions: dict[str, Region] = {}
    names: list[Name] = []
    for division in (*sources.divisions(folder), *sources.townships(folder)):
        if division.code in regions:
            continue
        region = _region(division, regions)
        past = _same_unit(history.get(division.code, []), division.name)
        former = tuple(dict.fromkeys(row.name for row in past if row.name != division.name))
        lon, lat = centre.get(division.code, (None, None))
        region = replace(
            region, lon=lon, lat=lat, former_names=former, valid_from=min((row.since for row in past), default=None)
        )
        regions[region.region_code] = region
        names += _names_in_force(region)
        names += [
            name
            for row in past
            if row.name != division.name
            for name in _past_names(region.region_code, row.name, region.level, row.since, row.until)
        ]
    names += _prefecture_names(folder, regions)
    return regions, names


def abolished_divisions(folder: Path, in_force: dict[str, Region]) -> tuple[list[Region], list[Name]]:
    """Prefectures and counties that are no longer in force, with the codes of their successors."""
    history = _history(folder)
    recent = defaultdict(list)
    ended = {}
    for year, old, new in sources.recent_changes(folder, LAST_YEAR_OF_CODES - 1):
        if new in in_force and old not in in_force:
            recent[old].append(new)
            ended[old] = year
    regions: list[Region] = []
    names: list[Name] = []
    for code, rows in history.items():
        units = _units(rows)
        for unit in units:
            last = unit[-1]
            if code in in_force and last in _same_unit(rows, in_force[code].name):
                continue
            latest = unit is units[-1] and code not in in_force
            region_code = code if latest else f"{code}-{unit[0].since}"
            successors = tuple(dict.fromkeys(c for c, year in last.successors if year in (None, last.until)))
            successors = tuple(c for c in successors if c != region_code) or tuple(recent.get(code, ()))
            if not successors and last.level == PREFECTURE:
                successors = _successors_of_counties(last, history)
            regions.append(
                Region(
                    region_code=region_code,
                    name=last.name,
                    short_name=short_name(last.name, last.level),
                    level=last.level,
                    parent_code=_parent_of_past(last, in_force, history),
                    province_code=code[:2] + "0000",
                    prefecture_code=_prefecture_of_past(last, in_force, history),
                    valid_from=unit[0].since,
                    valid_to=last.until or ended.get(code, LAST_YEAR_OF_CODES + 1),
                    successor_codes=successors,
                    former_names=tuple(dict.fromkeys(row.name for row in unit if row.name != last.name)),
                )
            )
            for row in unit:
                names += _past_names(region_code, row.name, row.level, row.since, row.until)
    return regions, names


def _region(division: Division, holders: dict[str, Region]) -> Region:
    if division.parent is not None and division.parent not in holders:
        raise sources.SourceError(f"{division.code} {division.name}: its parent {division.parent} is not in force")
    parent = holders[division.parent] if division.parent else None
    province = division.code if parent is None else parent.province_code
    prefecture = division.code if division.level == PREFECTURE else parent.prefecture_code if parent else None
    return Region(
        region_code=division.code,
        name=division.name,
        short_name=short_name(division.name, division.level),
        level=division.level,
        parent_code=division.parent,
        province_code=province,
        prefecture_code=prefecture,
    )


def _names_in_force(region: Region) -> Iterable[Name]:
    yield Name(region.name, region.region_code, FULL)
    if region.level == TOWNSHIP:
        return
    for form in rank_names(region.name, region.level):
        yield Name(form, region.region_code, FULL)
    if region.short_name != region.name:
        yield Name(region.short_name, region.region_code, SHORT)


def _past_names(code: str, name: str, level: str, since: int, until: int | None) -> Iterable[Name]:
    for form in dict.fromkeys((name, *rank_names(name, level), short_name(name, level))):
        yield Name(form, code, FORMER, since, until)


def _prefecture_names(folder: Path, regions: dict[str, Region]) -> Iterable[Name]:
    codes = {region.name: region.region_code for region in regions.values() if region.level in (PROVINCE, PREFECTURE)}
    for today, former, first, last in sources.former_prefecture_names(folder):
        if today in codes:
            yield from _past_names(codes[today], former, PREFECTURE, first, last + 1)
    for today, variant in sources.written_variants(folder):
        if today in codes:
            yield Name(variant, codes[today], "alias")


def _history(folder: Path) -> dict[str, list[PastCode]]:
    history: dict[str, list[PastCode]] = defaultdict(list)
    for row in sources.past_codes(folder):
        history[row.code].append(row)
    for rows in history.values():
        rows.sort(key=lambda row: row.since)
    return dict(history)


def _units(rows: list[PastCode]) -> list[list[PastCode]]:
    """Splits the rows of one code into the units that bore it.

    A row that ends in the year in which the next begins was renamed in place (襄樊市 -> 襄阳市); a gap of years
    between rows of different names means that the code was given to another unit.
    """
    units: list[list[PastCode]] = []
    for row in rows:
        previous = units[-1][-1] if units else None
        if previous is not None and (previous.until == row.since or previous.name == row.name):
            units[-1].append(row)
        else:
            units.append([row])
    return units


def _same_unit(rows: list[PastCode], name: str) -> list[PastCode]:
    """The rows of the unit that bears the code today under `name`; none where the table does not know it yet."""
    for unit in _units(rows):
        if unit[-1].until is None and unit[-1].name == name:
            return unit
    return []


def _successors_of_counties(prefecture: PastCode, history: dict[str, list[PastCode]]) -> tuple[str, ...]:
    """The prefectures that took over the counties of an abolished one, for the source leaves its own cell empty."""
    heirs: dict[str, None] = {}
    for rows in history.values():
        for row in rows:
            inside = row.code[:4] == prefecture.code[:4] and row.level == COUNTY
            if inside and row.until == prefecture.until:
                for code, year in row.successors:
                    # 省直辖 counties have no prefecture: they are heirs themselves.
                    if year in (None, row.until):
                        heirs[
                            code if code[2:4] == "90" or code[:2] in ("11", "12", "31", "50") else code[:4] + "00"
                        ] = None
    return tuple(heir for heir in heirs if heir != prefecture.code)


def _prefecture_of_past(row: PastCode, in_force: dict[str, Region], history: dict[str, list[PastCode]]) -> str | None:
    if row.level == PREFECTURE:
        return row.code
    code = row.code[:4] + "00"
    return code if row.level == COUNTY and (code in in_force or code in history) else None


def _parent_of_past(row: PastCode, in_force: dict[str, Region], history: dict[str, list[PastCode]]) -> str | None:
    if row.level == PROVINCE:
        return None
    prefecture = _prefecture_of_past(row, in_force, history) if row.level == COUNTY else None
    return prefecture or row.code[:2] + "0000"
