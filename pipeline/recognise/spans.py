"""Finding and choosing among stretches of a text without looking at all of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, Protocol, TypeVar

from pipeline.records import Span


class Spanned(Protocol):
    """What stands somewhere in the text."""

    @property
    def span(self) -> Span:
        """Where."""


Item = TypeVar("Item")
Stretch = TypeVar("Stretch", bound=Spanned)


class ByCharacter(Generic[Item]):
    """Items by the characters that they take."""

    def __init__(self, items: Iterable[tuple[Span, Item]] = ()) -> None:
        self._items: dict[int, list[Item]] = {}
        for span, item in items:
            self.add(span, item)

    def add(self, span: Span, item: Item) -> None:
        """Takes the characters of the span for the item."""
        for at in range(span.start, span.end):
            self._items.setdefault(at, []).append(item)

    def touching(self, span: Span) -> list[Item]:
        """The items that have a character in common with the span, each once, the first that one meets first."""
        return list(dict.fromkeys(item for at in range(span.start, span.end) for item in self._items.get(at, ())))


def leftmost_longest(stretches: Iterable[Stretch]) -> list[Stretch]:
    """In order, without those that one before them reaches into; of those that begin together, the longest."""
    chosen: list[Stretch] = []
    for stretch in sorted(stretches, key=lambda stretch: (stretch.span.start, -stretch.span.end)):
        if not chosen or stretch.span.start >= chosen[-1].span.end:
            chosen.append(stretch)
    return chosen
