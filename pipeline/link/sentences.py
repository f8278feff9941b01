"""Sentences of an article, as spans: one ends behind 。！？ (and what closes a quotation) or with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pipeline.records import Span

_SENTENCE: Final = re.compile(r"[^。！？!?\n]*(?:[。！？!?]+[”’」』\"）)]*|$|(?=\n))")
_CLAUSE_END: Final = re.compile(r"[,，。;；:：！？!?\n]")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence: its span, the number of its paragraph, and whether it is the article's title line."""

    span: Span
    paragraph: int
    is_title: bool


def split_sentences(text: str, title: str | None) -> Iterator[Sentence]:
    """The sentences of `text` in order; blank ones are passed over. `title` marks the first line where they agree."""
    line_start = 0
    for paragraph, line in enumerate(text.split("\n")):
        is_title = paragraph == 0 and title is not None and line.strip() == title.strip()
        for match in _SENTENCE.finditer(line):
            words = match.group()
            if words.strip():
                start = line_start + match.start() + len(words) - len(words.lstrip())
                yield Sentence(Span(start, line_start + match.start() + len(words.rstrip())), paragraph, is_title)
        line_start += len(line) + 1


def clause_end(text: str, start: int, limit: int) -> int:
    """Where the clause that holds `start` ends: at a comma, colon, semicolon or sentence end, `limit` at most."""
    match = _CLAUSE_END.search(text, start, limit)
    return match.start() if match else limit
