from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.gazetteer import Gazetteer
from pipeline.recognise import find_mentions
from pipeline.records import Article, ResolvedMention
from pipeline.resolve import find_home, resolve_mentions


def resolve(text: str, gazetteer: Gazetteer, *, year: int = 2022, source: str | None = None) -> list[ResolvedMention]:
    article = Article("test", "test", text, source_name=source, published_at=datetime(year, 6, 1, tzinfo=UTC))
    mentions = find_mentions(article, gazetteer)
    return resolve_mentions(article, mentions, find_home(article, mentions, gazetteer), gazetteer)


def code_of(words: str, text: str, gazetteer: Gazetteer, **options: object) -> str | None:
    (code,) = {m.region_code for m in resolve(text, gazetteer, **options) if m.mention.text == words}  # type: ignore[arg-type]
    return code


@pytest.mark.parametrize(
    ("words", "text", "code", "rule"),
    [
        ("晋江", "考察团赴福建晋江学习。", "350582", "year"),
        ("朝阳区", "代表团到北京市朝阳区调研。", "110105", "containment"),
        ("鼓楼区", "一行赴南京市玄武区、鼓楼区考察。", "320106", "list_container"),
        ("吉林", "代表团赴吉林考察。", "220000", "rank_order"),
        ("本溪", "代表团赴本溪考察。", "210500", "rank_order"),
        ("新桥镇", "在黄岩区座谈后,一行又到台州市路桥区,看了新桥镇。", "331004103", "co_mention"),
        ("长安区", "长安区、裕华区、桥西区三个区率先试点。", "130102", "list_behind"),
        ("吉林", "吉林、辽源两市签署协议。", "220200", "claimed_level"),
        ("海南", "海南、海北两州牧民喜迎节日。", "632500", "claimed_level"),
        ("襄樊", "赴襄樊市学习,襄樊的做法很好。", "420600", "unique"),
    ],
)
def test_rules_decide(words: str, text: str, code: str, rule: str, gazetteer: Gazetteer) -> None:
    (found,) = [m for m in resolve(text, gazetteer) if m.mention.text == words]
    assert (found.resolution, found.region_code) == ("resolved", code)
    assert found.rule == rule


def test_a_name_that_nothing_decides_stays_ambiguous_with_its_candidates(gazetteer: Gazetteer) -> None:
    (found,) = resolve("朝阳区召开会议。", gazetteer)
    assert (found.resolution, found.region_code) == ("ambiguous", None)
    assert set(found.candidates) == {"110105", "220104"}


def test_the_home_decides_between_counties_of_one_name(gazetteer: Gazetteer) -> None:
    assert code_of("朝阳区", "朝阳区召开会议。", gazetteer, source="长春市") == "220104"
    assert code_of("朝阳区", "朝阳区召开会议。", gazetteer, source="北京市") == "110105"


@pytest.mark.parametrize(
    ("words", "year", "code"),
    [
        ("莱芜市", 2017, "371200"),
        ("公主岭市", 2018, "220381"),
        ("公主岭市", 2022, "220184"),
        ("海门市", 2016, "320684"),
        ("巢湖市", 2009, "341400"),
        ("巢湖市", 2015, "340181"),
    ],
)
def test_the_year_decides_between_a_division_and_its_successor(
    words: str, year: int, code: str, gazetteer: Gazetteer
) -> None:
    assert code_of(words, f"考察团赴{words}学习。", gazetteer, year=year) == code


def test_foreign_and_composite_places_have_their_own_codes(gazetteer: Gazetteer) -> None:
    codes = {m.mention.text: m.region_code for m in resolve("考察新加坡,融入长三角,走进硅谷。", gazetteer)}
    assert codes == {"新加坡": "F-SG", "长三角": "C-yangtze-delta", "硅谷": "F-US-silicon-valley"}


def test_the_home_of_the_first_article_is_its_province(first_article: Article, gazetteer: Gazetteer) -> None:
    home = find_home(first_article, find_mentions(first_article, gazetteer), gazetteer)
    assert home.region_code == "140000"
    assert home.method in ("publisher", "title")


@pytest.mark.parametrize(
    ("title", "source", "text", "code", "method"),
    [
        ("一则消息", "湘潭市人民政府", "我市召开会议,部署工作。", "430300", "publisher"),
        ("宜昌市召开大会", None, "我市召开会议,部署工作。", "420500", "title"),
        ("一则消息", None, "平遥县提升服务。我县将继续努力,平遥县还将扩大开放。", "140728", "text"),
        ("一则消息", None, "会议强调,要继续努力,扩大开放。", None, "none"),
    ],
)
def test_home(title: str, source: str | None, text: str, code: str | None, method: str, gazetteer: Gazetteer) -> None:
    article = Article("test", "test", text, title=title, source_name=source)
    home = find_home(article, find_mentions(article, gazetteer), gazetteer)
    assert (home.region_code, home.method) == (code, method)
