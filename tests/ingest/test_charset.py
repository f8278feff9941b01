from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.ingest.charset import UndecodableError, declared_charset, decode

TEXT = "太原市对标合肥，镕玥喆堃㛃"
COMMON = "".join(bytes((high, low)).decode("gb2312") for high in range(0xB0, 0xD7) for low in range(0xA1, 0xFF))
CHINESE = st.text(st.sampled_from(COMMON), min_size=4)
NEWS = "湘潭市党政代表团赴苏州考察学习，对标苏州工业园区，把先进的审批改革经验带回去、用起来。"
TRADITIONAL = "臺北市與新北市學習借鑒深圳經驗，對標先進城市，優化營商環境，並赴蘇州考察產業園區建設。"


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-32"])
def test_a_text_is_read_back_from_each_charset(charset: str) -> None:
    assert decode(TEXT.encode(charset)) == TEXT


@given(CHINESE)
def test_gbk_bytes_come_back_unchanged_or_are_valid_utf8(text: str) -> None:
    content = text.encode("gb18030")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        assert decode(content) == text


@given(st.binary())
def test_no_byte_is_ever_replaced(content: bytes) -> None:
    try:
        text = decode(content)
    except UndecodableError:
        return
    assume("\ufffd".encode() not in content)
    assert "\x00" not in text
    if "\ufffd" in text:  # GB18030 has four bytes of its own for U+FFFD
        assert (
            bytes.fromhex("8431a437") in content or content[:2] in (b"\xff\xfe", b"\xfe\xff") or content[:2] == b"\0\0"
        )


@pytest.mark.parametrize(
    "content", [b"\xff\xff\xff\xff", b"\xe5\xa4\xaa\xff", b"PK\x03\x04\x00\x00\x00\x00", b"\x80abc"]
)
def test_bytes_that_are_no_text_are_refused_with_a_reason(content: bytes) -> None:
    with pytest.raises(UndecodableError, match=r"fails at byte|NUL"):
        decode(content)


@pytest.mark.parametrize(
    ("charset", "tag"),
    [
        ("gb18030", "gb2312"),
        ("gb18030", "GBK"),
        ("gb18030", None),
        ("utf-8", "gb2312"),
        ("utf-8", "iso-8859-1"),
        ("gb18030", "iso-8859-1"),
        ("gb18030", "utf-8"),
        ("utf-16", "gb2312"),
    ],
)
def test_a_declaration_is_believed_as_far_as_the_bytes_bear_it_out(charset: str, tag: str | None) -> None:
    assert decode(NEWS.encode(charset), tag) == NEWS


@pytest.mark.parametrize("tag", ["big5", "Big5-HKSCS", None])
def test_big5_is_read_where_it_is_declared_and_where_gb18030_would_be_gibberish(tag: str | None) -> None:
    content = TRADITIONAL.encode("big5hkscs")
    assert decode(content, tag) == TRADITIONAL


def test_bytes_that_gb18030_takes_without_sense_are_refused() -> None:
    kana = "これはただのにほんごのぶんしょうですとてもながいぶんしょうでございますよ".encode("shift_jis")
    with pytest.raises(UndecodableError):
        decode(kana)


def test_the_charset_of_a_page_is_found_behind_its_scripts() -> None:
    page = b"<html><head>" + b"<!-- -->" * 300 + b'<meta http-equiv="Content-Type" content="text/html; charset=gb2312">'
    assert declared_charset(page) == "gb2312"
    assert declared_charset(b"<html><body>charset</body></html>") is None
