"""Lines of a stream as text: each decoded on its own, none longer than the limit, whatever the file's size."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, cast

from pipeline.ingest.charset import UndecodableError, decode, is_big5, mark_of
from pipeline.ingest.containers import Document
from pipeline.ingest.limits import InputError


@dataclass(frozen=True, slots=True)
class Line:
    """One line, counted from 1: its text without the line end, or why it has none."""

    number: int
    text: str = ""
    code: str = ""
    detail: str = ""


def read_lines(document: Document, longest: int) -> Iterator[Line]:
    """The lines of a document of UTF-8, GB18030 or both (line ends are the same bytes in each), or of UTF-16 with a mark.

    A line of more than `longest` bytes is passed over and told.
    """
    stream: IO[bytes] = document.stream
    if (mark_of(document.head) or "").startswith(("utf-16", "utf-32")):
        stream = cast("IO[bytes]", io.BufferedReader(cast("Any", _Recoded(document)), longest + 1))
    declared = "big5" if is_big5(document.head[: document.head.rfind(b"\n") + 1] or document.head) else None
    number = 0
    while raw := stream.readline(longest + 1):
        number += 1
        if len(raw) > longest and not raw.endswith(b"\n"):
            length = len(raw)
            while (rest := stream.readline(1 << 16)) and not rest.endswith(b"\n"):
                length += len(rest)
            yield Line(number, code="size_limit", detail=f"a line of more than {longest:,} bytes ({length:,} at least)")
            continue
        try:
            yield Line(
                number, decode(raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw, declared).rstrip("\r\n")
            )
        except UndecodableError as error:
            yield Line(number, code=error.code, detail=str(error))


class _Recoded(io.RawIOBase):
    """A stream of UTF-16 or UTF-32 as one of UTF-8."""

    def __init__(self, document: Document) -> None:
        self._stream = document.stream
        self._decoder = codecs.getincrementaldecoder(mark_of(document.head) or "utf-16")("strict")
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        while not self._ready:
            raw = self._stream.read(1 << 16)
            try:
                self._ready = self._decoder.decode(raw, final=not raw).encode("utf-8", "surrogatepass")
            except UnicodeDecodeError as error:
                raise InputError("undecodable", str(error)) from None
            if not raw:
                break
        n_bytes = min(len(target), len(self._ready))
        target[:n_bytes] = self._ready[:n_bytes]
        self._ready = self._ready[n_bytes:]
        return n_bytes
