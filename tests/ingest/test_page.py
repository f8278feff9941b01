from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ingest.limits import InputError
from pipeline.ingest.page import parse_time, read_page
from pipeline.ingest.text import clean
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


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("二〇二四年三月五日", datetime(2024, 3, 4, 16, 0, tzinfo=UTC)),
        ("二○一九年十二月三十一日", datetime(2019, 12, 30, 16, 0, tzinfo=UTC)),
        ("二零二零年十月二十日", datetime(2020, 10, 19, 16, 0, tzinfo=UTC)),
        ("２０２４－０３－０５　１０：２２", datetime(2024, 3, 5, 2, 22, tzinfo=UTC)),
        ("2024年03月05日 下午3:20", datetime(2024, 3, 5, 7, 20, tzinfo=UTC)),
        ("2024-03-05（星期二）10:22", datetime(2024, 3, 5, 2, 22, tzinfo=UTC)),
        ("20240305102233", datetime(2024, 3, 5, 2, 22, 33, tzinfo=UTC)),
        ("1709605333", datetime(2024, 3, 5, 2, 22, 13, tzinfo=UTC)),
        ("1709605333000", datetime(2024, 3, 5, 2, 22, 13, tzinfo=UTC)),
        ("Tue, 05 Mar 2024 10:22:00 GMT", datetime(2024, 3, 5, 10, 22, tzinfo=UTC)),
        ("1024-03-05", None),
        ("9999999999999", None),
        ("Tue, 99 Mar 2024", None),
    ],
)
def test_times_are_read_in_every_form_that_pages_and_records_have(words: str, expected: datetime | None) -> None:
    assert parse_time(words) == expected


@pytest.mark.parametrize(
    ("page", "source", "author", "day"),
    [
        ("题目\n本报讯（记者 李明远 通讯员 王五）湘潭市对标长沙。\n正文在此。", None, "李明远", None),
        ("题目\n新华社北京3月5日电（记者陈静）国务院召开会议。", "新华社", "陈静", None),
        ("题目\n湘潭市对标长沙营商环境。\n（据湘潭日报报道）", "湘潭日报", None, None),
        ("题目\n湘潭市对标长沙营商环境。\n（来源：红网）", "红网", None, None),
        ("题目\n2024-03-05 10:22　湘潭日报\n湘潭市对标长沙营商环境。", "湘潭日报", None, 5),
        ("题目\n发 布 时 间：2024年3月5日　来　源：湘潭日报　作 者：李明远\n湘潭市对标长沙。", "湘潭日报", "李明远", 5),
        ("关于学习的通知\n各县区要对标先进，学习借鉴长沙经验。\n湘潭市人民政府\n二〇二四年三月五日", None, None, 5),
        ("题目\n来源：湘潭日报 【字体：大 中 小】\n湘潭市对标长沙营商环境。", "湘潭日报", None, None),
    ],
)
def test_what_a_pasted_page_says_of_itself_is_read(
    page: str, source: str | None, author: str | None, day: int | None
) -> None:
    read = read_page(page)
    assert (read.source_name, read.author) == (source, author)
    assert (read.published_at and (read.published_at + timedelta(hours=8)).day) == day
    assert "对标" in read.text or "国务院" in read.text


def test_what_shows_as_nothing_is_taken_out_before_offsets_are_counted() -> None:
    page = read_page("\ufeff湘潭\u200b市对\u202e标长沙\u2066营商\xad环境\x07，加快审批改革，服务企业群众。")
    assert page.text == "湘潭市对标长沙营商环境，加快审批改革，服务企业群众。"


@pytest.mark.parametrize(
    ("raw", "code"),
    [("湘潭\x00对标", "null_bytes"), ("\x01\x02\x03对标", "control_characters"), ("对标\ud800长沙", "invalid_unicode")],
)
def test_what_is_no_text_is_refused(raw: str, code: str) -> None:
    with pytest.raises(InputError) as refused:
        read_page(raw)
    assert refused.value.code == code


@given(st.text())
def test_the_text_of_any_page_is_nfc_in_stripped_lines_of_the_page(raw: str) -> None:
    try:
        text = read_page(raw).text
    except InputError:
        return
    assert unicodedata.is_normalized("NFC", text)
    assert text == "" or all(line and line == line.strip() for line in text.split("\n"))
    whole = clean(raw)
    assert all(line in whole for line in text.split("\n"))
