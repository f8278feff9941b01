"""Bytes to text without loss: by byte-order mark, declaration, strict UTF-8, strict GB18030; Big5 where that alone fits.

A declaration of gb2312 or gbk is read as gb18030, which holds both. Two declarations are not believed: one of another
charset over bytes that are UTF-8 with many characters (pages are re-encoded and keep their old tag), and one that the
bytes contradict.
"""

from __future__ import annotations

import codecs
import functools
import re
from typing import Final

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_READ_AS: Final = {
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
}
"""Declared charset -> codec. Others (iso-8859-1, windows-1252) are servers' defaults on Chinese pages, not believed."""
_HEAD: Final = 4096
"""Bytes of a page in which its meta tag is looked for; HTML asks for the first 1,024, older pages put scripts before."""
_META: Final = re.compile(rb"""charset\s{0,4}=\s{0,4}["']?([A-Za-z0-9_\-]{2,20})""", re.IGNORECASE)
_HANZI_ONLY: Final = re.compile("[^\u3400-\u9fff]+")
_CERTAIN: Final = 8
"""Characters of several bytes from which on bytes that are valid UTF-8 are UTF-8, whatever a tag says."""
_SAMPLE: Final = 500
"""Characters by which a text is judged to be Chinese or gibberish."""


class UndecodableError(ValueError):
    """The bytes are text in none of the charsets that are tried; `code` is the reason for the quarantine."""

    def __init__(self, detail: str, code: str = "undecodable") -> None:
        super().__init__(detail)
        self.code = code


def decode(content: bytes, declared: str | None = None) -> str:
    """The text of `content`. Raises UndecodableError; never puts U+FFFD where a byte was not understood."""
    text = _decode(content, declared)
    if "\x00" in text:
        raise UndecodableError("holds NUL characters: not a text file", "null_bytes")
    return text


def decode_page(content: bytes, declared: str | None = None) -> tuple[str, bool]:
    """The markup of an HTML page, and whether bytes in it are broken, which then are U+FFFD.

    A page is broken in a headline of its side column more often than in its article: what of it is used must be free of
    U+FFFD. Raises UndecodableError where more than one byte in a thousand, or a dozen, is broken.
    """
    try:
        return decode(content, declared), False
    except UndecodableError as error:
        if error.code != "undecodable":
            raise
        reason = error
    named = _READ_AS.get((declared or "").strip().lower())
    for charset in dict.fromkeys((named or "utf-8", "utf-8", "gb18030")):
        markup = content.decode(charset, "replace")
        if markup.count("\ufffd") <= min(12, len(content) // 1000) and _readable(_HANZI_ONLY.sub("", markup)):
            return markup, True
    raise reason


def declared_charset(page: bytes) -> str | None:
    """The charset that the head of an HTML page names, None where it names none."""
    found = _META.search(page[:_HEAD])
    return found.group(1).decode("ascii") if found else None


def mark_of(content: bytes) -> str | None:
    """The codec that a byte-order mark at the start of `content` names, None where there is no mark."""
    return next((charset for mark, charset in _MARKS if content.startswith(mark)), None)


def is_big5(head: bytes) -> bool:
    """Whether the beginning of a text, whole lines of it, can only be Big5."""
    text, _ = _try(head, "gb18030")
    big5, _ = _try(head, "big5hkscs")
    if big5 is None or _try(head, "utf-8")[0] is not None:
        return False
    return (text is None or not _readable(text)) and _readable(big5)


def _decode(content: bytes, declared: str | None) -> str:
    if marked := mark_of(content):
        return _strict(content, (marked,))
    named = _READ_AS.get((declared or "").strip().lower())
    utf8, _ = _try(content, "utf-8")
    if utf8 is not None and (named is None or named == "utf-8" or _characters_of_several_bytes(content) >= _CERTAIN):
        return utf8
    if named:
        text, _ = _try(content, named)
        if text is not None:
            return text
    if utf8 is not None:
        return utf8
    return _chinese(content)


def _chinese(content: bytes) -> str:
    """GB18030, unless that is gibberish: then Big5, if that is not."""
    text, reason = _try(content, "gb18030")
    if text is not None and _readable(text):
        return text
    big5, _ = _try(content, "big5hkscs")
    if big5 is not None and _readable(big5):
        return big5
    if text is None:
        _, utf8_reason = _try(content, "utf-8")
        raise UndecodableError(f"{utf8_reason}; {reason}")
    raise UndecodableError("as gb18030 it is decodable but gibberish: of its Chinese characters few are common ones")


def _readable(text: str) -> bool:
    """Whether the Chinese characters of a text are those that Chinese is written with: GB 2312's 6,763, or Big5's 5,401
    common ones. A charset taken for another yields rare ones: of 600 news articles each has at least 0.96 common
    characters in its own charset (0.96 in traditional script, too), and at most 0.50 where Big5 is read as GB18030.
    """
    hanzi = [c for c in text[:_SAMPLE] if "\u3400" <= c <= "\u9fff" or "\ue000" <= c <= "\uf8ff" or c >= "\U00020000"]
    if len(hanzi) < 20:
        return True
    common = _common_characters()
    return sum(c in common for c in hanzi) >= 0.7 * len(hanzi)


@functools.cache
def _common_characters() -> frozenset[str]:
    """GB 2312's 6,763 characters and Big5's 5,401 common ones."""
    two_bytes = (bytes((high, low)) for high in range(0xA1, 0xF8) for low in (*range(0x40, 0x7F), *range(0xA1, 0xFF)))
    found = set()
    for code in two_bytes:
        if code[0] >= 0xB0:
            found.add(code.decode("gb2312", "ignore"))
        if b"\xa4\x40" <= code <= b"\xc6\x7e":
            found.add(code.decode("big5", "ignore"))
    return frozenset(found - {""})


def _strict(content: bytes, charsets: tuple[str, ...]) -> str:
    reasons = []
    for charset in charsets:
        text, reason = _try(content, charset)
        if text is not None:
            return text
        reasons.append(reason)
    raise UndecodableError("; ".join(reasons))


def _try(content: bytes, charset: str) -> tuple[str | None, str]:
    try:
        return content.decode(charset), ""
    except UnicodeDecodeError as error:
        return None, f"{charset} fails at byte {error.start}"


def _characters_of_several_bytes(utf8: bytes) -> int:
    """Counts, up to the certain number, the lead bytes of characters of several bytes."""
    return len(utf8) - len(utf8.translate(None, bytes(range(0xC2, 0xF5))))
