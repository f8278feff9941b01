"""Short names of divisions: 恩施土家族苗族自治州 -> 恩施, 紫云苗族布依族自治县 -> 紫云, 黄岩区 -> 黄岩."""

from __future__ import annotations

import re
from typing import Final

from pipeline.gazetteer.region import COUNTY, PREFECTURE, PROVINCE

# The 56 ethnic groups (GB/T 3304) as they stand in names of autonomous divisions, without 族 where that is usual.
_ETHNIC: Final = [
    "汉",
    "蒙古",
    "回",
    "藏",
    "维吾尔",
    "苗",
    "彝",
    "壮",
    "布依",
    "朝鲜",
    "满",
    "侗",
    "瑶",
    "白",
    "土家",
    "哈尼",
    "哈萨克",
    "傣",
    "黎",
    "傈僳",
    "佤",
    "畲",
    "高山",
    "拉祜",
    "水",
    "东乡",
    "纳西",
    "景颇",
    "柯尔克孜",
    "土",
    "达斡尔",
    "仫佬",
    "羌",
    "布朗",
    "撒拉",
    "毛南",
    "仡佬",
    "锡伯",
    "阿昌",
    "普米",
    "塔吉克",
    "怒",
    "乌孜别克",
    "俄罗斯",
    "鄂温克",
    "德昂",
    "保安",
    "裕固",
    "京",
    "塔塔尔",
    "独龙",
    "鄂伦春",
    "赫哲",
    "门巴",
    "珞巴",
    "基诺",
    "各",
]
_GROUP: Final = "|".join(sorted((f"{group}族" for group in _ETHNIC), key=len, reverse=True))
# These stand without 族: 内蒙古自治区 keeps its name, 博尔塔拉蒙古自治州 drops 蒙古.
_BARE_GROUP: Final = "蒙古|哈萨克|柯尔克孜|维吾尔|塔吉克|锡伯|达斡尔|鄂温克|鄂伦春"
_AUTONOMOUS: Final = re.compile(rf"(?:{_GROUP}|{_BARE_GROUP})*(自治区|自治州|自治县|自治旗)$")

_SUFFIXES: Final = {
    PROVINCE: ("特别行政区", "省", "市"),
    PREFECTURE: ("地区", "市", "盟"),
    COUNTY: ("新区", "林区", "特区", "县", "市", "区", "旗"),
}
_WHOLE: Final = {"内蒙古自治区": "内蒙古", "东乡族自治县": "东乡", "鄂伦春自治旗": "鄂伦春", "鄂温克族自治旗": "鄂温克"}


def short_name(name: str, level: str) -> str:
    """The name without its rank and ethnic groups; the name itself where fewer than two characters would be left.

    >>> short_name("恩施土家族苗族自治州", "prefecture"), short_name("城区", "county"), short_name("邱县", "county")
    ('恩施', '城区', '邱县')
    """
    if name in _WHOLE:
        return _WHOLE[name]
    autonomous = _AUTONOMOUS.search(name)
    if autonomous:
        stem = name[: autonomous.start()]
        return stem if len(stem) >= 2 else name
    for suffix in _SUFFIXES.get(level, ()):
        if name.endswith(suffix):
            stem = name[: -len(suffix)]
            # 神农架林区 ends in the rank 林区; 北林区 is 北林 and the rank 区, and keeps its name.
            if suffix == "林区" and len(stem) < 3:
                continue
            return stem if len(stem) >= 2 else name
    return name


def rank_names(name: str, level: str) -> tuple[str, ...]:
    """Middle forms of autonomous divisions that keep the rank and drop the groups: 恩施州, 紫云自治县, 紫云县.

    >>> rank_names("恩施土家族苗族自治州", "prefecture")
    ('恩施自治州', '恩施州')
    """
    stem, autonomous = short_name(name, level), _AUTONOMOUS.search(name)
    if not autonomous or stem == name:
        return ()
    rank = autonomous.group(1)
    if rank == "自治区":
        return ()
    return tuple(form for form in (stem + rank, stem + rank.removeprefix("自治")) if form != name)
