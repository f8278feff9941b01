"""All mentions of an article: places by name, organisations and sites by their words, under one policy for overlaps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

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


def _nest(mentions: Iterable[Mention]) -> list[Mention]:
    """Drops what crosses a longer mention, marks what lies inside one. `cover` gives each taken character's owners."""
    kept: list[Mention] = []
    cover: dict[int, list[Span]] = {}
    for mention in sorted(mentions, key=lambda mention: (-len(mention.span), mention.span.start)):
        span = mention.span
        over = {other for at in (span.start, span.end - 1) for other in cover.get(at, ())}
        if any(not other.holds(span) for other in over):
            continue
        # Of a name inside a name only places are of use: the 公司 part of a longer company name is not a second one.
        if over and not mention.candidates:
            continue
        for at in range(span.start, span.end):
            cover.setdefault(at, []).append(span)
        kept.append(replace(mention, outer=not over))
    return sorted(kept, key=lambda mention: (mention.span.start, -mention.span.end))
