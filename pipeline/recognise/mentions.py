"""All mentions of an article: places by name, organisations and sites by their words, under one policy for overlaps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from pipeline.gazetteer import Gazetteer
from pipeline.gazetteer.region import DIVISION_LEVELS
from pipeline.recognise.gazetteer_matches import PlaceMatch, match_places
from pipeline.recognise.open_names import OpenName, find_open_names
from pipeline.records import Article, Mention, Span


def find_mentions(article: Article, gazetteer: Gazetteer) -> list[Mention]:
    """The mentions of the article, in order of their start, the longer first.

    Where two overlap without one holding the other, the longer is kept; a mention inside a longer one is kept and is
    not `outer`. A site or organisation with the very words of a place (张江高新区) is that place.
    """
    places = match_places(article.text, gazetteer)
    spans = [match.span for match in places]
    found = [_place_mention(match, article.text, gazetteer) for match in places]
    taken = {mention.span for mention in found}
    for name in find_open_names(article.text, spans):
        if name.span not in taken:
            taken.add(name.span)
            found.append(_open_mention(name, article.text))
    return _nest(found)


def _place_mention(match: PlaceMatch, text: str, gazetteer: Gazetteer) -> Mention:
    levels = {gazetteer[code].level for code in match.codes}
    # The highest level names the kind of words that several regions bear: 吉林 is written of the province first.
    kind = next((level for level in DIVISION_LEVELS if level in levels), sorted(levels)[0])
    return Mention(match.span, match.span.of(text), "LOC", kind, "gazetteer", candidates=match.codes)


def _open_mention(name: OpenName, text: str) -> Mention:
    return Mention(name.span, name.span.of(text), name.label, name.kind, name.method)


@dataclass(slots=True)
class _Chosen:
    spans: list[Span]

    def crosses(self, span: Span) -> bool:
        return any(
            other.start < span.end and span.start < other.end and not other.holds(span) and not span.holds(other)
            for other in self.spans
        )


def _nest(mentions: Iterable[Mention]) -> list[Mention]:
    kept: list[Mention] = []
    chosen = _Chosen([])
    for mention in sorted(mentions, key=lambda mention: (-len(mention.span), mention.span.start)):
        if chosen.crosses(mention.span):
            continue
        inside = any(other.holds(mention.span) for other in chosen.spans)
        # Of a name inside a name only places are of use: the 公司 part of a longer company name is not a second one.
        if inside and not mention.candidates:
            continue
        chosen.spans.append(mention.span)
        kept.append(replace(mention, outer=not inside))
    return sorted(kept, key=lambda mention: (mention.span.start, -mention.span.end))
