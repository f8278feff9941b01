"""Reading the sources of the gazetteer: folders of public data sets, and the hand-written lists beside this module.

Each function returns plain rows of one source; `build` puts them together. Nothing here decides what a region is.
"""

from __future__ import annotations

import csv
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

LISTS: Final = Path(__file__).parent / "lists"


# Rows that a source keeps of townships that are gone (北关街道（撤销）), and placeholders that are a rank alone.
_NO_TOWNSHIP: Final = re.compile(r"撤|^(街道|镇|乡|街道办事处)$")


class SourceError(Exception):
    """A source is missing or is not what the build expects; the message says which file."""


@dataclass(frozen=True, slots=True)
class Division:
    """A division in force: code (6 digits, 9 for townships), full name, and the code of what holds it."""

    code: str
    name: str
    level: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class PastCode:
    """One code with one name for a stretch of years: [since, until); `successors` are (code, year or None)."""

    code: str
    name: str
    level: str
    parent_name: str
    since: int
    until: int | None
    successors: tuple[tuple[str, int | None], ...]


def divisions(folder: Path) -> Iterator[Division]:
    """Provinces, prefectures and counties in force, parents before children (`current/divisions_v1.json`)."""
    tree = _json(folder / "current" / "divisions_v1.json")
    for province, in_province in tree["provinces"].items():
        province_code = in_province["code"][:6]
        yield Division(province_code, province, "province", None)
        for city, in_city in in_province["cities"].items():
            holder = province_code
            if city:
                holder = in_city["code"][:6]
                yield Division(holder, city, "prefecture", province_code)
            for county, code in in_city["counties"].items():
                yield Division(code[:6], county, "county", holder)


def townships(folder: Path) -> Iterator[Division]:
    """Townships in force. Where the list of the ministry knows none of a county, those of the statistical codes.

    The second source writes zones and farms as townships too: of it only 街道, 镇 and 乡 are read. It also puts
    townships under zones that are no division (130171): these are given to the prefecture.
    """
    listed = _json(folder / "current" / "townships_v1.json")
    for county_code, in_county in listed.items():
        for name, code in in_county["townships"].items():
            if not _NO_TOWNSHIP.search(name):
                yield Division(code[:9], name, "township", county_code[:6])
    in_force = {division.code for division in divisions(folder)}
    zones = {row["code"] for row in statistical_zones(folder)}
    covered = {code[:6] for code in listed}
    for row in _csv(folder / "townships" / "streets.csv"):
        county, prefecture = row["areaCode"], row["areaCode"][:4] + "00"
        if county in covered or not re.search(r".(街道|镇|乡)$", row["name"]):
            continue
        if county in in_force:
            yield Division(row["code"][:9], row["name"], "township", county)
        elif county in zones and prefecture in in_force:
            yield Division(row["code"][:9], row["name"], "township", prefecture)


def past_codes(folder: Path) -> Iterator[PastCode]:
    """Every code of county level and above from 1981 on, with its years and successors (`areacodes/result.csv`)."""
    levels = {"省级": "province", "地级": "prefecture", "县级": "county"}
    for row in _csv(folder / "areacodes" / "result.csv"):
        until = row["变更/弃用时间"]
        yield PastCode(
            code=row["代码"],
            name=row["名称"],
            level=levels[row["级别"]],
            parent_name=row["二级行政区"],
            since=int(row["启用时间"]),
            until=int(until) if until else None,
            successors=tuple(_successor(part) for part in row["新代码"].split(";") if part),
        )


def recent_changes(folder: Path, after: int) -> Iterator[tuple[int, str, str]]:
    """(year, old code, new code) of divisions replaced after `after` (`current/historical_changes_v1.json`)."""
    for event in _json(folder / "current" / "historical_changes_v1.json")["events"]:
        old, new = event["old"] or {}, event["new"] or {}
        if event["year"] > after and old.get("code") and new.get("code") and old["code"] != new["code"]:
            yield event["year"], old["code"][:6], new["code"][:6]


def former_prefecture_names(folder: Path) -> Iterator[tuple[str, str, int, int]]:
    """(name today, former name, first year, last year) of prefectures renamed since 1987 (`crosswalk/`)."""
    today = {row["entity_id"]: row["canonical_name_zh"] for row in _csv(folder / "crosswalk" / "entities.csv")}
    for row in _csv(folder / "crosswalk" / "entity_names_1987_2026.csv"):
        if row["name_zh"] and row["name_zh"] != today.get(row["entity_id"], row["name_zh"]):
            yield today[row["entity_id"]], row["name_zh"], int(row["start_year"]), int(row["end_year"])


def written_variants(folder: Path) -> Iterator[tuple[str, str]]:
    """(name today, another way it is written) of prefectures: abbreviations and frequent misprints (`crosswalk/`)."""
    today = {row["entity_id"]: row["canonical_name_zh"] for row in _csv(folder / "crosswalk" / "entities.csv")}
    for row in _csv(folder / "crosswalk" / "aliases.csv"):
        if row["alias_type"] in ("common_abbreviation", "ocr_variant") and row["entity_id"] in today:
            yield today[row["entity_id"]], row["alias"]


def centres(folder: Path) -> dict[str, tuple[float, float]]:
    """Code (6 digits) -> longitude and latitude in degrees (`centres/adcodes.csv`; the datum is not stated)."""
    return {
        row["adcode"][:6]: (float(row["longitude"]), float(row["latitude"]))
        for row in _csv(folder / "centres" / "adcodes.csv")
        if row["longitude"] and row["latitude"] and row["adcode"].endswith("000000")
    }


def statistical_zones(folder: Path) -> Iterator[dict[str, str]]:
    """Zones that have a statistical code: code, name, level, province, city, county (`zones/`)."""
    yield from _csv(folder / "zones" / "devzones_from_nbs2023.tsv", delimiter="\t")


def national_zones(folder: Path) -> Iterator[tuple[str, str | None]]:
    """(name, province short name or None) of national development and high-tech zones (`zones/`, origin unknown)."""
    for row in _csv(folder / "zones" / "national_etdz_227.tsv", delimiter="\t"):
        yield row["name"], row["province"]
    for row in _csv(folder / "zones" / "national_hitech_to_district.tsv", delimiter="\t"):
        yield row["name"], None


def listed_zones() -> Iterator[dict[str, str]]:
    """New areas, free-trade zones and famous zones: id, name, aliases, seat, source (hand-written)."""
    yield from _csv(LISTS / "zones.csv")


def letters() -> Iterator[dict[str, str]]:
    """One-letter abbreviations and epithets: name, region, source (hand-written)."""
    yield from _csv(LISTS / "letters.csv")


def composites() -> list[dict[str, Any]]:
    """Composite regions: id, name, aliases, members, split, source (hand-written)."""
    with (LISTS / "composites.toml").open("rb") as file:
        return list(tomllib.load(file)["composite"])


def foreign_cities() -> Iterator[dict[str, str]]:
    """Foreign cities: name, aliases, english, country (hand-written, checked against GeoNames by the build)."""
    yield from _csv(LISTS / "foreign_cities.csv")


def foreign_areas() -> Iterator[dict[str, str]]:
    """Foreign regions that are not cities: id, name, aliases, country, source (hand-written)."""
    yield from _csv(LISTS / "foreign_regions.csv")


def _successor(part: str) -> tuple[str, int | None]:
    match = re.fullmatch(r"(\d{6})(?:\[(\d{4})\])?", part)
    if not match:
        raise SourceError(f"areacodes/result.csv: {part!r} is not a successor code")
    return match.group(1), int(match.group(2)) if match.group(2) else None


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SourceError(f"{path}: not found; the argument must be the folder of the gazetteer's sources") from error


def _csv(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file, delimiter=delimiter))
    except FileNotFoundError as error:
        raise SourceError(f"{path}: not found; the argument must be the folder of the gazetteer's sources") from error
