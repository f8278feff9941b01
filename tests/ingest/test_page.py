from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ingest.page import parse_time, read_page
from pipeline.records import Article

PAGE = """我市召开营商环境座谈会

发布日期：2021年3月5日 14:30  来源：市政府办公室  作者：李明  浏览次数：128 次
【字体：大 中 小】
请打开微信扫一扫

　　3月4日，我市召开座谈会，研究营商环境工作。

　　会议指出，发布时间要及时，信息来源要可靠。

责任编辑：王芳
打印 关闭
扫一扫在手机打开当前页
"""


def test_the_fields_of_a_page_are_read_and_its_chrome_is_gone() -> None:
    page = read_page(PAGE)
    assert page.title == "我市召开营商环境座谈会"
    assert page.published_at == datetime(2021, 3, 5, 6, 30, tzinfo=UTC)
    assert (page.source_name, page.author) == ("市政府办公室", "李明")
    assert page.text.split("\n") == [
        "我市召开营商环境座谈会",
        "3月4日，我市召开座谈会，研究营商环境工作。",
        "会议指出，发布时间要及时，信息来源要可靠。",
    ]


def test_the_first_article_has_its_time_source_and_editor(first_article: Article) -> None:
    assert first_article.published_at == datetime(2019, 4, 10, 1, 7, tzinfo=UTC)
    assert first_article.source_name == "山西新闻网"
    assert first_article.author == "张娅萌"
    assert first_article.title == "树一流标准 创一流业绩 山西各市自我加压谋发展"
    for chrome in ("字号", "扫一扫", "打印", "发布时间", "责任编辑"):
        assert chrome not in first_article.text
    assert first_article.text.endswith("(本报记者)")


@pytest.mark.parametrize(
    "line",
    [
        "记者：请问昆明市如何学习借鉴深圳经验?",
        "时间：今年要对标长沙",
        "阅读：昆明市要对标合肥",
        "来源：长沙的经验,值得学习。",
    ],
)
def test_a_sentence_behind_a_label_is_no_field(line: str) -> None:
    assert line in read_page(f"一则消息\n{line}\n会议今天召开。").text.split("\n")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("2019-04-10 09:07:00", datetime(2019, 4, 10, 1, 7, tzinfo=UTC)),
        ("2019/4/1", datetime(2019, 3, 31, 16, 0, tzinfo=UTC)),
        ("2020年12月31日 23:59", datetime(2020, 12, 31, 15, 59, tzinfo=UTC)),
        ("2019-04-10T16:30:00Z", datetime(2019, 4, 10, 16, 30, tzinfo=UTC)),
        ("2019-04-10T16:30:00+02:00", datetime(2019, 4, 10, 14, 30, tzinfo=UTC)),
        ("20190410", datetime(2019, 4, 9, 16, 0, tzinfo=UTC)),
        ("2021-02-30", None),
        ("2021-13-01 10:00", None),
        ("没有日期", None),
    ],
)
def test_times_are_beijing_times(words: str, expected: datetime | None) -> None:
    assert parse_time(words) == expected


@given(st.text())
def test_the_text_of_any_page_is_nfc_in_stripped_lines_of_the_page(raw: str) -> None:
    text = read_page(raw).text
    assert unicodedata.is_normalized("NFC", text)
    assert text == "" or all(line and line == line.strip() for line in text.split("\n"))
    whole = unicodedata.normalize("NFC", raw)
    assert all(line in whole for line in text.split("\n"))
