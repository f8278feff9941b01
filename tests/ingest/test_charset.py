from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.ingest.charset import UndecodableError, decode

TEXT = "太原市对标合肥，镕玥喆堃㛃"
CHINESE = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=4)


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
