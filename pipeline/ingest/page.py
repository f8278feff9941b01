"""A news page as it is pasted or saved as text: its title, time, source and author, and the article without chrome."""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from pipeline.resources import load_lexicon

BEIJING: Final = timezone(timedelta(hours=8))
"""Chinese pages write Beijing time and name no zone; China has had no daylight saving since 1991."""

_HEAD_LINES: Final = 12
"""Lines from the top among which the line with time and source is looked for."""
_TITLE_LENGTH: Final = 80
_LONGEST_VALUE: Final = {"source": 30, "author": 16, "editor": 16, "other": 16}
"""Characters that the value of a field may have, by its role."""
_SENTENCE_MARK: Final = re.compile(r"[，,。？?！!；;“”]|(?:对标|学习|考察|借鉴)")
_DATE: Final = re.compile(
    r"(?P<year>(?:19|20)\d{2})\s?[-./年]\s?(?P<month>\d{1,2})\s?[-./月]\s?(?P<day>\d{1,2})日?"
    r"(?:[\sT]{1,4}(?P<hour>\d{1,2})[:：](?P<minute>\d{2})(?:[:：](?P<second>\d{2}))?)?"
)
_EDGE: Final = " \t\r\n\u3000\u00a0\u200b\ufeff"


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says of itself, and its article. `published_at` is in UTC."""

    text: str
    title: str | None = None
    published_at: datetime | None = None
    source_name: str | None = None
    author: str | None = None


def read_page(raw: str) -> Page:
    """Takes a page apart. The article keeps its title as first line; every line is stripped and none is blank.

    `author` is the named author, else the responsible editor. Text is NFC; nothing later changes it.
    """
    lines = [_strip(line) for line in unicodedata.normalize("NFC", raw).splitlines()]
    lines = [line for line in lines if line]
    fields: dict[str, str] = {}
    kept: list[str] = []
    for number, line in enumerate(lines):
        edge = number < _HEAD_LINES or number >= len(lines) - _HEAD_LINES
        labelled = _labelled_fields(line) if edge else None
        if labelled is not None:
            for label, value in labelled.items():
                fields.setdefault(label, value)
        elif not _is_chrome(line):
            kept.append(line)
    title = kept[0] if kept and len(kept[0]) <= _TITLE_LENGTH and not kept[0].endswith(("。", "；", ";")) else None
    return Page(
        text="\n".join(kept),
        title=title,
        published_at=parse_time(fields.get("published", "")),
        source_name=fields.get("source") or None,
        author=fields.get("author") or fields.get("editor") or None,
    )


def parse_time(words: str) -> datetime | None:
    """The first date (and time) in `words`, in UTC; None where there is none or it is impossible.

    A time with a zone (ISO 8601) is taken at its word, one without is Beijing time.

    >>> parse_time("2019-04-10 09:07:00").isoformat()
    '2019-04-10T01:07:00+00:00'
    """
    try:
        exact = datetime.fromisoformat(words.strip())
        return (exact if exact.tzinfo else exact.replace(tzinfo=BEIJING)).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    match = _DATE.search(words)
    if not match:
        return None
    parts = {name: int(value) for name, value in match.groupdict(default="0").items()}
    try:
        return datetime(**parts, tzinfo=BEIJING).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _strip(line: str) -> str:
    """The line without white space at its ends, zero-width characters included."""
    while (stripped := line.strip().strip(_EDGE)) != line:
        line = stripped
    return line


def _labelled_fields(line: str) -> dict[str, str] | None:
    """The fields of a line that holds nothing but labelled fields (发布时间: … 信息来源: …), or None."""
    pattern, role_of = _label_pattern()
    found = list(pattern.finditer(line))
    # What stands before the first label must be empty, a date, or punctuation: else the label is inside a sentence.
    if not found or not re.fullmatch(r"[\s【\[(（|]*(?:[\d\-年月日:：./\s]{6,24})?[\s|]*", line[: found[0].start()]):
        return None
    fields: dict[str, str] = {}
    if before := line[: found[0].start()].strip(_EDGE + "【[(（|"):
        fields["published"] = before
    for label, following in zip(found, [*found[1:], None], strict=True):
        value = line[label.end() : following.start() if following else len(line)].strip(_EDGE + "|【】[]()（）:：")
        if not _fits(role_of[label.group(1)], value):
            return None
        fields.setdefault(role_of[label.group(1)], value)
    return fields


def _fits(role: str, value: str) -> bool:
    """Whether the words can be the value of a field: 时间：今年要对标长沙 and 记者：请问… are sentences, not fields."""
    if role == "published":
        return _DATE.match(value) is not None and len(value) <= 24
    return len(value) <= _LONGEST_VALUE[role] and not _SENTENCE_MARK.search(value)


@functools.cache
def _label_pattern() -> tuple[re.Pattern[str], dict[str, str]]:
    labels = load_lexicon("page")["labels"]
    role_of = {label: role for role, words in labels.items() for label in words}
    alternatives = "|".join(re.escape(label) for label in sorted(role_of, key=len, reverse=True))
    return re.compile(rf"({alternatives})\s?[:：]"), role_of


def _is_chrome(line: str) -> bool:
    return len(line) <= 100 and _chrome_pattern().fullmatch(line.strip(_EDGE + ":：。.|")) is not None


@functools.cache
def _chrome_pattern() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in load_lexicon("page")["chrome"]["lines"]))
