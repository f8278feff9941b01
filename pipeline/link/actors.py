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
    """The regions that act, mostly one, and whether the text names them; none where a firm, school or person acts."""

    regions: tuple[RegionRef, ...]
    named: bool


class ActorTracker:
    """Follows the acting region through the sentences of an article, in order."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._paragraph = -1
        self._carried: tuple[RegionRef, ...] = ()
        self._earlier: tuple[RegionRef, ...] = ()

    def actor_of(self, sentence: Sentence, cue_start: int, models_end: int | None = None) -> Actor:
        """The actor of the clause that holds the cue at `cue_start`.

        Named in the sentence before the cue; else the one that the paragraph named last; else, where a delegation or
        the like goes on acting, the one of the paragraph before; else the subject of the clause behind the models
        (对标广州,肇庆市加快…), which end at `models_end`; else the article's home.
        """
        self._enter(sentence)
        named = self._named(sentence, cue_start)
        if named:
            self._carried = named.regions or self._carried
            return named
        words = self._document.text[sentence.span.start : cue_start]
        if self._carried:
            return Actor(self._carried, named=True)
        if self._earlier and any(word in words for word in _lexicon()["carried"]):
            return Actor(self._earlier, named=True)
        behind = self._subject_at(models_end + 1, sentence.span.end) if models_end else None
        return behind or Actor(self._home(sentence, cue_start), named=_OWN.search(words) is not None)

    def observe(self, sentence: Sentence) -> None:
        """Takes note of the subject that begins a sentence, for the sentences after it."""
        self._enter(sentence)
        lead = _lead().match(self._document.text, sentence.span.start, sentence.span.end)
        subject = self._subject_at(lead.end() if lead else sentence.span.start, sentence.span.end)
        if subject and subject.regions and not sentence.is_title:
            self._carried = subject.regions

    def _enter(self, sentence: Sentence) -> None:
        if sentence.paragraph != self._paragraph:
            self._paragraph = sentence.paragraph
            self._earlier = self._carried or self._earlier
            self._carried = ()

    def _named(self, sentence: Sentence, cue_start: int) -> Actor | None:
        """The subject nearest before the cue: a place, or a body of a place, at the start of a clause; else the place
        whose delegation or leadership stands inside one (由市长带队的宜昌市党政代表团).
        """
        document, found = self._document, None
        commas = _COMMA.finditer(document.text, sentence.span.start, cue_start)
        for clause in (sentence.span.start, *(comma.end() for comma in commas)):
            lead = _lead().match(document.text, clause, cue_start)
            found = self._subject_at(lead.end() if lead else clause, cue_start) or found
        if found:
            return found
        sent = [
            place
            for place in document.places_from(sentence.span.start, cue_start)
            if self._acts(place) and _delegation().match(document.text, place.span.end, cue_start)
        ]
        return Actor((self._acting_region(sent[-1]),), named=True) if sent else None

    def _subject_at(self, start: int, limit: int) -> Actor | None:
        document = self._document
        organisation = document.organisation_at(start)
        if organisation and organisation.mention.kind in _NOT_REGIONS and organisation.span.end <= limit:
            return Actor((), named=True)
        own = _OWN.match(document.text, start, limit)
        if own and document.home.region_code:
            return Actor((document.region_ref(Span(*own.span()), document.home.region_code),), named=True)
        members: list[ResolvedMention] = []
        at = start
        for place in document.places_from(start, limit):
            if place.span.start < at:
                continue
            if place.span.start != at:
                joined = members and document.text[at : place.span.start] in ("和", "与", "、")
                if not joined:
                    break
            if not self._acts(place):
                break
            if members and place.span.start == at and self._holds(members[-1], place):
                members[-1] = place
            else:
                members.append(place)
            at = place.span.end
        if not members:
            return None
        if _private().match(document.text, at, limit):
            return Actor((), named=True)
        return Actor(tuple(self._acting_region(place) for place in members), named=True)

    def _acts(self, place: ResolvedMention) -> bool:
        return self._document.gazetteer[place.region_code or ""].level in _ACTING_LEVELS

    def _holds(self, outer: ResolvedMention, inner: ResolvedMention) -> bool:
        return self._document.gazetteer.contains(outer.region_code or "", inner.region_code or "")

    def _acting_region(self, place: ResolvedMention) -> RegionRef:
        """The place as an actor: a township or zone acts as the county or city around it."""
        code = place.region_code or ""
        while self._document.gazetteer[code].level not in _CODED_LEVELS:
            code = self._document.gazetteer[code].parent_code or ""
        return self._document.region_ref(place.span, code)

    def _home(self, sentence: Sentence, cue_start: int) -> tuple[RegionRef, ...]:
        """The home, at the words that stand for it before the cue: 我市, else 市委, 代表团 and the like."""
        document = self._document
        if not document.home.region_code:
            return ()
        own = _OWN.search(document.text, sentence.span.start, cue_start)
        span = own or _carried_words().search(document.text, sentence.span.start, cue_start)
        return (document.region_ref(Span(*span.span()), document.home.region_code),) if span else ()


def _lexicon() -> dict[str, list[str]]:
    actors: dict[str, list[str]] = load_lexicon("link")["actors"]
    return actors


@functools.cache
def _lead() -> re.Pattern[str]:
    return re.compile(load_lexicon("link")["actors"]["lead"])


@functools.cache
def _carried_words() -> re.Pattern[str]:
    return re.compile("|".join(sorted(_lexicon()["carried"], key=len, reverse=True)))


@functools.cache
def _delegation() -> re.Pattern[str]:
    return re.compile("|".join(sorted(_lexicon()["delegations"], key=len, reverse=True)))


@functools.cache
def _private() -> re.Pattern[str]:
    return re.compile("|".join(sorted(_lexicon()["private"], key=len, reverse=True)))
