"""A news page as lines: its title, time, source and author, and the article without chrome.

Pasted or saved text and the lines of an HTML page alike; what a page says of itself is read in this order: labelled
fields (发布时间: … 来源: …), a line of time and publisher without labels, the article's own dateline (本报讯 (记者 …)),
the date at its end.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pipeline.ingest.text import clean
from pipeline.ingest.times import CHINESE_DATE, DATE, parse_time
from pipeline.resources import load_lexicon

HEAD_LINES: Final = 12
"""Lines from the top among which the line with time and source is looked for, and from the end for the editor's."""
_LONGEST_LINE: Final = 300
"""Characters of a line of fields or chrome; a longer one is text, and no pattern is tried on it."""
_ARTICLE_LENGTH: Final = 60
"""Characters that must stand before a line that ends an article."""
_TITLE_LENGTH: Final = 80
_LONGEST_VALUE: Final = {"source": 30, "author": 24, "editor": 24, "other": 16}
"""Characters that the value of a field may have, by its role."""
_SENTENCE_MARK: Final = re.compile(r"[，,。？?！!；;“”]|(?:对标|学习|考察|借鉴)")
_BEFORE_LABELS: Final = re.compile(r"(?:【[^】]{1,4}】)?[\s【\[(（|]{0,4}(?:[\d\-年月日:：./\s]{6,24})?[\s|]{0,8}")
_COUNT: Final = re.compile(r"\s[\d.]{1,8}[万+]{0,2}$")
"""How often a page was read, as it stands behind its date."""
_BRACKETS: Final = "|【】[]()（）<>:：—"
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

    `author` is the named author, else the responsible editor. Text is NFC; nothing later changes it. Raises InputError
    for what is no text (NUL, control characters, halves of surrogate pairs).
    """
    return page_of_lines(lines_of(clean(raw)))


def lines_of(text: str) -> list[str]:
    """The lines of a text, stripped, without blank ones."""
    return [line for line in (_strip(line) for line in text.splitlines()) if line]


def page_of_lines(lines: Sequence[str]) -> Page:
    """Takes a page apart that is lines already."""
    kept, fields = split_fields(lines)
    title = kept[0] if kept and len(kept[0]) <= _TITLE_LENGTH and not kept[0].endswith(("。", "；", ";")) else None
    told = dateline(kept)
    return Page(
        text="\n".join(kept),
        title=title,
        published_at=parse_time(fields.get("published", "")) or _date_at_end(kept),
        source_name=fields.get("source") or told.get("source"),
        author=fields.get("author") or told.get("author") or fields.get("editor"),
    )


def split_fields(lines: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """The lines that are the article's, and the fields (published, source, author, editor) that the others hold."""
    fields: dict[str, str] = {}
    kept: list[str] = []
    for number, line in enumerate(lines):
        found = None
        if number < HEAD_LINES or number >= len(lines) - HEAD_LINES:
            found = labelled_fields(line) or (_bare_fields(line) if number and number < HEAD_LINES else None)
        if found is not None:
            for role, value in found.items():
                fields.setdefault(role, value)
        elif not is_chrome(line):
            kept.append(line)
    return kept, {role: value for role, value in fields.items() if value}


def fields_of(lines: Iterable[str]) -> dict[str, str]:
    """The fields that stand in these lines, the first of each role.

    For lines that are known to be none of the article's: what stands before the first label does not matter.
    """
    fields: dict[str, str] = {}
    for line in lines:
        if len(line) > _LONGEST_LINE:
            continue
        before, found = _labels(line)
        bare = _bare_fields(before.strip(_EDGE + _BRACKETS)) or {}
        for role, value in (*found, *bare.items()):
            if value and _fits(role, value):
                fields.setdefault(role, value)
    return fields


def labelled_fields(line: str) -> dict[str, str] | None:
    """The fields of a line that holds nothing but labelled fields (发布时间: … 信息来源: …), or None."""
    if len(line) > _LONGEST_LINE:
        return None
    before, found = _labels(line)
    # What stands before the first label must be empty, a date, or punctuation: else the label is inside a sentence.
    if not found or not _BEFORE_LABELS.fullmatch(before) or not all(_fits(role, value) for role, value in found):
        return None
    fields: dict[str, str] = {}
    if before := before.rpartition("】")[2].strip(_EDGE + "【[(（|"):
        fields["published"] = before
    for role, value in found:
        if not fields.get(role):
            fields[role] = value
    return fields


def _labels(line: str) -> tuple[str, list[tuple[str, str]]]:
    """What stands before the first label of a line, and the role and value of each label."""
    pattern, role_of = _label_pattern()
    found = list(pattern.finditer(line))
    if not found:
        return line, []
    values = []
    for label, following in zip(found, [*found[1:], None], strict=True):
        value, _, behind = line[label.end() : following.start() if following else len(line)].partition("|")
        if DATE.search(behind):
            values.append(("published", behind.strip(_EDGE + _BRACKETS)))
        values.append((role_of["".join(label.group(1).split())], _without_chrome(value)))
    return line[: found[0].start()], values


def _without_chrome(value: str) -> str:
    """A value without what the page puts behind it: 湘潭日报 【字体：大 中 小】 打印."""
    words = value.strip(_EDGE + _BRACKETS).partition("【")[0].split()
    while words and is_chrome(words[-1]):
        words.pop()
    return " ".join(words).strip(_EDGE + _BRACKETS)


def _bare_fields(line: str) -> dict[str, str] | None:
    """Time and publisher of a line without labels (2024-03-05 10:22 湘潭日报; 湘潭日报 2024-03-05), or None."""
    if len(line) > 60:
        return None
    date = DATE.search(line)
    if not date:
        return None
    around = _COUNT.sub("", f"{line[: date.start()]} {line[date.end() :]}").strip(_EDGE + _BRACKETS)
    if not around:
        return {"published": date.group()}
    if _publisher_pattern().fullmatch(around):
        return {"published": date.group(), "source": around}
    return None


def dateline(lines: Sequence[str]) -> dict[str, str]:
    """Source and author that the article itself names: 本报讯 (记者 …), 新华社北京3月5日电, (据…)."""
    told: dict[str, str] = {}
    for line in (*lines[:4], *lines[-2:]):
        for role, pattern in _dateline_patterns():
            if role not in told and (found := pattern.search(line[:120] if role == "author" else line[-60:])):
                told[role] = found.group(1).strip(_EDGE)
        for agency in _agency_pattern().finditer(line[:60]):
            told.setdefault("source", agency.group(1))
    return told


def _date_at_end(lines: Sequence[str]) -> datetime | None:
    """The date that stands alone on one of the last lines, as under an official document."""
    for line in reversed(lines[-3:]):
        if len(line) <= 40 and (CHINESE_DATE.fullmatch(line) or DATE.fullmatch(line)):
            return parse_time(line)
    return None


def _strip(line: str) -> str:
    """The line without white space at its ends, zero-width characters included."""
    return line.strip(_EDGE + "\x0b\x0c\x1c\x1d\x1e\x1f\x85\u2028\u2029\u1680\u2000\u2001\u2002\u2003\u2004\u2005"
                      "\u2006\u2007\u2008\u2009\u200a\u202f\u205f")  # fmt: skip


def _fits(role: str, value: str) -> bool:
    """Whether the words can be the value of a field: 时间：今年要对标长沙 and 记者：请问… are sentences, not fields."""
    if role == "published":
        return not value or (parse_time(value) is not None and len(value) <= 32)
    return len(value) <= _LONGEST_VALUE[role] and not _SENTENCE_MARK.search(value)


@functools.cache
def _label_pattern() -> tuple[re.Pattern[str], dict[str, str]]:
    labels = load_lexicon("page")["labels"]
    role_of = {label: role for role, words in labels.items() for label in words}
    # 作 者: and 来　源: are written with blanks between, so that labels line up.
    spaced = [r"\s{0,4}".join(map(re.escape, label)) for label in sorted(role_of, key=len, reverse=True)]
    return re.compile(rf"({'|'.join(spaced)})\s?[:：]"), role_of


def before_end(lines: list[str]) -> list[str]:
    """The lines before the first that ends an article (往期推荐, 相关阅读, 版权所有), where an article stands before it."""
    n_characters = 0
    for number, line in enumerate(lines):
        if n_characters >= _ARTICLE_LENGTH and len(line) <= 130 and _ends_pattern().fullmatch(line):
            return lines[:number]
        n_characters += len(line)
    return list(lines)


def is_publisher(words: str) -> bool:
    """Whether the words end as the name of a paper, a site or an office does."""
    return _publisher_pattern().fullmatch(words) is not None


def is_chrome(line: str) -> bool:
    """Whether the line is the page's, not the article's: font sizes, printing, sharing, where one is."""
    return len(line) <= 100 and _chrome_pattern().fullmatch(line.strip(_EDGE + ":：。.|")) is not None


@functools.cache
def _chrome_pattern() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in load_lexicon("page")["chrome"]["lines"]))


@functools.cache
def _ends_pattern() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in load_lexicon("page")["ends"]["lines"]))


@functools.cache
def _publisher_pattern() -> re.Pattern[str]:
    return re.compile(load_lexicon("page")["dateline"]["publisher"])


@functools.cache
def _agency_pattern() -> re.Pattern[str]:
    return re.compile(load_lexicon("page")["dateline"]["agency"])


@functools.cache
def _dateline_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    lexicon = load_lexicon("page")["dateline"]
    return tuple((role, re.compile(pattern)) for role in ("author", "source") for pattern in lexicon[role])
