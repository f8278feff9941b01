"""What the rules of this stage look at: the article with its resolved mentions, and regions as links name them."""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass, field

from pipeline.gazetteer import Gazetteer
from pipeline.gazetteer.region import COMPOSITE, COUNTY, DIVISION_LEVELS, PREFECTURE, PROVINCE, TOWNSHIP, ZONE, Region
from pipeline.records import Article, Home, RegionRef, ResolvedMention, Span

_OWN = re.compile(r"我[省市县区州旗]|[省市县区州旗](?:委|政府|人大|政协)")
_CLAUSE = re.compile(r"[,，。；;：:！？\n]")
CODED_LEVELS = (PROVINCE, PREFECTURE, COUNTY)


@dataclass(slots=True)
class Document:
    """An article as the link rules see it.

    `outer` are the mentions inside no other one, in order; `places` the resolved places, nested ones included.
    """

    article: Article
    mentions: list[ResolvedMention]
    home: Home
    gazetteer: Gazetteer
    outer: list[ResolvedMention] = field(init=False)
    places: list[ResolvedMention] = field(init=False)
    located: dict[str, RegionRef] = field(init=False, default_factory=dict)
    """Zones and villages by their words, as the article located them first."""
    _starts: list[int] = field(init=False)
    _outer_starts: list[int] = field(init=False)
    _ends: dict[int, ResolvedMention] = field(init=False)

    def __post_init__(self) -> None:
        self.outer = [m for m in self.mentions if m.mention.outer]
        self.places = [m for m in self.mentions if m.mention.label == "LOC" and m.region_code]
        self._starts = [place.span.start for place in self.places]
        self._outer_starts = [m.span.start for m in self.outer]
        self._ends = {m.span.end: m for m in self.outer}

    @property
    def text(self) -> str:
        """The text of the article."""
        return self.article.text

    def places_in(self, span: Span) -> list[ResolvedMention]:
        """The resolved places inside the span, in order."""
        first = bisect.bisect_left(self._starts, span.start)
        last = bisect.bisect_left(self._starts, span.end)
        return [place for place in self.places[first:last] if place.span.end <= span.end]

    def outer_in(self, span: Span) -> list[ResolvedMention]:
        """The outer mentions inside the span, in order."""
        first = bisect.bisect_left(self._outer_starts, span.start)
        last = bisect.bisect_left(self._outer_starts, span.end)
        return [m for m in self.outer[first:last] if m.span.end <= span.end]

    def outer_mention_ending_at(self, end: int) -> ResolvedMention | None:
        """The outermost mention whose last character is the one before `end`."""
        return self._ends.get(end)

    def region_ref(self, span: Span, code: str, name: str | None = None) -> RegionRef:
        """The region as a link names it: today's code of a division, the holder of a zone, none of a composite.

        A division abolished since is given as the one it became, where it became one. `name` is that of a zone or
        locality as written.
        """
        region = self.gazetteer[code]
        words = span.of(self.text)
        if region.level in (ZONE, TOWNSHIP):
            kind = "zone" if region.level == ZONE else "locality"
            return RegionRef(span, words, self.coded(code), name or words, region.level, kind)
        if region.level == COMPOSITE:
            return RegionRef(span, words, None, region.name, COMPOSITE, "composite")
        if region.level not in DIVISION_LEVELS:
            known = region.name if words in region.name else words
            return RegionRef(span, words, None, known, region.level, "foreign")
        region = self.today(code)
        return RegionRef(span, words, region.region_code, region.name, region.level, "region")

    def acting_ref(self, span: Span, code: str) -> RegionRef | None:
        """The region as a learner: a township or zone acts as the county or city around it; None where none does."""
        held = self.coded(code)
        return self.region_ref(span, held) if held else None

    def home_ref(self, words: Span | None = None) -> RegionRef | None:
        """The home as a learner that no words before a cue name; None without a home.

        It stands at `words` where given (考察组), else where the article first names it, else at its beginning.
        """
        code = self.home.region_code
        if code is None:
            return None
        if words is None:
            named = (place.span for place in self.places if place.region_code == code)
            own = _OWN.search(self.text)
            words = next(named, None) or (Span(*own.span()) if own else self._first_words())
        return self.acting_ref(words, code)

    def _first_words(self) -> Span:
        """The first name in the article, else its first clause."""
        if self.outer:
            return self.outer[0].span
        end = _CLAUSE.search(self.text)
        return Span(0, max(1, min(end.start() if end else len(self.text), 30)))

    def holds(self, outer: RegionRef, inner: RegionRef) -> bool:
        """Whether the outer region holds the inner one; a composite what its members hold."""
        if inner.code is None:
            return False
        if outer.kind == "composite":
            codes = {name.region_code for name in self.gazetteer.names.get(outer.name, ())}
            return any(self.gazetteer.contains(code, inner.code) for code in codes)
        return outer.code is not None and self.gazetteer.contains(outer.code, inner.code)

    def coded(self, code: str) -> str | None:
        """The smallest province, prefecture or county of today that is, or holds, the region."""
        current: str | None = code
        while current and current in self.gazetteer.regions and self.gazetteer[current].level not in CODED_LEVELS:
            current = self.gazetteer[current].parent_code
        return self.today(current).region_code if current and current in self.gazetteer.regions else None

    def today(self, code: str) -> Region:
        """The division in force that this one is or became; itself where it became none or several."""
        today = self.gazetteer.today(code)
        return self.gazetteer[today[0] if len(today) == 1 else code]

    def is_or_holds(self, outer: str | None, inner: str | None) -> bool:
        """Whether `outer` is the region `inner` or holds it."""
        return bool(outer and inner) and (outer == inner or self.gazetteer.contains(outer or "", inner or ""))
