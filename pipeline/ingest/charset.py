"""Bytes to text without loss: by byte-order mark, then strict UTF-8, then strict GB18030 (with GB2312 and GBK)."""

from __future__ import annotations

import codecs
from typing import Final

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class UndecodableError(ValueError):
    """The bytes are text in none of the charsets that are tried."""


def decode(content: bytes) -> str:
    """The text of `content`. Raises UndecodableError; never puts U+FFFD where a byte was not understood."""
    for mark, charset in _MARKS:
        if content.startswith(mark):
            return _strict(content, (charset,))
    return _strict(content, ("utf-8", "gb18030"))


def _strict(content: bytes, charsets: tuple[str, ...]) -> str:
    reasons = []
    for charset in charsets:
        try:
            text = content.decode(charset)
        except UnicodeDecodeError as error:
            reasons.append(f"{charset} fails at byte {error.start}")
        else:
            if "\x00" in text:
                raise UndecodableError("holds NUL characters: not a text file")
            return text
    raise UndecodableError("; ".join(reasons))
