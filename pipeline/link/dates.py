"""When a visit was: the day or days written before it, with the year of the text or of publication."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

_DAY: Final = re.compile(
    r"(?:(?P<year>(?:19|20)\d{2})年|(?P<relative>今年|去年))?(?<!\d)(?P<month>1[0-2]|0?[1-9])月(?P<day>[12]\d|3[01]|0?[1-9])[日号]?"
    r"(?:\s?(?:至|到|—|－|-|–|～|~|、|和|及)+\s?(?:(?P<month2>1[0-2]|0?[1-9])月)?(?P<day2>[12]\d|3[01]|0?[1-9])[日号])?"
    r"(?:（[^）]{1,8}）|\([^)]{1,8}\))?"
)
_LASTS: Final = re.compile(
    r"(?:为期|历时|用时)(?P<days>[一二两三四五六七八九十]|\d{1,2})天|(?P<days2>[一二两三四五六七八九十]|\d{1,2})天(?:时间|的(?:考察|学习))"
)
_NUMBERS: Final = {word: number for number, word in enumerate("零一二三四五六七八九十")} | {"两": 2}
_LONGEST_AGO: Final = timedelta(days=120)
"""News of a visit is published within a few weeks; a day farther back is of another year or page."""
_LONGEST_VISIT: Final = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class VisitDates:
    """First and last day of a visit, and its length in days, each None where the text does not say it."""

    first: date | None = None
    last: date | None = None
    days: int | None = None


def read_dates(words: str, published: datetime | None) -> VisitDates:
    """The dates that `words` give. Without a year that of publication counts, where the day lies before it and not far
    back; where the two disagree the dates are left out, and the length of a range stays.
    """
    lasts = _LASTS.search(words)
    days = _number(lasts.group("days") or lasts.group("days2")) if lasts else None
    for match in _DAY.finditer(words):
        year = _year(match, published)
        first = _date(year or 2000, match.group("month"), match.group("day"))
        if first is None:
            continue
        last = _date(first.year, match.group("month2") or match.group("month"), match.group("day2"))
        if last is not None and not first <= last <= first + _LONGEST_VISIT:
            last = None
        length = (last - first).days + 1 if last else None
        if year is None:
            return VisitDates(days=days or length)
        return VisitDates(first, last or first, days or length)
    return VisitDates(days=days)


def _year(match: re.Match[str], published: datetime | None) -> int | None:
    """The year of a day: written, or that of publication where the day fits it."""
    if match.group("year"):
        return int(match.group("year"))
    if published is None:
        return None
    day = published.date()
    for year in (day.year, day.year - 1):
        found = _date(year, match.group("month"), match.group("day"))
        if found and found <= day + timedelta(days=1) and day - found <= _LONGEST_AGO:
            return year
    return None


def _date(year: int, month: str, day: str | None) -> date | None:
    try:
        return date(year, int(month), int(day)) if day else None
    except ValueError:
        return None


def _number(words: str) -> int:
    return int(words) if words.isdigit() else _NUMBERS[words]
