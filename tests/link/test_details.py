from __future__ import annotations

from datetime import date

import pytest

from pipeline.extraction import extract
from pipeline.records import Link, Visit

JOURNEY = (
    "2022年6月8日至10日,衡阳市委副书记、市长朱健率党政代表团赴佛山市学习考察。"
    "佛山市委书记郑轲,市委常委、秘书长蔡家华陪同考察。"
)


def only_link(text: str, **more: str) -> Link:
    (link,) = extract(text, **more).links
    return link


def test_leader_host_offices_and_days_are_those_written() -> None:
    assert only_link(JOURNEY).visit == Visit(
        leader="朱健",
        leader_title="衡阳市委副书记、市长",
        host="郑轲",
        host_title="佛山市委书记",
        visited_from=date(2022, 6, 8),
        visited_to=date(2022, 6, 10),
        days=3,
    )


def test_the_leader_is_none_where_nobody_is_named() -> None:
    visit = only_link("衡阳市党政代表团赴佛山市学习考察。").visit
    assert visit is not None
    assert (visit.leader, visit.host, visit.visited_from, visit.days) == (None, None, None, None)


def test_a_host_who_speaks_politely_makes_a_link_that_is_flagged() -> None:
    text = (
        "近日,岳阳市政协考察团来株洲市考察文史工作。"
        "株洲市政协主席蔡溪表示,岳阳市的文史工作扎实有效,值得株洲市学习借鉴。"
    )
    found = {(link.learner.name, link.model.name): link.flags for link in extract(text).links}
    assert found == {("岳阳市", "株洲市"): (), ("株洲市", "岳阳市"): ("courtesy",)}


def test_both_directions_where_both_learn() -> None:
    text = "近日,岳阳市赴株洲市考察学习。\n次月,株洲市代表团赴岳阳市学习考察。"
    assert {(link.learner.name, link.model.name) for link in extract(text).links} == {
        ("岳阳市", "株洲市"),
        ("株洲市", "岳阳市"),
    }


@pytest.mark.parametrize(
    ("text", "source", "expected"),
    [
        # who leads by two offices travels for the nearer; a superior of the learner does not
        ("省委常委、市委书记陈飞率队赴苏州市考察学习。", "长沙市人民政府", ["长沙市 > 苏州市"]),
        # a department acts for its city, an association for itself
        ("市财政局赴武汉市考察学习。", "株洲市人民政府", ["株洲市 > 武汉市"]),
        ("株洲市盆景协会赴武汉市考察学习。", "株洲市人民政府", []),
        ("我市盆景协会会长李国带队赴武汉市考察学习。", "株洲市人民政府", []),
        # where a firm lies is no model
        ("市长陈飞率队前往位于武汉的华星集团考察。", "株洲市人民政府", []),
        # the members of a counted list
        (
            "株洲市代表团赴江苏省昆山市、江阴市考察。大家表示,要学习借鉴江苏两市的发展经验。",
            None,
            ["株洲市 > 昆山市", "株洲市 > 江阴市"],
        ),
        # 当地 of regions without a name is nobody
        ("株洲市要求加强与发达地区交流,学习当地先进经验。", None, []),
    ],
)
def test_who_travels_and_for_whom(text: str, source: str | None, expected: list[str]) -> None:
    links = extract(text, source_name=source).links
    assert [f"{link.learner.name} > {link.model.name}" for link in links] == expected
