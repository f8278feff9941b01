"""Web archives: WARC responses and resources as pages, WET conversions as texts.

fastwarc reads the records. A record whose length is wrong swallows or spills into the next one: the archive is then
opened anew and read on from the next record's first line, and the broken one is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any, Final

from fastwarc.warc import ArchiveIterator, WarcRecordType

from pipeline.ingest.charset import UndecodableError, decode
from pipeline.ingest.containers import Document, Unreadable, kept
from pipeline.ingest.fields import Record

_WANTED: Final = WarcRecordType.response | WarcRecordType.resource | WarcRecordType.conversion
_PAGES: Final = ("text/html", "application/xhtml+xml", "application/xhtml")
_RESTARTS: Final = 1000
"""Broken records of one archive after which its rest is not read."""
_HEADERS: Final = 1 << 16
"""Bytes that the HTTP headers of a record may take."""
_HEADER: Final = b"WARC/1."


@dataclass(slots=True)
class Archive:
    """An archive as it is read. `passed_over` counts the records that are no pages, by what they are."""

    document: Document
    longest: int
    passed_over: Counter[str] = field(default_factory=Counter)

    def records(self) -> Iterator[Record | Unreadable]:
        """The pages and texts of the archive in order, numbered from 1 among all its records."""
        with kept(self.document.stream) as stream:
            number, start = 0, 0
            for _ in range(_RESTARTS):
                reading = _Reading(stream, start, self.longest)
                for record in reading:
                    number += 1
                    try:
                        item = self._item(record, self._uri(number))
                    except (OSError, ValueError) as error:  # a body that is not encoded as its headers say
                        item = Unreadable(self._uri(number), "broken_warc", str(error)[:200])
                    if item is not None:
                        yield item
                if reading.broken_at is None:
                    return
                number += 1
                detail = f"the record at byte {reading.broken_at} has a wrong length or header"
                yield Unreadable(self._uri(number), "broken_warc", detail)
                following = _next_header(stream, reading.broken_at + len(_HEADER))
                if following is None:
                    return
                start = following
            detail = f"more than {_RESTARTS} broken records; what follows byte {start} was not read"
            yield Unreadable(self._uri(number + 1), "count_limit", detail)

    def _uri(self, number: int) -> str:
        return f"{self.document.uri}#{number}"

    def _item(self, record: Any, uri: str) -> Record | Unreadable | None:
        """The page or text of a WARC record, None where it holds neither."""
        url = (record.headers.get("WARC-Target-URI") or "").strip("<> ")
        media, charset = (record.headers.get("Content-Type") or "").split(";")[0].strip().lower(), None
        large = record.content_length > 2 * self.longest
        if record.is_http:
            if not large:
                record.parse_http(auto_decode="all")
            if record.http_headers is None or record.http_headers.status_code != 200:
                self.passed_over["responses without a page (status other than 200)"] += 1
                return None
            media, charset = (record.http_content_type or "").lower(), record.http_charset
        if media not in _PAGES and media != "text/plain":
            self.passed_over[media or "records without a media type"] += 1
            return None
        if large:
            return Unreadable(uri, "size_limit", f"a record of {record.content_length:,} bytes")
        content = record.reader.read(self.longest + 1)
        if len(content) > self.longest:
            return Unreadable(uri, "size_limit", f"a record of more than {self.longest:,} bytes")
        source_id = url or uri.rsplit("/", 1)[-1]
        if media in _PAGES:
            return Record(uri, source_id, html=content, charset=charset, url=url or None)
        try:
            return Record(uri, source_id, text=decode(content, charset), url=url or None)
        except UndecodableError as error:
            return Unreadable(uri, error.code, str(error))


class _Reading:
    """The whole records of an archive from a byte on. `broken_at` is the byte of the record that ended the reading.

    A record is given out when the next one has begun well, for only then its length was right.
    """

    def __init__(self, stream: IO[bytes], start: int, longest: int) -> None:
        self._stream = stream
        self._longest = longest
        self._start = start
        self.broken_at: int | None = None

    def __iter__(self) -> Iterator[Any]:
        self._stream.seek(self._start)
        held: Any = None
        position = self._start
        archive = iter(ArchiveIterator(self._stream, parse_http=False, stream_detect=False, fsspec_args=False))
        while True:
            try:
                record = next(archive, None)
                if held is not None:
                    yield held
                if record is None:
                    return
                position = self._start + record.stream_pos
                declared = record.content_length
                if not (record.headers.get("Content-Length") or "").strip().isdigit():
                    declared = -1
                if record.record_type & _WANTED and declared > 2 * self._longest:
                    # Never in memory whole: its headers are read, its body is passed over.
                    if record.is_http:
                        record.parse_http()
                    passed = record.reader.consume()
                    length, held = (declared if passed + _HEADERS >= declared else passed), record
                elif record.record_type & _WANTED:
                    record.freeze()
                    length, held = record.content_length, record
                else:
                    length, held = record.reader.consume(), None
            except (OSError, ValueError):
                self.broken_at = position
                return
            if length != declared:
                self.broken_at = position
                return


def _next_header(stream: IO[bytes], start: int) -> int | None:
    """The byte at which the next record begins that stands at the start of a line."""
    stream.seek(start)
    position, tail = start, b""
    while block := stream.read(1 << 16):
        window = tail + block
        found = window.find(b"\n" + _HEADER)
        if found >= 0:
            return position - len(tail) + found + 1
        tail = window[-len(_HEADER) :]
        position += len(block)
    return None
