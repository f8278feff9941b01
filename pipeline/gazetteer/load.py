"""Reading the compiled gazetteer, once per process: regions by code, the codes of a name, and containment."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.gazetteer.region import COMPOSITE, Name, Region

GAZETTEER_FOLDER: Final = Path(__file__).parent.parent / "resources" / "gazetteer"

_CODES = pa.list_(pa.string())
REGION_SCHEMA: Final = pa.schema(
    [
        pa.field("region_code", pa.string(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("short_name", pa.string(), nullable=False),
        pa.field("level", pa.string(), nullable=False),
        pa.field("parent_code", pa.string()),
        pa.field("province_code", pa.string()),
        pa.field("prefecture_code", pa.string()),
        pa.field("members", _CODES, nullable=False),
        pa.field("split", pa.bool_(), nullable=False),
        pa.field("lon", pa.float64()),
        pa.field("lat", pa.float64()),
        pa.field("valid_from", pa.int16()),
        pa.field("valid_to", pa.int16()),
        pa.field("successor_codes", _CODES, nullable=False),
        pa.field("former_names", _CODES, nullable=False),
        pa.field("pinyin", _CODES, nullable=False),
    ]
)
NAME_SCHEMA: Final = pa.schema(
    [  # type: ignore[arg-type]  # the stubs take no list of fields of several types
        pa.field("name", pa.string(), nullable=False),
        pa.field("region_code", pa.string(), nullable=False),
        pa.field("name_type", pa.string(), nullable=False),
        pa.field("valid_from", pa.int16()),
        pa.field("valid_to", pa.int16()),
    ]
)


class Gazetteer:
    """Regions by code and names by their words; immutable after it is made.

    `regions`: code -> Region. `names`: words -> the names written so, of every region that bears them.
    """

    def __init__(self, regions: Iterable[Region], names: Iterable[Name]) -> None:
        self.regions: Mapping[str, Region] = {region.region_code: region for region in regions}
        by_words: dict[str, list[Name]] = {}
        for name in names:
            by_words.setdefault(name.name, []).append(name)
        self.names: Mapping[str, tuple[Name, ...]] = {words: tuple(found) for words, found in by_words.items()}

    def __getitem__(self, code: str) -> Region:
        return self.regions[code]

    def get(self, code: str | None) -> Region | None:
        """The region of `code`, or None."""
        return self.regions.get(code) if code else None

    def ancestors(self, code: str) -> tuple[str, ...]:
        """The codes that hold `code`, from its parent up to the province (or country)."""
        chain: list[str] = []
        region = self.regions[code]
        while region.parent_code and region.parent_code in self.regions and region.parent_code not in chain:
            chain.append(region.parent_code)
            region = self.regions[region.parent_code]
        return tuple(chain)

    def contains(self, outer: str, inner: str) -> bool:
        """Whether region `outer` holds region `inner` (not itself); a composite holds what its members hold."""
        if outer == inner:
            return False
        region = self.regions[outer]
        if region.level == COMPOSITE:
            return any(member == inner or self.contains(member, inner) for member in region.members)
        return outer in self.ancestors(inner)

    def today(self, code: str) -> tuple[str, ...]:
        """The divisions in force that an abolished one became, itself where it is in force; may be none or several."""
        found: dict[str, None] = {}
        pending, seen = [code], set()
        while pending:
            current = pending.pop(0)
            if current in seen or current not in self.regions:
                continue
            seen.add(current)
            region = self.regions[current]
            if region.in_force:
                found[current] = None
            pending.extend(() if region.in_force else region.successor_codes)
        return tuple(found)


def read_regions(folder: Path = GAZETTEER_FOLDER) -> list[Region]:
    """The compiled regions, sorted by code."""
    columns = pq.read_table(folder / "regions.parquet").to_pydict()
    for field in REGION_SCHEMA:
        if field.type == _CODES:
            columns[field.name] = list(map(tuple, columns[field.name]))
    return [Region(*row) for row in zip(*(columns[field.name] for field in REGION_SCHEMA), strict=True)]


def read_names(folder: Path = GAZETTEER_FOLDER) -> list[Name]:
    """The compiled names, sorted."""
    columns = pq.read_table(folder / "names.parquet").to_pydict()
    return [Name(*row) for row in zip(*(columns[field.name] for field in NAME_SCHEMA), strict=True)]


@functools.cache
def load_gazetteer() -> Gazetteer:
    """The project's gazetteer, read once per process."""
    return Gazetteer(read_regions(), read_names())


@functools.cache
def gazetteer_hash() -> str:
    """SHA-256 over the compiled files, hexadecimal: the version of the gazetteer in every fingerprint."""
    digest = hashlib.sha256()
    for filename in ("names.parquet", "regions.parquet"):
        digest.update((GAZETTEER_FOLDER / filename).read_bytes())
    return digest.hexdigest()
