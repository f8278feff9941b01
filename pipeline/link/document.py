"""What the rules of this stage look at: the article with its resolved places, and regions as links name them."""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field

from pipeline.gazetteer import Gazetteer
from pipeline.gazetteer.region import COMPOSITE, DIVISION_LEVELS, TOWNSHIP, ZONE
from pipeline.records import Article, Home, RegionRef, ResolvedMention, Span


@dataclass(slots=True)
class Document:
    """An article as the link rules see it. `places` are the resolved places in order, nested ones included."""

    article: Article
    mentions: list[ResolvedMention]
    home: Home
    gazetteer: Gazetteer
    places: list[ResolvedMention] = field(init=False)
    _starts: list[int] = field(init=False)
    _organisations: dict[int, ResolvedMention] = field(init=False)
    _ends: dict[int, ResolvedMention] = field(init=False)

    def __post_init__(self) -> None:
        self.places = [m for m in self.mentions if m.mention.label == "LOC" and m.region_code]
        self._starts = [place.span.start for place in self.places]
        self._organisations = {m.span.start: m for m in reversed(self.mentions) if m.mention.label == "ORG"}
        self._ends = {m.span.end: m for m in self.mentions if m.mention.outer}

    @property
    def text(self) -> str:
        """The text of the article."""
        return self.article.text

    def places_from(self, start: int, end: int) -> list[ResolvedMention]:
        """The resolved places that begin at `start` or later and end by `end`."""
        first = bisect.bisect_left(self._starts, start)
        last = bisect.bisect_left(self._starts, end)
        return [place for place in self.places[first:last] if place.span.end <= end]

    def organisation_at(self, start: int) -> ResolvedMention | None:
        """The organisation whose name begins at `start`."""
        return self._organisations.get(start)

    def outer_mention_ending_at(self, end: int) -> ResolvedMention | None:
        """The outermost mention whose last character is the one before `end`."""
        return self._ends.get(end)

    def region_ref(self, span: Span, code: str, name: str | None = None) -> RegionRef:
        """The region as a link names it: today's code of a division, the holder of a zone, none of a composite.

        A division abolished since is given as the one it became, where it became one.
        """
        region = self.gazetteer[code]
        words = span.of(self.text)
        if region.level == ZONE:
            return RegionRef(span, words, region.parent_code, name or words, ZONE, "zone")
        if region.level == COMPOSITE:
            return RegionRef(span, words, None, region.name, COMPOSITE, "composite")
        if region.level not in DIVISION_LEVELS:
            return RegionRef(span, words, None, region.name, region.level, "foreign")
        if region.level == TOWNSHIP:
            return RegionRef(span, words, region.parent_code, name or words, TOWNSHIP, "locality")
        today = self.gazetteer.today(code)
        if len(today) == 1:
            region = self.gazetteer[today[0]]
        return RegionRef(span, words, region.region_code, region.name, region.level, "region")
