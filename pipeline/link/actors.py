"""Who acts: the region that is the subject of a sentence, named in it or carried on from the sentences before."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Final

from pipeline.gazetteer.region import COUNTY, PREFECTURE, PROVINCE, TOWNSHIP, ZONE
from pipeline.link.document import Document
from pipeline.link.sentences import Sentence
from pipeline.records import RegionRef, ResolvedMention, Span
from pipeline.resources import load_lexicon

_ACTING_LEVELS: Final = (PROVINCE, PREFECTURE, COUNTY, TOWNSHIP, ZONE)
_CODED_LEVELS: Final = (PROVINCE, PREFECTURE, COUNTY)
_NOT_REGIONS: Final = ("company", "school", "organisation", "media")
_OWN: Final = re.compile(r"我(?:省|市|县|区|州|旗)")
_COMMA: Final = re.compile(r"[,，;；:：]")


@dataclass(frozen=True, slots=True)
class Actor:
    """The region that acts, whether it is named, and whether an enterprise or school acts for itself instead."""

    region: RegionRef | None
    named: bool
    private: bool = False


class ActorTracker:
    """Follows the acting region through the sentences of an article, in order."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._paragraph = -1
        self._carried: RegionRef | None = None
        self._earlier: RegionRef | None = None

    def actor_of(self, sentence: Sentence, cue_start: int) -> Actor:
        """The actor of the clause that holds the cue at `cue_start`.

        Named in the sentence before the cue; else the one that the paragraph named last; else, where a delegation or
        the like goes on acting, the one of the paragraph before; else the article's home.
        """
        self._enter(sentence)
        named = self._named(sentence, cue_start)
        if named:
            self._carried = named.region or self._carried
            return named
        words = self._document.text[sentence.span.start : cue_start]
        if self._carried:
            return Actor(self._carried, named=True)
        if self._earlier and any(word in words for word in _lexicon()["carried"]):
            return Actor(self._earlier, named=True)
        return Actor(self._home(sentence, cue_start), named=_OWN.search(words) is not None)

    def _enter(self, sentence: Sentence) -> None:
        if sentence.paragraph != self._paragraph:
            self._paragraph = sentence.paragraph
            self._earlier = self._carried or self._earlier
            self._carried = None

    def _named(self, sentence: Sentence, cue_start: int) -> Actor | None:
        """The subject nearest before the cue: a place, or a body of a place, at the start of a clause."""
        document, found = self._document, None
        commas = _COMMA.finditer(document.text, sentence.span.start, cue_start)
        for clause in (sentence.span.start, *(comma.end() for comma in commas)):
            lead = _lead().match(document.text, clause, cue_start)
            found = self._subject_at(lead.end() if lead else clause, cue_start) or found
        return found

    def _subject_at(self, start: int, limit: int) -> Actor | None:
        document = self._document
        organisation = document.organisation_at(start)
        if organisation and organisation.mention.kind in _NOT_REGIONS and organisation.span.end <= limit:
            return Actor(None, named=True, private=True)
        own = _OWN.match(document.text, start, limit)
        if own and document.home.region_code:
            return Actor(document.region_ref(Span(*own.span()), document.home.region_code), named=True)
        chain: list[ResolvedMention] = []
        for place in document.places_from(start, limit):
            if place.span.start != (chain[-1].span.end if chain else start):
                if chain and place.span.start < chain[-1].span.end:
                    continue
                break
            chain.append(place)
        acting = [p for p in chain if p.region_code and document.gazetteer[p.region_code].level in _ACTING_LEVELS]
        if not acting:
            return None
        last = acting[-1]
        code = last.region_code or ""
        while document.gazetteer[code].level not in _CODED_LEVELS:
            code = document.gazetteer[code].parent_code or ""
        return Actor(document.region_ref(last.span, code), named=True)

    def _home(self, sentence: Sentence, cue_start: int) -> RegionRef | None:
        """The home, at the words that stand for it: 我市 before the cue, else the sentence's own first word."""
        document = self._document
        if not document.home.region_code:
            return None
        own = _OWN.search(document.text, sentence.span.start, cue_start)
        carried = _carried_words().search(document.text, sentence.span.start, cue_start)
        span = own or carried
        if span is None:
            return None
        return document.region_ref(Span(*span.span()), document.home.region_code)


def _lexicon() -> dict[str, list[str]]:
    actors: dict[str, list[str]] = load_lexicon("link")["actors"]
    return actors


@functools.cache
def _lead() -> re.Pattern[str]:
    return re.compile(load_lexicon("link")["actors"]["lead"])


@functools.cache
def _carried_words() -> re.Pattern[str]:
    return re.compile("|".join(sorted(_lexicon()["carried"], key=len, reverse=True)))
