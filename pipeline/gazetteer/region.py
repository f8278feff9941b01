"""What a region is: its code, level and names. The build writes these records, the gazetteer reads them back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PROVINCE: Final = "province"
PREFECTURE: Final = "prefecture"
COUNTY: Final = "county"
TOWNSHIP: Final = "township"
ZONE: Final = "zone"
COMPOSITE: Final = "composite"
COUNTRY: Final = "country"
FOREIGN_CITY: Final = "foreign_city"
FOREIGN_AREA: Final = "foreign_area"

DIVISION_LEVELS: Final = (PROVINCE, PREFECTURE, COUNTY, TOWNSHIP)
"""Levels of the administrative hierarchy, from the top."""
FOREIGN_LEVELS: Final = (COUNTRY, FOREIGN_CITY, FOREIGN_AREA)
LEVELS: Final = (*DIVISION_LEVELS, ZONE, COMPOSITE, *FOREIGN_LEVELS)

FULL: Final = "full"
SHORT: Final = "short"
FORMER: Final = "former"
ALIAS: Final = "alias"
LETTER: Final = "letter"
NAME_TYPES: Final = (FULL, SHORT, FORMER, ALIAS, LETTER)


@dataclass(frozen=True, slots=True)
class Region:
    """One region that can be named.

    `region_code`: GB/T 2260 for divisions down to the county, 9 digits for townships; an abolished division whose code
    was given to another one later carries its first year behind a hyphen. Zones, composites and foreign places have
    an id of the project (`Z-`, `C-`, `F-`). `parent_code` of a zone is the smallest division that holds its seat.

    `valid_from` is the first year at whose end the region was in force under this code (1981 is the oldest that the
    source knows), `valid_to` the first at whose end it no longer was; both None where unknown or still in force.
    `pinyin` has the readings of the short name in syllables without tones (tian chang, tian zhang), the likeliest
    first, of divisions in force down to the county.
    """

    region_code: str
    name: str
    short_name: str
    level: str
    parent_code: str | None = None
    province_code: str | None = None
    prefecture_code: str | None = None
    members: tuple[str, ...] = ()
    split: bool = False
    lon: float | None = None
    lat: float | None = None
    valid_from: int | None = None
    valid_to: int | None = None
    successor_codes: tuple[str, ...] = ()
    former_names: tuple[str, ...] = ()
    pinyin: tuple[str, ...] = ()

    @property
    def in_force(self) -> bool:
        """Whether the region exists today."""
        return self.valid_to is None

    def in_force_at(self, year: int) -> bool:
        """Whether a text of `year` can mean this region as a unit in force (the year of its end included)."""
        return (self.valid_from is None or self.valid_from <= 1981 or self.valid_from - 1 <= year) and (
            self.valid_to is None or year <= self.valid_to
        )


@dataclass(frozen=True, slots=True)
class Name:
    """One name of one region, with the years in which it was the region's name (None: always, as far as known)."""

    name: str
    region_code: str
    name_type: str
    valid_from: int | None = None
    valid_to: int | None = None
