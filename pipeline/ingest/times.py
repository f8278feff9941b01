"""Times as Chinese pages and records write them: digits or Chinese numerals, with a zone or, mostly, in Beijing time."""

from __future__ import annotations

import email.utils
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

BEIJING: Final = timezone(timedelta(hours=8))
"""Chinese pages write Beijing time and name no zone; China has had no daylight saving since 1991."""
_YEARS: Final = range(1949, 2100)
"""Years in which an article can be published; others are numbers of something else."""
_LONGEST: Final = 64
"""Characters of a time with all that stands around it."""
_TO_ASCII: Final = str.maketrans("０１２３４５６７８９：－／．", "0123456789:-/.")
DATE: Final = re.compile(
    r"(?P<year>(?:19|20)\d{2})\s?[-./年]\s?(?P<month>\d{1,2})\s?[-./月]\s?(?P<day>\d{1,2})\s?日?"
    r"(?:[\sT(（周星期一二三四五六日天）)]{0,10}(?P<half>上午|下午|早上|晚上|中午|凌晨)?\s?"
    r"(?P<hour>\d{1,2})[:：时](?P<minute>\d{2})(?:[:：分](?P<second>\d{2}))?)?"
)
"""A date in digits, perhaps with a time behind it."""
CHINESE_DATE: Final = re.compile(
    r"(?P<year>[一二][一二三四五六七八九〇零○ＯO0]{3})年(?P<month>[一二三四五六七八九十]{1,2})月"
    r"(?P<day>[一二三四五六七八九十]{1,3})日"
)
"""A date in Chinese numerals, as official documents end with."""
_COMPACT: Final = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?")
_SECONDS: Final = re.compile(r"\d{10}(?:\.\d{1,9})?")
_MILLISECONDS: Final = re.compile(r"\d{13}")
_DIGIT: Final = {c: i for i, c in enumerate("〇一二三四五六七八九")} | dict.fromkeys("零○ＯO0", 0)


def parse_time(words: str) -> datetime | None:
    """The first date (and time) in `words`, in UTC; None where there is none or it is impossible.

    A time with a zone (ISO 8601, RFC 2822) is taken at its word, one without is Beijing time; ten digits are seconds,
    thirteen milliseconds since 1970.

    >>> parse_time("2019-04-10 09:07:00").isoformat()
    '2019-04-10T01:07:00+00:00'
    >>> parse_time("二〇二四年三月十五日").isoformat()
    '2024-03-14T16:00:00+00:00'
    """
    words = words.strip()[:_LONGEST].translate(_TO_ASCII)
    try:
        found = _exact(words) or _digits(words) or _chinese(words)
        in_utc = found.astimezone(UTC) if found else None
    except (ValueError, KeyError, OverflowError, OSError):
        return None
    return in_utc if in_utc and is_plausible(in_utc) else None


def is_plausible(time: datetime) -> bool:
    """Whether an article can have been published then: 0001-01-01 stands for no date in many systems."""
    return time.year in _YEARS


def _exact(words: str) -> datetime | None:
    """The whole of `words` as a machine writes a time."""
    if _MILLISECONDS.fullmatch(words):
        return datetime.fromtimestamp(int(words) / 1000, UTC)
    if _SECONDS.fullmatch(words):
        return datetime.fromtimestamp(float(words), UTC)
    if compact := _COMPACT.fullmatch(words):
        return _beijing(*(int(part or 0) for part in compact.groups()))
    try:
        exact = datetime.fromisoformat(words)
    except ValueError:
        pass
    else:
        return exact if exact.tzinfo else exact.replace(tzinfo=BEIJING)
    if re.match(r"[A-Z][a-z]{2}, \d", words):
        exact = email.utils.parsedate_to_datetime(words)
        return exact if exact.tzinfo else exact.replace(tzinfo=UTC)
    return None


def _digits(words: str) -> datetime | None:
    found = DATE.search(words)
    if not found:
        return None
    half = found["half"] or ""
    year, month, day, hour, minute, second = (
        int(found[name] or 0) for name in ("year", "month", "day", "hour", "minute", "second")
    )
    if half in ("下午", "晚上") and hour < 12:
        hour += 12
    return _beijing(year, month, day, hour, minute, second)


def _chinese(words: str) -> datetime | None:
    found = CHINESE_DATE.search(words)
    if not found:
        return None
    year = int("".join(str(_DIGIT[c]) for c in found["year"]))
    return _beijing(year, _number(found["month"]), _number(found["day"]))


def _number(words: str) -> int:
    """一 to 三十一."""
    tens, ten, ones = words.rpartition("十")
    return (_DIGIT[tens] if tens else 1) * 10 * bool(ten) + (_DIGIT[ones] if ones else 0)


def _beijing(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=BEIJING)
