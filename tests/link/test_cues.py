from __future__ import annotations

import pytest

from pipeline.extraction import extract
from pipeline.link import frames
from pipeline.link.cues import load_exclusions
from pipeline.resources import load_lexicon

CUES = load_lexicon("cues")["cue"]
EXCLUSIONS = load_lexicon("exclusions")["exclusion"]
OTHER_EXCLUSIONS = [load_lexicon("exclusions")[table] for table in ("leaders", "aid", "events", "generic")]


@pytest.mark.parametrize("cue", CUES, ids=[cue["name"] for cue in CUES])
def test_the_example_of_each_cue_yields_its_links(cue: dict) -> None:
    links = extract(cue["example"]).links
    assert [f"{link.learner.name} > {link.model.name}" for link in links] == cue["links"]
    assert {link.relation for link in links} == {cue["relation"]}
    assert {link.rule for link in links} <= {cue["name"], *cue.get("rules", ())}


@pytest.mark.parametrize(
    "exclusion", [*EXCLUSIONS, *OTHER_EXCLUSIONS], ids=lambda row: row.get("name", row["example"][:8])
)
def test_the_example_of_each_exclusion_yields_no_link(exclusion: dict) -> None:
    assert extract(exclusion["example"]).links == ()


@pytest.mark.parametrize("exclusion", EXCLUSIONS, ids=[row["name"] for row in EXCLUSIONS])
def test_it_is_the_exclusion_that_keeps_the_link_out(exclusion: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    others = tuple(row for row in load_exclusions() if row.name != exclusion["name"])
    monkeypatch.setattr(frames, "load_exclusions", lambda: others)
    assert extract(exclusion["example"]).links


def test_a_region_that_names_no_model_is_marked_as_generic() -> None:
    (learner,) = extract(load_lexicon("exclusions")["generic"]["example"]).learners
    assert (learner.region_name, learner.generic) == ("赣州市", True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("赣州市开展对标一流活动,树立先进标准。", []),
        ("荆州市党政代表团赴湖北省黄石市、鄂州市学习考察。", ["荆州市 > 黄石市", "荆州市 > 鄂州市"]),
        ("绵阳市代表团赴江浙沪学习考察。", ["绵阳市 > 江苏省", "绵阳市 > 浙江省", "绵阳市 > 上海市"]),
        ("泸州市学习借鉴新加坡城市管理经验。", ["泸州市 > 新加坡"]),
        ("娄底市对标长三角,提升服务。", ["娄底市 > 长三角"]),
        ("习近平总书记赴湖南考察调研。", []),
        ("湖北省领导赴宜昌市考察调研。", []),
        ("三明市代表团赴深圳招商推介。", []),
        ("海尔集团有限公司赴武汉考察学习。", []),
        ("洛阳市对标洛阳市先进单位。", []),
        ("赤峰市党政代表团赴江苏三市考察学习。", ["赤峰市 > 江苏省"]),
    ],
)
def test_what_is_a_link_and_what_is_none(text: str, expected: list[str]) -> None:
    assert [f"{link.learner.name} > {link.model.name}" for link in extract(text).links] == expected


def test_unnamed_members_of_a_province_are_underspecified() -> None:
    (link,) = extract("赤峰市党政代表团赴江苏三市考察学习。").links
    assert (link.model.kind, link.model.code, link.model.text) == ("underspecified", "320000", "江苏三市")


def test_three_cities_stand_for_the_cities_named_before() -> None:
    text = "遵义市代表团赴佛山市、中山市、江门市考察,提出要学习借鉴三市产业转型的好经验好做法。"
    links = extract(text).links
    assert [(link.model.name, link.relation, link.aspects) for link in links] == [
        (name, "learns_from", ("产业转型",)) for name in ("佛山市", "中山市", "江门市")
    ]


def test_a_zone_that_is_itself_the_model_keeps_its_name_and_the_code_of_its_county() -> None:
    (link,) = extract("宜宾市对标苏州工业园区经验。").links
    assert (link.model.kind, link.model.name, link.model.code) == ("zone", "苏州工业园区", "320505")


def test_one_link_a_pair_with_the_strongest_relation() -> None:
    text = "九江市代表团赴佛山市考察学习。\n九江市提出,要对标佛山市智能制造。"
    (link,) = extract(text).links
    assert link.relation == "benchmarks"
    assert link.evidence.of(text) == "九江市提出,要对标佛山市智能制造。"
    assert link.aspects == ("智能制造",)


def test_our_city_as_the_goal_of_a_visit_makes_the_home_the_model() -> None:
    result = extract("岳阳市代表团来我市考察学习城市管理工作。", source_name="株洲市人民政府")
    assert [(link.learner.name, link.model.name) for link in result.links] == [("岳阳市", "株洲市")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("岳阳市深入学习贯彻习近平总书记重要讲话精神,对标长沙营商环境。", ["岳阳市 > 长沙市"]),
        ("株洲市不再对标武汉。", []),
        ("株洲市没有赴武汉考察学习。", []),
        ("岳阳市在长沙市召开学习会议。", []),
        ("岳阳籍企业家在深圳考察学习。", []),
        ("岳阳市民李某到长沙学习驾驶。", []),
        ("荆州市与宜昌市联合赴苏州考察学习。", ["荆州市 > 苏州市", "宜昌市 > 苏州市"]),
        ("由市长带队的宜昌市党政代表团赴佛山考察学习。", ["宜昌市 > 佛山市"]),
        ("对标广州、佛山,肇庆市加快转型。", ["肇庆市 > 广州市", "肇庆市 > 佛山市"]),
        ("衡阳市召开全会。会议强调,要对标长沙,学习借鉴佛山经验。", ["衡阳市 > 长沙市", "衡阳市 > 佛山市"]),
        ("邵阳市学习运用浙江经验。", ["邵阳市 > 浙江省"]),
    ],
)
def test_who_acts_and_what_only_looks_like_a_link(text: str, expected: list[str]) -> None:
    assert [f"{link.learner.name} > {link.model.name}" for link in extract(text).links] == expected


@pytest.mark.parametrize(
    "text",
    [
        "我市党政代表团赴上海、苏州、杭州三地学习考察。",
        "我市要以深圳为标杆,学习借鉴浙江经验。",
        "考察团赴深圳考察学习。代表团一行在佛山考察。",
    ],
)
def test_a_model_is_never_taken_for_the_home(text: str) -> None:
    result = extract(text)
    assert result.links == ()
    assert result.home.region_code is None


def test_a_long_row_of_clauses_is_read_in_bounded_time() -> None:
    text = "湘潭市对标长沙营商环境，" * 400
    (link,) = extract(text).links
    assert (link.learner.name, link.model.name) == ("湘潭市", "长沙市")
    assert len(link.evidence) <= 600


def test_verbs_in_a_row_take_one_list_of_sites() -> None:
    text = "宜春市代表团赴深圳考察学习,先后考察并参观了华强电子公司、莲花山公园。"
    (link,) = extract(text).links
    assert [site.text for site in link.sites] == ["华强电子公司", "莲花山公园"]
