"""CSV and TSV: records by the standard library's reader, strictly; where quotes do not close, again from the next line."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pipeline.ingest.lines import Line

_SEPARATOR: Final = re.compile(r"(?i:sep)=([,;|\t])")
_DELIMITERS: Final = ",\t;|"
_READ_AGAIN: Final = 500_000
"""Lines read a second time, after records with open quotes had swallowed them, after which the rest is not read."""


@dataclass(frozen=True, slots=True)
class Row:
    """A record of the file by the number of its first line: its values, or why it has none."""

    number: int
    values: list[str]
    code: str = ""
    detail: str = ""


def read_rows(lines: Iterator[Line], *, tabs: bool, longest: int) -> Iterator[Row]:
    """The records of a file, its header first. A record may hold line ends inside quotes, `longest` characters in all.

    The delimiter is that of , tab ; | which the header has most often. A line that could not be read is a record of its
    own with its reason, even inside quotes.
    """
    source = _Source(lines)
    while (first := source.peek()) is not None and not first.code and not first.text.strip("\ufeff \t"):
        source.take()
    if first is None:
        return
    if named := _SEPARATOR.fullmatch(first.text.strip()):  # Excel's own first line
        source.take()
        yield from _records(source, named.group(1), longest)
        return
    delimiter = "\t" if tabs else max(_DELIMITERS, key=first.text.count)
    yield from _records(source, delimiter, longest)


def _records(source: _Source, delimiter: str, longest: int) -> Iterator[Row]:
    csv.field_size_limit(longest)
    while source.read_again <= _READ_AGAIN:
        broken = False
        for row in _strict(source, delimiter, longest):
            yield row
            broken = row.code == "invalid_csv"
        if not broken:
            return
    if (line := source.peek()) is not None:
        yield Row(line.number, [], "count_limit", "too many records with open quotes; the rest was not read")


def _strict(source: _Source, delimiter: str, longest: int) -> Iterator[Row]:
    """The records up to the first that is broken, which is told; its other lines are given back to the source."""
    while (line := source.peek()) is not None:
        if line.code:
            source.take()
            yield Row(line.number, [], line.code, line.detail)
            continue
        taken: list[Line] = []
        # One reader a record: the reader itself does not say which lines a broken record took.
        reader = csv.reader(source.texts(taken, longest), delimiter=delimiter, strict=True, skipinitialspace=True)
        try:
            values = next(reader, None)
        except csv.Error as error:
            source.give_back(taken[1:])
            yield Row(line.number, [], "invalid_csv", f"line {line.number}: {error}")
            return
        if values:
            yield Row(line.number, values)
        elif values is None:
            return


class _Source:
    """Lines with a look ahead, and a way back."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines = lines
        self._ahead: deque[Line] = deque()
        self.read_again = 0

    def peek(self) -> Line | None:
        if not self._ahead:
            line = next(self._lines, None)
            if line is None:
                return None
            self._ahead.append(line)
        return self._ahead[0]

    def take(self) -> Line:
        return self._ahead.popleft()

    def give_back(self, lines: list[Line]) -> None:
        self._ahead.extendleft(reversed(lines))
        self.read_again += len(lines)

    def texts(self, taken: list[Line], longest: int) -> Iterator[str]:
        """The lines of one record as the reader asks for them, noted in `taken`."""
        length = 0
        while (line := self.peek()) is not None and not line.code and length <= longest:
            taken.append(self.take())
            length += len(line.text) + 1
            yield line.text + "\n"
