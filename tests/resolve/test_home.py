from __future__ import annotations

import pytest

from pipeline.gazetteer import Gazetteer
from pipeline.recognise import find_mentions
from pipeline.records import Article, Home
from pipeline.resolve import find_home, home_at_rank
from pipeline.resolve.hosts import county_of_url


@pytest.mark.parametrize(
    ("url", "publisher", "county"),
    [
        ("http://www.yangshan.gov.cn/zxzx/content/post_1.html", "441800", "441823"),  # spelt out
        ("http://www.lcx.gov.cn/xwzx/1.html", "610600", "610629"),  # initials and rank: 洛川县
        ("http://www.ahjinzhai.gov.cn/1.html", "341500", "341524"),  # province and county
        ("https://www.scyc.gov.cn/1.html", "511600", "511621"),  # 四川岳池
        ("http://www.tangshan.gov.cn/zhuzhan/zw_luanzhou/202101/1.html", "130200", "130284"),  # in the path
        ("http://www.benxi.gov.cn/xw/1", "210500", None),  # the prefecture's own, though a county is called so too
        ("http://rsj.huaian.gov.cn/col/1.html", "320800", None),
        ("https://www.ly.gov.cn/2023/1.html", "410300", None),
        ("not a url", "410300", None),
        ("http://", "410300", None),
        ("http://[x", "410300", None),
        ("http://www.yunan.gov.cn/", "445300", None),  # 郁南县 and 云安区 are spelt alike
    ],
)
def test_a_url_tells_the_county(url: str, publisher: str, county: str | None, gazetteer: Gazetteer) -> None:
    assert county_of_url(url, publisher, gazetteer) == county


def home(gazetteer: Gazetteer, *, title: str, text: str, source: str, url: str | None = None) -> Home:
    article = Article("test", "test", f"{title}\n{text}", title=title, source_name=source, url=url)
    return find_home(article, find_mentions(article, gazetteer), gazetteer)


def test_a_county_whose_news_its_city_publishes_is_the_home(gazetteer: Gazetteer) -> None:
    found = home(gazetteer, title="博爱县召开动员会", text="5月7日,博爱县召开动员会。", source="焦作市")
    assert found == Home("410822", "text")
    found = home(gazetteer, title="我县赴外地学习", text="5月7日,石城县党政考察团出发。", source="赣州市")
    assert found == Home("360735", "text")


def test_a_province_whose_news_a_city_publishes_is_the_home(gazetteer: Gazetteer) -> None:
    found = home(gazetteer, title="我省代表团出访", text="我省代表团昨日出发。", source="许昌市")
    assert found == Home("410000", "text")


def test_a_visit_to_a_county_leaves_the_home_with_the_city(gazetteer: Gazetteer) -> None:
    found = home(gazetteer, title="市领导到博爱县调研", text="5月7日,市长到博爱县调研。", source="焦作市")
    assert found == Home("410800", "publisher")


def test_our_city_is_no_district_whatever_the_url(gazetteer: Gazetteer) -> None:
    found = home(
        gazetteer,
        title="我市代表团赴外地考察",
        text="我市代表团昨日出发。",
        source="安庆市",
        url="https://www.ahyingjiang.gov.cn/1.html",
    )
    assert found == Home("340800", "publisher")


@pytest.mark.parametrize("title", ["我市党政代表团赴长沙考察", "赴昆山学习考察心得"])
def test_a_place_that_is_visited_is_no_home(title: str, gazetteer: Gazetteer) -> None:
    article = Article("test", "test", f"{title}\n", title=title)
    assert find_home(article, find_mentions(article, gazetteer), gazetteer) == Home(None, "none")


@pytest.mark.parametrize(
    ("words", "home", "code"),
    [
        ("我市", "430300", "430300"),
        ("我省", "430300", "430000"),
        ("市党政代表团", "430302", "430300"),
        ("考察团", "430302", "430302"),
        ("县委", "430000", None),
        ("我县", "430300", None),
        ("我市", None, None),
    ],
)
def test_words_without_a_name_mean_the_home_at_their_rank(
    words: str, home: str | None, code: str | None, gazetteer: Gazetteer
) -> None:
    assert home_at_rank(words, Home(home, "test"), gazetteer) == code


def test_the_name_of_the_page_in_the_text_tells_the_county_of_a_citys_site(gazetteer: Gazetteer) -> None:
    text = "副县长带队赴郴州市考察学习 - 政务动态 - 祁阳市人民政府。5月3日,考察组在郴州市考察。"
    assert home(gazetteer, title="副县长带队考察", text=text, source="永州市") == Home("431181", "text")


def test_a_county_that_passes_on_what_its_city_says_is_not_the_home(gazetteer: Gazetteer) -> None:
    text = "市委理论学习中心组举行学习会_永州市零陵区人民政府。市委强调,要抓好落实。"
    assert home(gazetteer, title="市委举行学习会", text=text, source="永州市") == Home("431100", "publisher")
