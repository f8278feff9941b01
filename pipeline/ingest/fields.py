"""Which field of a record holds what: the configured names, tried in order, case and blanks aside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from pipeline.config import FieldNames
from pipeline.ingest.times import BEIJING, is_plausible, parse_time

ROLES = ("id", "text", "html", "title", "url", "published", "source", "author")


@dataclass(frozen=True, slots=True)
class FieldMap:
    """The name of the field for each role that a file's records have, and the names that nothing reads."""

    name_of: dict[str, str]
    unused: tuple[str, ...]

    @classmethod
    def of(cls, names: Iterable[str], wanted: FieldNames) -> FieldMap:
        """The map for records with these field names: for each role the first of the wanted names that is there."""
        by_key = {_key(name): name for name in reversed(list(names))}
        name_of: dict[str, str] = {}
        for role in ROLES:
            for candidate in getattr(wanted, role):
                if (name := by_key.get(_key(candidate))) is not None and name not in name_of.values():
                    name_of[role] = name
                    break
        return cls(name_of, tuple(name for name in by_key.values() if name not in name_of.values()))

    def holds_text(self) -> bool:
        """Whether there is an article in such a record."""
        return "text" in self.name_of or "html" in self.name_of

    def describe(self) -> str:
        """The map in words: text from content, title from 标题; not read: clicks."""
        read = ", ".join(f"{role} from {name}" for role, name in self.name_of.items()) or "no field is known"
        told = f"{read}; not read: {', '.join(self.unused)}" if self.unused else read
        return told.encode("utf-8", "backslashreplace").decode("utf-8")


@dataclass(frozen=True, slots=True)
class Record:
    """One record before it is an article: a text or the bytes of a page, and what is known of it."""

    uri: str
    source_id: str
    text: str | None = None
    html: bytes | str | None = None
    charset: str | None = None
    url: str | None = None
    title: str | None = None
    source_name: str | None = None
    author: str | None = None
    published_at: datetime | None = None


def record_of(values: dict[str, Any], fields: FieldMap, uri: str, source_id: str) -> Record:
    """The record that these values make, by the map of their fields."""

    def words(role: str) -> str | None:
        value = values.get(fields.name_of.get(role, ""))
        return value if isinstance(value, str) and value.strip() else None

    given = values.get(fields.name_of.get("id", ""))
    author = values.get(fields.name_of.get("author", ""))
    page = values.get(fields.name_of.get("html", ""))
    return Record(
        uri=uri,
        source_id=str(given).strip() if isinstance(given, int | str) and str(given).strip() else source_id,
        text=words("text"),
        html=page if isinstance(page, bytes) and page.strip() else words("html"),
        url=words("url"),
        title=words("title"),
        source_name=words("source"),
        author=" ".join(a for a in author if isinstance(a, str)) if isinstance(author, list) else words("author"),
        published_at=_time(values.get(fields.name_of.get("published", ""))),
    )


def _time(value: Any) -> datetime | None:
    """A time of JSON or Parquet: words, seconds or milliseconds since 1970, a date (in Beijing), a timestamp."""
    try:
        found = _exact_time(value)
    except (ValueError, OverflowError):
        return None
    return found if found and is_plausible(found) else None


def _exact_time(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=BEIJING)).astimezone(UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=BEIJING).astimezone(UTC)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return parse_time(f"{value:.0f}")
    return parse_time(value) if isinstance(value, str) else None


def _key(name: str) -> str:
    return "".join(name.split()).strip("\ufeff").lower()
