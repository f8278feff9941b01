"""Documents to articles: each format's records, and of each record the article or the reason why it is none."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Final

from pipeline.config import IngestSettings
from pipeline.ingest.charset import UndecodableError, decode
from pipeline.ingest.containers import Document, Unreadable, kept, open_documents
from pipeline.ingest.delimited import read_rows
from pipeline.ingest.fields import FieldMap, Record, record_of
from pipeline.ingest.formats import format_of
from pipeline.ingest.html import read_html
from pipeline.ingest.inputs import InputFile
from pipeline.ingest.limits import Budget, InputError, TooSlowError, time_limit
from pipeline.ingest.lines import read_lines
from pipeline.ingest.page import Page, read_page
from pipeline.ingest.text import clean, script_of
from pipeline.ingest.warc import Archive
from pipeline.records import Article, Rejection

STAGE: Final = "ingest"
MIN_CHARACTERS: Final = 10
"""A text with fewer characters holds no sentence; it is rejected as empty."""
_BATCH: Final = 16
"""Rows of a Parquet file that are in memory at once."""


@dataclass(slots=True)
class Reading:
    """What is told about the inputs beside their articles: the format of each document, and notes for a person."""

    formats: dict[str, str] = field(default_factory=dict)
    """uri of a document -> its format."""
    notes: list[str] = field(default_factory=list)


_Item = Record | Unreadable


def read_articles(
    inputs: Iterable[InputFile], settings: IngestSettings | None = None, reading: Reading | None = None
) -> Iterator[Article | Rejection]:
    """The articles of the files, in order; a file, member or record that cannot be used yields a Rejection that says why.

    Nothing that an input holds raises. `reading` is filled with what the run tells of its inputs.
    """
    settings = settings or IngestSettings()
    for item in read_records(inputs, settings, reading):
        yield _article(item, settings) if isinstance(item, Record) else _reject(item)


def read_records(
    inputs: Iterable[InputFile], settings: IngestSettings, reading: Reading | None = None
) -> Iterator[_Item]:
    """The records of the files before they are articles: what a dry run counts."""
    reading = reading if reading is not None else Reading()
    for file in inputs:
        if file.problem:
            yield Unreadable(file.uri, "unreadable", file.problem)
            continue
        try:
            for document in open_documents(file, Budget(settings.limits, file.size)):
                if isinstance(document, Unreadable):
                    yield document
                else:
                    yield from _document(document, settings, reading)
        except OSError as error:
            yield Unreadable(file.uri, "unreadable", error.strerror or str(error))


def _document(document: Document, settings: IngestSettings, reading: Reading) -> Iterator[_Item]:
    found, why_not = format_of(document)
    if found is None:
        yield Unreadable(document.uri, "unsupported_format", why_not)
        return
    reading.formats[document.uri] = found
    try:
        yield from _READERS[found](document, settings, reading)
    except InputError as error:
        yield Unreadable(document.uri, error.code, error.detail)
    except OSError as error:
        yield Unreadable(document.uri, "unreadable", error.strerror or str(error))
    except Exception as error:
        # A fault of ours, or of a library's, on one document must not stop the rest, and must not pass unseen.
        yield Unreadable(document.uri, "stage_failed", repr(error)[:300])


def _whole(document: Document, settings: IngestSettings) -> bytes:
    """The bytes of a document that is one record. Raises InputError where they are too many."""
    longest = settings.limits.document_bytes
    content = document.stream.read(longest + 1)
    if len(content) > longest:
        raise InputError("size_limit", f"a document of more than {longest:,} bytes")
    return content


def _read_text(document: Document, settings: IngestSettings, _: Reading) -> Iterator[_Item]:
    try:
        yield Record(document.uri, _stem(document), text=decode(_whole(document, settings)))
    except UndecodableError as error:
        yield Unreadable(document.uri, error.code, str(error))


def _read_html(document: Document, settings: IngestSettings, _: Reading) -> Iterator[_Item]:
    yield Record(document.uri, _stem(document), html=_whole(document, settings))


def _read_jsonl(document: Document, settings: IngestSettings, reading: Reading) -> Iterator[_Item]:
    maps = _Maps(document, settings, reading)
    for line in read_lines(document, settings.limits.document_bytes):
        if line.code:
            yield Unreadable(f"{document.uri}#{line.number}", line.code, line.detail)
        elif line.text.strip():
            yield maps.item(_json(line.text, f"{document.uri}#{line.number}"), line.number)


def _read_json(document: Document, settings: IngestSettings, reading: Reading) -> Iterator[_Item]:
    """One object, or a list of them; a file of an object a line, as .json is used too, is read as JSONL."""
    content = _whole(document, settings)
    try:
        found = _json(decode(content), document.uri)
    except UndecodableError as error:
        yield Unreadable(document.uri, error.code, str(error))
        return
    if isinstance(found, Unreadable):
        again = Document(document.uri, document.name, io.BufferedReader(io.BytesIO(content)), document.head)
        lines = list(_read_jsonl(again, settings, reading))
        yield from lines if any(isinstance(line, Record) for line in lines) else [found]
        return
    maps = _Maps(document, settings, reading)
    for number, record in enumerate(found if isinstance(found, list) else [found], start=1):
        yield maps.item(record, number)


def _read_delimited(document: Document, settings: IngestSettings, reading: Reading, *, tabs: bool) -> Iterator[_Item]:
    longest = settings.limits.document_bytes
    fields: FieldMap | None = None
    names: list[str] = []
    for row in read_rows(read_lines(document, longest), tabs=tabs, longest=longest):
        uri = f"{document.uri}#{row.number}"
        if row.code:
            yield Unreadable(uri, row.code, row.detail)
        elif fields is None:
            names = row.values
            fields = FieldMap.of(names, settings.fields)
            reading.notes.append(f"{document.uri}: {fields.describe()}")
            if not fields.holds_text():
                raise InputError(
                    "no_text", f"no column is known to hold the text; the columns are {', '.join(names)[:300]}"
                )
        elif len(row.values) != len(names):
            yield Unreadable(uri, "invalid_csv", f"{len(row.values)} values under {len(names)} columns")
        else:
            values = dict(zip(reversed(names), reversed(row.values), strict=True))  # of columns of one name the first
            yield _checked(record_of(values, fields, uri, _numbered(document, row.number)))


def _read_parquet(document: Document, settings: IngestSettings, reading: Reading) -> Iterator[_Item]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with kept(document.stream) as stream:
        number = 0
        try:
            file = pq.ParquetFile(stream)
            fields = FieldMap.of(file.schema_arrow.names, settings.fields)
            reading.notes.append(f"{document.uri}: {fields.describe()}")
            if not fields.holds_text():
                columns = ", ".join(file.schema_arrow.names)[:300]
                raise InputError("no_text", f"no column is known to hold the text; the columns are {columns}")
            for batch in file.iter_batches(batch_size=_BATCH, columns=list(fields.name_of.values()), use_threads=False):
                for row in _rows(batch, settings.limits.document_bytes):
                    number += 1
                    uri = f"{document.uri}#{number}"
                    if row is None:
                        longest = settings.limits.document_bytes
                        yield Unreadable(uri, "size_limit", f"a record of more than {longest:,} bytes")
                        continue
                    values = {name: _unpacked(value, name, fields) for name, value in row.items()}
                    if undecodable := next((v for v in values.values() if isinstance(v, UndecodableError)), None):
                        yield Unreadable(uri, undecodable.code, str(undecodable))
                    else:
                        yield _checked(record_of(values, fields, uri, _numbered(document, number)))
        except (pa.ArrowException, OSError, ValueError, LookupError, OverflowError, MemoryError) as error:
            raise InputError("broken_parquet", f"after {number} rows: {str(error)[:200]}") from None


def _rows(batch: Any, longest: int) -> Iterator[dict[str, Any] | None]:
    """The rows of a batch, one at a time where they are large; None for a row of more than `longest` bytes."""
    for start in range(0, batch.num_rows, step := _BATCH if batch.nbytes <= longest else 1):
        part = batch.slice(start, step)
        if step == 1 and part.nbytes > longest:
            yield None
        else:
            yield from part.to_pylist()


def _unpacked(value: Any, name: str, fields: FieldMap) -> Any:
    """Text in a column of bytes is text, or the reason why it is none; a page in it stays bytes until its charset is
    found.
    """
    if isinstance(value, bytes) and name != fields.name_of.get("html"):
        try:
            return decode(value)
        except UndecodableError as error:
            return error
    return value


def _read_warc(document: Document, settings: IngestSettings, reading: Reading) -> Iterator[_Item]:
    archive = Archive(document, settings.limits.document_bytes)
    yield from archive.records()
    if archive.passed_over:
        kinds = ", ".join(f"{count} {kind}" for kind, count in archive.passed_over.most_common(8))
        reading.notes.append(f"{document.uri}: passed over {sum(archive.passed_over.values())} records: {kinds}")


@dataclass(slots=True)
class _Maps:
    """The field maps of a file whose records may differ: each new set of names is told once."""

    document: Document
    settings: IngestSettings
    reading: Reading
    known: dict[tuple[str, ...], FieldMap] = field(default_factory=dict)

    def item(self, values: Any, number: int) -> _Item:
        uri = f"{self.document.uri}#{number}"
        if isinstance(values, Unreadable):
            return values
        if not isinstance(values, dict):
            return Unreadable(uri, "no_text", "the record is no object with fields")
        names = tuple(values)
        fields = self.known.get(names)
        if fields is None:
            fields = FieldMap.of(names, self.settings.fields)
            if len(self.known) < 20:
                self.reading.notes.append(f"{self.document.uri}: {fields.describe()}")
                self.known[names] = fields
        return _checked(record_of(values, fields, uri, _numbered(self.document, number)))


def _checked(record: Record) -> _Item:
    if record.text is None and record.html is None:
        return Unreadable(record.uri, "no_text", "the record has no field with a text; see [ingest.fields]")
    return record


def _json(text: str, uri: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        return Unreadable(uri, "invalid_json", str(error)[:200], text.strip()[:200])


def _stem(document: Document) -> str:
    return PurePosixPath(document.name).stem or document.name


def _numbered(document: Document, number: int) -> str:
    return f"{_stem(document)}-{number}"


def _article(record: Record, settings: IngestSettings) -> Article | Rejection:
    try:
        with time_limit(settings.limits.seconds):
            return _made(record, settings)
    except TooSlowError:
        return _rejection(record, "too_slow", f"took more than {settings.limits.seconds:g} s to read")
    except (InputError, UndecodableError) as error:
        return _rejection(record, error.code, str(error))
    except (RecursionError, MemoryError) as error:
        return _rejection(record, "nested_too_deep", type(error).__name__)
    except Exception as error:
        return _rejection(record, "stage_failed", repr(error)[:300])


def _made(record: Record, settings: IngestSettings) -> Article:
    """Puts an article together: what the record says of itself counts before what the page says."""
    page, address = _page(record)
    if len(page.text) > settings.limits.characters:
        raise InputError("size_limit", f"an article of {len(page.text):,} characters")
    if len(page.text) < MIN_CHARACTERS:
        raise InputError("empty", f"{len(page.text)} characters are left after the page's chrome is gone")
    return Article(
        source_id=_line(record.source_id) or "-",
        source_uri=record.uri,
        text=page.text,
        url=_line(record.url) or address,
        title=_line(record.title) or page.title,
        source_name=_line(record.source_name) or page.source_name,
        author=_line(record.author) or page.author,
        published_at=record.published_at or page.published_at,
        script=script_of(page.text),
    )


def _page(record: Record) -> tuple[Page, str | None]:
    if record.html is not None:
        return read_html(record.html, record.charset)
    return read_page(record.text or ""), None


def _line(words: str | None) -> str | None:
    """A value of a record on one line, in the characters that a table may hold."""
    return " ".join(clean(words).split()) or None if words else None


def _reject(unreadable: Unreadable) -> Rejection:
    return Rejection(unreadable.uri, STAGE, unreadable.code, unreadable.detail, _shown(unreadable.excerpt))


def _rejection(record: Record, code: str, detail: str) -> Rejection:
    content = record.text if record.text is not None else record.html
    excerpt = content if isinstance(content, str) else (content or b"")[:600].decode("utf-8", "ignore")
    return Rejection(record.uri, STAGE, code, detail, _shown(excerpt))


def _shown(excerpt: str) -> str:
    """The first 200 characters that can be shown."""
    return "".join(c for c in excerpt[:400] if c.isprintable() or c == "\n").strip()[:200]


_READERS: Final[dict[str, Callable[[Document, IngestSettings, Reading], Iterator[_Item]]]] = {
    "text": _read_text,
    "html": _read_html,
    "jsonl": _read_jsonl,
    "json": _read_json,
    "csv": lambda document, settings, reading: _read_delimited(document, settings, reading, tabs=False),
    "tsv": lambda document, settings, reading: _read_delimited(document, settings, reading, tabs=True),
    "parquet": _read_parquet,
    "warc": _read_warc,
}
