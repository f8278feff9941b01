"""The formats: a text file holds one article, a JSONL file one in each line. What cannot be read is rejected."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any, Final

from pipeline.ingest.charset import UndecodableError, decode
from pipeline.ingest.inputs import InputFile
from pipeline.ingest.page import Page, parse_time, read_page
from pipeline.records import Article, Rejection

STAGE: Final = "ingest"
MIN_CHARACTERS: Final = 10
"""A text with fewer characters holds no sentence; it is rejected as empty."""


def read_articles(inputs: Iterable[InputFile]) -> Iterator[Article | Rejection]:
    """The articles of the files, in order; a file or record that cannot be used yields a Rejection with its reason."""
    for file in inputs:
        if file.problem:
            yield _reject(file.uri, "unreadable", file.problem)
            continue
        reader = _READERS.get(PurePosixPath(file.uri).suffix.lower())
        if reader is None:
            formats = ", ".join(sorted(_READERS))
            yield _reject(file.uri, "unsupported_format", f"the name ends in none of {formats}")
            continue
        try:
            content = decode(file.path.read_bytes())
        except UndecodableError as error:
            yield _reject(file.uri, "undecodable", str(error))
        except OSError as error:
            yield _reject(file.uri, "unreadable", error.strerror or str(error))
        else:
            yield from reader(file.uri, content)


def _read_text(uri: str, content: str) -> Iterator[Article | Rejection]:
    page = read_page(content)
    if len(page.text) < MIN_CHARACTERS:
        yield _reject(uri, "empty", f"{len(page.text)} characters are left after the page's chrome is gone", content)
        return
    yield _article(PurePosixPath(uri).stem, uri, page, {})


def _read_jsonl(uri: str, content: str) -> Iterator[Article | Rejection]:
    for number, line in enumerate(content.split("\n"), start=1):
        if not line.strip():
            continue
        record_uri = f"{uri}#{number}"
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield _reject(record_uri, "invalid_json", str(error), line)
            continue
        if not isinstance(record, dict) or not isinstance(record.get("text"), str):
            yield _reject(record_uri, "no_text", 'the record has no field "text" that holds a string', line)
            continue
        if any("\ud800" <= character <= "\udfff" for character in line) or _has_surrogate(record):
            yield _reject(record_uri, "invalid_unicode", "a string holds half of a surrogate pair", "")
            continue
        page = read_page(record["text"])
        if len(page.text) < MIN_CHARACTERS:
            yield _reject(record_uri, "empty", f"the text has {len(page.text)} characters", line)
            continue
        source_id = str(record.get("id") or f"{PurePosixPath(uri).stem}-{number}")
        yield _article(source_id, record_uri, page, record)


def _article(source_id: str, uri: str, page: Page, record: dict[str, Any]) -> Article:
    """Puts an article together: what the record says of itself counts before what the page says."""
    return Article(
        source_id=source_id,
        source_uri=uri,
        text=page.text,
        url=_string(record, "url"),
        title=_string(record, "title") or page.title,
        source_name=_string(record, "source") or page.source_name,
        author=_string(record, "author") or page.author,
        published_at=parse_time(_string(record, "published") or "") or page.published_at,
    )


def _string(record: dict[str, Any], key: str) -> str | None:
    value = record.get(key)
    return unicodedata.normalize("NFC", value).strip() or None if isinstance(value, str) else None


def _has_surrogate(record: dict[str, Any]) -> bool:
    return any(
        isinstance(v, str) and any("\ud800" <= c <= "\udfff" for c in v) for v in (*record.keys(), *record.values())
    )


def _reject(uri: str, code: str, detail: str, content: str = "") -> Rejection:
    return Rejection(uri, STAGE, code, detail, content.strip()[:200])


_READERS: Final[dict[str, Callable[[str, str], Iterator[Article | Rejection]]]] = {
    ".txt": _read_text,
    ".jsonl": _read_jsonl,
}
