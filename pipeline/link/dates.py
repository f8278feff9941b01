"""When a visit was: the day or days written before it, with the year of the text or of publication."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from pipeline.link.numbers import number_of

_RANGE: Final = r"\s?(?:至|到|—|－|-|–|～|~|、|和|及){1,2}\s?"
_DAY: Final = re.compile(
    r"(?:(?P<year>(?:19|20)\d{2})年)?(?<!\d)(?P<month>1[0-2]|0?[1-9])月(?P<day>[12]\d|3[01]|0?[1-9])[日号]?"
    rf"(?:{_RANGE}(?:(?P<month2>1[0-2]|0?[1-9])月)?(?P<day2>[12]\d|3[01]|0?[1-9])[日号])?"
    rf"|(?<![\d月])(?P<only>[12]\d|3[01]|0?[1-9])日(?:{_RANGE}(?P<only2>[12]\d|3[01]|0?[1-9])日)?(?=[,，上下，至]|[^\d]{{0,2}}[,，])"
    r"|(?:(?P<year0>(?:19|20)\d{2})年)?(?<!\d)(?P<month0>1[0-2]|0?[1-9])月(?!\d)"
)
"""A day or a range of days with its month; a day alone (11日, ...); a month alone, which gives no day."""
_MEETING: Final = re.compile(r"召开|会议|传达|听取|通报|主持|归来|回来|讯|结对")
"""Between a date and a visit these show that the date is another's: 6月15日召开会议,听取赴A市考察情况."""
_LASTS: Final = re.compile(
    r"(?:为期|历时|用时)(?P<days>[一二两三四五六七八九十]{1,3}|\d{1,2})天|(?P<days2>[一二两三四五六七八九十]{1,3}|\d{1,2})天(?:时间|的(?:考察|学习))"
)
_LONGEST_AGO: Final = timedelta(days=120)
"""News of a visit is published within a few months; a day farther back is of another year or page."""
_LONGEST_VISIT: Final = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class VisitDates:
    """First and last day of a visit, and its length in days, each None where the text does not say it."""

    first: date | None = None
    last: date | None = None
    days: int | None = None


def read_dates(words: str, visit_at: int, published: datetime | None) -> VisitDates:
    """The dates of the visit that `words[visit_at:]` tells of: those written last before it, unless a meeting stands
    between.

    Without a year that of publication counts, where the day lies before it and not far back; a day alone is of the
    month of publication, or the one before. Where year and publication disagree the dates are left out, and the length
    of a range stays.
    """
    lasts = _LASTS.search(words)
    days = number_of(lasts.group("days") or lasts.group("days2")) if lasts else None
    before = list(_DAY.finditer(words[:visit_at]))
    if not before or before[-1].group("month0") or _MEETING.search(words, before[-1].end(), visit_at):
        return VisitDates(days=days)
    match = before[-1]
    if match.group("only"):
        first, last = _of_day_alone(match, published)
    else:
        first, last = _of_day(match, published)
    length = (last - first).days + 1 if first and last else None
    if match.group("only") or match.group("year") or _fits(first, published):
        return VisitDates(first, last or first, days or length)
    return VisitDates(days=days or length)


def _of_day(match: re.Match[str], published: datetime | None) -> tuple[date | None, date | None]:
    """(first, last) day of a date with its month; without a year in that of publication, or the one before."""
    years = [int(match.group("year"))] if match.group("year") else []
    if not years and published:
        years = [published.year, published.year - 1]
    for year in years or [2000]:
        first = _date(year, match.group("month"), match.group("day"))
        if first is None:
            continue
        if match.group("year") or _fits(first, published) or year == (years or [2000])[-1]:
            last = _date(year, match.group("month2") or match.group("month"), match.group("day2"))
            return first, last if last and first <= last and last - first <= _LONGEST_VISIT else None
    return None, None


def _of_day_alone(match: re.Match[str], published: datetime | None) -> tuple[date | None, date | None]:
    """(first, last) day of a date without a month: the latest such day up to publication."""
    if published is None:
        return None, None
    day = published.date()
    for year, month in ((day.year, day.month), (day.year - (day.month == 1), (day.month - 2) % 12 + 1)):
        first = _date(year, str(month), match.group("only"))
        if first and first - day <= timedelta(days=1):
            last = _date(year, str(month), match.group("only2"))
            return first, last if last and first <= last else None
    return None, None


def _fits(day: date | None, published: datetime | None) -> bool:
    """Whether a day without a year can be of this publication's year."""
    if day is None or published is None:
        return False
    return timedelta(days=-1) <= published.date() - day <= _LONGEST_AGO


def _date(year: int, month: str, day: str | None) -> date | None:
    try:
        return date(year, int(month), int(day)) if day else None
    except ValueError:
        return None
