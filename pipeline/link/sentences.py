"""Sentences of an article, as spans: one ends behind 。！？ (and what closes a quotation) or with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pipeline.records import Span

_SENTENCE: Final = re.compile(r"[^。！？!?\n]*(?:[。！？!?]+[”’」』\"）)]*|$|(?=\n))")
_LONGEST: Final = 600
"""Code points in a sentence; what is longer is no sentence but a table or list pasted without stops."""
_SHORTEST_TITLE: Final = 8
_SITE_NAME: Final = 24
"""Han characters that a site's name and channel may have behind a title."""
_CLAUSE_END: Final = re.compile(r"[,，。;；:：！？!?\n]")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence: its span, the number of its paragraph, and whether it is the article's title or says it again."""

    span: Span
    paragraph: int
    is_title: bool


def split_sentences(text: str, title: str | None) -> Iterator[Sentence]:
    """The sentences of `text` in order; blank ones are passed over. `title` marks the first line where they agree."""
    line_start = 0
    squeezed = _squeezed(title or "")
    for paragraph, line in enumerate(text.split("\n")):
        first_line = paragraph == 0 and title is not None and line.strip() == title.strip()
        for match in _SENTENCE.finditer(line):
            words = match.group()
            if words.strip():
                start = line_start + match.start() + len(words) - len(words.lstrip())
                end = line_start + match.start() + len(words.rstrip())
                is_title = first_line or _says_again(words, squeezed)
                yield from (Sentence(span, paragraph, is_title) for span in _bounded(text, start, end))
        line_start += len(line) + 1


def _squeezed(words: str) -> str:
    return "".join(character for character in words if "\u4e00" <= character <= "\u9fff")


def _says_again(words: str, title: str) -> bool:
    """Whether a sentence is the title once more with the name of its site, as pages are scraped (… -某市人民政府。)."""
    if len(title) < _SHORTEST_TITLE or len(words) > 3 * len(title) + 20:
        return False
    rest = _squeezed(words)
    return rest.startswith(title) and len(rest) - len(title) <= _SITE_NAME


def _bounded(text: str, start: int, end: int) -> Iterator[Span]:
    """The span in stretches of at most _LONGEST code points, each ending with a clause where one ends."""
    while end - start > _LONGEST:
        ends = [match.end() for match in _CLAUSE_END.finditer(text, start, start + _LONGEST)]
        cut = ends[-1] if ends else start + _LONGEST
        yield Span(start, cut)
        start = cut
    yield Span(start, end)


def clause_end(text: str, start: int, limit: int) -> int:
    """Where the clause that holds `start` ends: at a comma, colon, semicolon or sentence end, `limit` at most."""
    match = _CLAUSE_END.search(text, start, limit)
    return match.start() if match else limit
