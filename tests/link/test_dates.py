from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from pipeline.link.dates import VisitDates, read_dates

PUBLISHED = datetime(2023, 5, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "first", "last", "days"),
    [
        ("2021年11月3日,", date(2021, 11, 3), date(2021, 11, 3), None),
        ("5月9日至11日,", date(2023, 5, 9), date(2023, 5, 11), 3),
        ("4月29日—5月2日,", date(2023, 4, 29), date(2023, 5, 2), 4),
        ("18日上午,", date(2023, 5, 18), date(2023, 5, 18), None),
        ("28日,", date(2023, 4, 28), date(2023, 4, 28), None),
        ("12月30日,", None, None, None),  # neither this year's, which is to come, nor of a few months ago
        ("5月,", None, None, None),
        ("2月30日,", None, None, None),
        ("6月15日召开会议,通报", None, None, None),
    ],
)
def test_the_day_before_a_visit_is_its_day(words: str, first: date | None, last: date | None, days: int | None) -> None:
    assert read_dates(words + "赴苏州考察。", len(words), PUBLISHED) == VisitDates(first, last, days)


@pytest.mark.parametrize(("words", "days"), [("五天", 5), ("十天", 10), ("十二天", 12), ("二十天", 20), ("15天", 15)])
def test_days_that_are_counted_in_words_are_read(words: str, days: int) -> None:
    assert read_dates(f"考察团赴苏州进行了为期{words}的学习考察。", 3, PUBLISHED) == VisitDates(days=days)


def test_the_last_day_of_the_calendar_is_a_day() -> None:
    published = datetime(9999, 12, 31, tzinfo=UTC)
    assert read_dates("12月31日至12月31日,赴苏州考察。", 14, published).days == 1


def test_without_a_year_and_a_publication_no_day_is_certain() -> None:
    assert read_dates("5月9日至11日,赴苏州考察。", 9, None) == VisitDates(days=3)
