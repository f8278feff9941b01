"""Development zones, new areas and free-trade zones for the gazetteer: three lists made one, with their usual names."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from pipeline.gazetteer import sources
from pipeline.gazetteer.region import ALIAS, COUNTY, FULL, PREFECTURE, PROVINCE, ZONE, Name, Region

_ZONE_WORDS: Final = re.compile(
    r"(新区|开发区|园区|试验区|示范区|合作区|保税区|集聚区|管理区|产业园|工业园|科技园|工业区|科学城|实验区|度假区)$"
)
# Zones that bear no name of their own (经济开发区 of some county) can be named only beside their county.
_NAMELESS: Final = re.compile(
    r"^(省级|国家级|省|市|县|区)?(经济|高新|工业|技术|产业|技术产业|科技|综合|农业|循环|高新技术|经济技术|现代|生态|旅游|示范|创业|高校|街道|"
    r"化工|石化|物流|仓储|生物|医药|新材料|电子|信息|环保|特色|食品|装备|制造|汽车|轻工|纺织|服装|新能源|光电|农机|林业|"
    r"文化|商贸|自由贸易|临港|临空|空港|软件|数字|智能|国际|民营|中小企业|小微企业|再生资源|加工|出口|东部|西部|南部|北部)*"
    r"(开发区|园区|新区|保税区|集聚区|管理区|产业园|工业园|科技园|工业区|试验区|示范区|产业园区|工业园区|科技园区|度假区|港)$"
    r"|^(高新|经开|工业|保税)区$"
)
# The first ending that fits gives the shorter names.
_SHORTER: Final = (
    ("高新技术产业开发区", ("高新区", "高新技术开发区")),
    ("高新技术产业园区", ("高新区",)),
    ("新技术产业开发区", ("高新区",)),
    ("经济技术开发区", ("经开区", "开发区")),
    ("经济开发区", ("经开区", "开发区")),
)


def zone_regions(folder: Path, divisions: dict[str, Region]) -> tuple[list[Region], list[Name]]:
    """Zones of the hand-written list, of the statistical codes and of the national lists, in this order of trust.

    A zone whose name an earlier list has is not taken again; one whose place cannot be told is left out.
    """
    regions: list[Region] = []
    names: list[Name] = []
    taken: set[str] = set()
    places: dict[str, list[str]] = {}
    for zone_id, name, aliases, seat in (
        *_listed(divisions),
        *_statistical(folder, divisions),
        *_national(folder, divisions),
    ):
        if name in taken or _NAMELESS.match(name):
            continue
        holder = divisions[seat]
        forms = (name, *aliases, *_usual_names(name, holder, divisions))
        forms = tuple(dict.fromkeys(form for words in forms for form in _bracket_forms(words)))
        if any(_overlap(seat, other, divisions) for form in forms for other in places.get(form, ())):
            # The lists name the same zone twice, with a seat that one of them knows better: the first is kept.
            continue
        for form in forms:
            places.setdefault(form, []).append(seat)
        taken.update(forms)
        regions.append(
            Region(
                region_code=zone_id,
                name=name,
                short_name=forms[1] if len(forms) > 1 else name,
                level=ZONE,
                parent_code=seat,
                province_code=holder.province_code,
                prefecture_code=holder.prefecture_code,
            )
        )
        names.append(Name(name, zone_id, FULL))
        names += [Name(form, zone_id, ALIAS) for form in forms[1:]]
    return regions, names


def _bracket_forms(words: str) -> tuple[str, ...]:
    """中国(上海)自由贸易试验区 is written with half-width and with full-width brackets."""
    return (words, words.replace("(", "（").replace(")", "）"))


def _overlap(one: str, other: str, divisions: dict[str, Region]) -> bool:
    """Whether one of two seats holds the other, or both lie in one prefecture."""
    first, second = divisions[one], divisions[other]
    chains = [{r.region_code, r.parent_code, r.prefecture_code, r.province_code} for r in (first, second)]
    same_city = first.prefecture_code is not None and first.prefecture_code == second.prefecture_code
    return one in chains[1] or other in chains[0] or same_city


def _listed(divisions: dict[str, Region]) -> Iterable[tuple[str, str, tuple[str, ...], str]]:
    for row in sources.listed_zones():
        if row["seat"] not in divisions:
            raise sources.SourceError(f"zones.csv: {row['id']}: no division {row['seat']} is known")
        yield f"Z-{row['id']}", row["name"], tuple(a for a in row["aliases"].split("|") if a), row["seat"]


def _statistical(folder: Path, divisions: dict[str, Region]) -> Iterable[tuple[str, str, tuple[str, ...], str]]:
    codes = {(d.name, d.province_code, d.prefecture_code): d.region_code for d in divisions.values()}
    for row in sources.statistical_zones(folder):
        name = re.sub(r"(管理委员会|管委会)$", "", re.sub(r"[（(].*?[）)]", "", row["name"]))
        is_division = row["code"] in divisions
        province = codes.get((row["province"], row["code"][:2] + "0000", None))
        if is_division or province is None or not _ZONE_WORDS.search(name) or _NAMELESS.match(name):
            continue
        city = codes.get((row["city"], province, row["code"][:4] + "00"))
        county = codes.get((row["county"], province, city)) if row["county"] else None
        yield f"Z-{row['code']}", name, (), county or city or province


def _national(folder: Path, divisions: dict[str, Region]) -> Iterable[tuple[str, str, tuple[str, ...], str]]:
    """National zones are placed by the division that their name begins with, within the province where it is given.

    The seats that the source lists beside high-tech zones are partly guesses, and are not read.
    """
    provinces = {d.short_name: d.region_code for d in divisions.values() if d.level == PROVINCE}
    by_name: dict[str, list[Region]] = {}
    for division in divisions.values():
        if division.level in (PROVINCE, PREFECTURE, COUNTY):
            for form in {division.name, division.short_name}:
                by_name.setdefault(form, []).append(division)
    for name, province in sources.national_zones(folder):
        within = provinces.get(province) if province else None
        for length in range(min(6, len(name)), 1, -1):
            found = [d for d in by_name.get(name[:length], []) if within in (None, d.province_code)]
            if len(found) > 1:
                found = [d for d in found if d.level in (PROVINCE, PREFECTURE)] or found
            if len(found) == 1:
                digest = hashlib.sha256(name.encode()).hexdigest()[:8]
                yield f"Z-{digest}", name, (), found[0].region_code
                break


def _usual_names(name: str, holder: Region, divisions: dict[str, Region]) -> Iterable[str]:
    """合肥高新技术产业开发区 -> 合肥高新区; 河北唐山海港经济开发区 -> 唐山海港经济开发区, 唐山海港经开区.

    Only names that still begin with a place or a proper word are made: 高新区 alone names no zone.
    """
    province = divisions[holder.province_code] if holder.province_code else holder
    city = divisions.get(holder.prefecture_code or "", holder)
    stems = [name]
    for prefix in (province.name, province.short_name):
        if name.startswith(prefix) and len(name) > len(prefix) + 4 and not _NAMELESS.match(name[len(prefix) :]):
            stems.append(name[len(prefix) :])
            break
    for stem in tuple(stems):
        if stem.startswith(city.name) and city.name != city.short_name:
            stems.append(city.short_name + stem[len(city.name) :])
    for stem in stems:
        if _NAMELESS.match(stem):
            continue
        yield stem
        ending, shorter = next(((end, short) for end, short in _SHORTER if stem.endswith(end)), ("", ()))
        for short in shorter:
            form = stem[: -len(ending)] + short
            if not _NAMELESS.match(form):
                yield form
