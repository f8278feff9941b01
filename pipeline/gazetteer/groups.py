"""Composite regions and one-letter names for the gazetteer, from the hand-written lists."""

from __future__ import annotations

from pipeline.gazetteer import sources
from pipeline.gazetteer.region import ALIAS, COMPOSITE, COUNTY, FULL, LETTER, PREFECTURE, PROVINCE, Name, Region


def composite_regions(regions: dict[str, Region]) -> tuple[list[Region], list[Name]]:
    """Named groups of divisions; `members` are codes, without a centre. Raises SourceError on an unknown member."""
    codes = _codes_by_name(regions)
    composites, names = [], []
    for row in sources.composites():
        members = tuple(_code(member, codes, row["id"]) for member in row["members"])
        provinces = {regions[member].province_code for member in members}
        region = Region(
            region_code=f"C-{row['id']}",
            name=row["name"],
            short_name=row["name"],
            level=COMPOSITE,
            members=members,
            split=bool(row.get("split", False)),
            province_code=provinces.pop() if len(provinces) == 1 else None,
        )
        composites.append(region)
        names.append(Name(region.name, region.region_code, FULL))
        names += [Name(alias, region.region_code, ALIAS) for alias in row.get("aliases", [])]
    return composites, names


def letter_names(regions: dict[str, Region]) -> list[Name]:
    """One-letter abbreviations (晋, 沪, 甬) and epithets of cities (羊城). Raises SourceError on an unknown region."""
    codes = _codes_by_name(regions)
    return [
        Name(row["name"], _code(row["region"], codes, "letters.csv"), LETTER if len(row["name"]) == 1 else ALIAS)
        for row in sources.letters()
    ]


def _codes_by_name(regions: dict[str, Region]) -> dict[str, str]:
    """Full name -> code of divisions in force; the higher level wins, names of two counties are left out."""
    codes: dict[str, str] = {}
    for level in (PROVINCE, PREFECTURE, COUNTY):
        here = [region for region in regions.values() if region.level == level and region.in_force]
        seen: set[str] = set()
        for region in here:
            if region.name in seen:
                codes.pop(region.name, None)
            elif region.name not in codes:
                codes[region.name] = region.region_code
            seen.add(region.name)
    return codes


def _code(name: str, codes: dict[str, str], where: str) -> str:
    try:
        return codes[name]
    except KeyError:
        raise sources.SourceError(f"{where}: no single division in force is called {name!r}") from None
