from __future__ import annotations

import pytest

from pipeline.gazetteer import Gazetteer
from pipeline.gazetteer.region import LETTER, LEVELS, NAME_TYPES
from pipeline.gazetteer.short_names import rank_names, short_name


def test_every_division_in_force_is_there(gazetteer: Gazetteer) -> None:
    counts = {
        level: sum(r.in_force for r in gazetteer.regions.values() if r.level == level)
        for level in ("province", "prefecture", "county", "township")
    }
    assert (counts["province"], counts["prefecture"], counts["county"]) == (34, 333, 2847)
    assert counts["township"] > 38_000


def test_codes_and_parents_fit_together(gazetteer: Gazetteer) -> None:
    for region in gazetteer.regions.values():
        assert region.level in LEVELS
        for code in (region.parent_code, region.province_code, *region.members, *region.successor_codes):
            assert code is None or code in gazetteer.regions, (region.region_code, code)
        if region.in_force and region.level in ("prefecture", "county", "township"):
            assert region.region_code[:2] == (region.province_code or "")[:2]
            assert gazetteer.contains(region.province_code or "", region.region_code)
        if region.level == "county" and region.in_force:
            assert region.prefecture_code in (None, region.region_code[:4] + "00")
        if region.lon is not None and region.level in ("province", "prefecture", "county"):
            assert 73 < region.lon < 136
            assert 3 < (region.lat or 0) < 54


def test_every_name_has_a_region_and_every_region_a_name(gazetteer: Gazetteer) -> None:
    named = {name.region_code for names in gazetteer.names.values() for name in names}
    assert named == set(gazetteer.regions)
    assert {name.name_type for names in gazetteer.names.values() for name in names} == set(NAME_TYPES)


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("太原市", {"140100"}),
        ("屿头乡", {"331003200", "350128201"}),
        ("朝阳区", {"110105", "220104"}),
        ("吉林", {"220000", "220200"}),
        ("恩施州", {"422800"}),
        ("紫云自治县", {"520425", "522530"}),
        ("襄樊市", {"420600"}),
        ("公主岭市", {"220184", "220381", "220319", "229001"}),
        ("底特律", {"F-US-4990729"}),
        ("京津冀", {"C-jing-jin-ji"}),
        ("前海", {"Z-qianhai"}),
        ("合肥高新区", {"Z-hefei-hitech"}),
        ("甬", {"330200"}),
        ("沪", {"310000"}),
    ],
)
def test_names_lead_to_their_regions(gazetteer: Gazetteer, name: str, codes: set[str]) -> None:
    assert {entry.region_code for entry in gazetteer.names[name]} == codes


@pytest.mark.parametrize(
    ("old", "today"),
    [
        ("371200", {"370100"}),  # 莱芜市, since the end of 2018 in 济南市
        ("341400", {"340100", "340200", "340500"}),  # 巢湖市, split in 2011
        ("220381", {"220184"}),  # 公主岭市, moved to 长春 in 2020
        ("110103", {"110101"}),  # 崇文区, merged into 东城区
        ("320684", {"320614"}),  # 海门市, a district since 2020
        ("500112", {"500157"}),  # 渝北区, part of 两江新区 since 2025
    ],
)
def test_abolished_divisions_lead_to_their_successors(gazetteer: Gazetteer, old: str, today: set[str]) -> None:
    assert not gazetteer[old].in_force
    assert set(gazetteer.today(old)) == today


def test_years_tell_a_division_from_its_successor(gazetteer: Gazetteer) -> None:
    assert gazetteer["371200"].in_force_at(2017)
    assert not gazetteer["371200"].in_force_at(2021)
    assert gazetteer["140100"].in_force_at(1985)


def test_composites_hold_what_their_members_hold(gazetteer: Gazetteer) -> None:
    assert gazetteer["C-jing-jin-ji"].members == ("110000", "120000", "130000")
    assert gazetteer.contains("C-jing-jin-ji", "130100")
    assert not gazetteer.contains("C-jing-jin-ji", "140100")
    assert len(gazetteer["C-greater-bay-area"].members) == 11


def test_one_letter_names_are_marked_as_such(gazetteer: Gazetteer) -> None:
    letters = {words for words, names in gazetteer.names.items() if any(n.name_type == LETTER for n in names)}
    assert {"晋", "沪", "甬", "粤", "桂", "苏", "浙"} <= letters
    assert all(len(words) == 1 for words in letters)


@pytest.mark.parametrize(
    ("name", "level", "short"),
    [
        ("内蒙古自治区", "province", "内蒙古"),
        ("广西壮族自治区", "province", "广西"),
        ("香港特别行政区", "province", "香港"),
        ("大兴安岭地区", "prefecture", "大兴安岭"),
        ("锡林郭勒盟", "prefecture", "锡林郭勒"),
        ("克孜勒苏柯尔克孜自治州", "prefecture", "克孜勒苏"),
        ("双江拉祜族佤族布朗族傣族自治县", "county", "双江"),
        ("积石山保安族东乡族撒拉族自治县", "county", "积石山"),
        ("龙胜各族自治县", "county", "龙胜"),
        ("前郭尔罗斯蒙古族自治县", "county", "前郭尔罗斯"),
        ("神农架林区", "county", "神农架"),
        ("北林区", "county", "北林"),
        ("浦东新区", "county", "浦东"),
        ("邱县", "county", "邱县"),
        ("城区", "county", "城区"),
    ],
)
def test_short_names(name: str, level: str, short: str) -> None:
    assert short_name(name, level) == short


def test_autonomous_divisions_have_names_with_their_rank() -> None:
    assert rank_names("湘西土家族苗族自治州", "prefecture") == ("湘西自治州", "湘西州")
    assert rank_names("紫云苗族布依族自治县", "county") == ("紫云自治县", "紫云县")
    assert rank_names("太原市", "prefecture") == ()
