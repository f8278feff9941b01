"""All mentions of an article: places by name and names by the tagger, under one policy for overlaps.

The policy, in order:

1. What the tagger marks is a name, with the tagger's label and limits, as far as `limits` does not mend them; places
   taken together are cut, and a place or person marked twice is one wherever its words stand.
2. A place that the gazetteer finds and the rules of `gazetteer_matches` admit is a name of its own where the tagger
   marks nothing, and a nested one (not `outer`) where it stands inside an organisation or a longer place.
3. A place inside a person, or across the limits of a name, is none.
4. A company or central body of the lexicon is an organisation where nothing else is marked.
5. The regions that a place can mean are those that bear its words, whoever found it.
"""

from __future__ import annotations

from pipeline.gazetteer import Gazetteer
from pipeline.gazetteer.region import DIVISION_LEVELS, LETTER
from pipeline.recognise.adjacent import cut_places
from pipeline.recognise.gazetteer_matches import PlaceMatch, read_places
from pipeline.recognise.kinds import kind_of_name, known_organisations
from pipeline.recognise.limits import mend_limits, repeated_names
from pipeline.recognise.spans import ByCharacter
from pipeline.recognise.tagged_names import TaggedName, tag_names
from pipeline.records import Article, Mention, Span

GAZETTEER_ALONE = "gazetteer"
TAGGER_ALONE = "tagger"
BOTH = "gazetteer+tagger"
LEXICON = "lexicon"
"""How a mention was found."""


def find_mentions(article: Article, gazetteer: Gazetteer) -> list[Mention]:
    """The mentions of the article, in order of their start, the longer first."""
    text = article.text
    places, barred = read_places(text, gazetteer)
    names = mend_limits(tag_names(text, gazetteer), places, barred, text, gazetteer)
    names += repeated_names(names, text)
    by_span = {place.span: place for place in places}
    mentions = [_tagged_mention(name, text, by_span.get(name.span), gazetteer) for name in names]
    taken = ByCharacter((name.span, name) for name in names)
    for span, kind in known_organisations(text):
        if not taken.touching(span):
            mentions.append(Mention(span, span.of(text), "ORG", kind, LEXICON))
            taken.add(span, TaggedName(span, "ORG"))
    for place in places:
        around = taken.touching(place.span)
        if not around:
            mentions += _lone_places(place, text, gazetteer)
        elif all(_has_part(name, place.span, text, mentions) for name in around):
            mentions.append(_located(place.span, text, place.codes, gazetteer, outer=False))
    return sorted(mentions, key=lambda mention: (mention.span.start, -mention.span.end))


def _has_part(name: TaggedName, place: Span, text: str, mentions: list[Mention]) -> bool:
    """Whether a place inside a name is a part of it by itself: in an organisation, or where a longer place begins or a
    part before it ends (揭阳 | 潮汕机场), but not 沙市 in 長沙市.
    """
    if name.label == "PER" or name.span == place or not name.span.holds(place):
        return False
    if name.label == "LOC" and place.start != name.span.start and text[place.start - 1] not in "（(·、":
        return mentions[-1].span.end == place.start and not mentions[-1].outer
    return True


def _tagged_mention(name: TaggedName, text: str, place: PlaceMatch | None, gazetteer: Gazetteer) -> Mention:
    words = name.span.of(text)
    if name.label != "LOC":
        return Mention(name.span, words, name.label, kind_of_name(words, name.label), TAGGER_ALONE)
    codes = place.codes if place else codes_of(words, gazetteer)
    kind = _level_of(codes, gazetteer) if codes else kind_of_name(words, "LOC")
    return Mention(name.span, words, "LOC", kind, BOTH if codes else TAGGER_ALONE, candidates=codes)


def _lone_places(place: PlaceMatch, text: str, gazetteer: Gazetteer) -> list[Mention]:
    """The place as a mention, or, where its name is one of two letters (粤桂), the two that they stand for."""
    parts = cut_places(place.span, text, gazetteer)
    if len(parts) == 1:
        return [_located(place.span, text, place.codes, gazetteer)]
    return [_located(part, text, codes_of(part.of(text), gazetteer), gazetteer) for part in parts]


def _located(span: Span, text: str, codes: tuple[str, ...], gazetteer: Gazetteer, *, outer: bool = True) -> Mention:
    return Mention(span, span.of(text), "LOC", _level_of(codes, gazetteer), GAZETTEER_ALONE, outer, codes)


def codes_of(words: str, gazetteer: Gazetteer) -> tuple[str, ...]:
    """The codes of the regions that the words name; only a single letter (晋) names them by their letter."""
    names = gazetteer.names.get(words, ())
    return tuple(dict.fromkeys(n.region_code for n in names if n.name_type != LETTER or len(words) == 1))


def _level_of(codes: tuple[str, ...], gazetteer: Gazetteer) -> str:
    """The highest level among the regions: 吉林 is written of the province first."""
    levels = {gazetteer[code].level for code in codes}
    return next((level for level in DIVISION_LEVELS if level in levels), sorted(levels)[0])
