"""Who leads a delegation and who receives it, and when: the details of a link's journey, read from its sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from pipeline.link.dates import VisitDates, read_dates
from pipeline.link.document import Document
from pipeline.link.journeys import Journey, Visit, same_or_around
from pipeline.link.masked import PERSON, Masked
from pipeline.link.people import People, Person
from pipeline.records import RegionRef
from pipeline.records import Visit as VisitRecord

_LEADS: Final = (
    re.compile(r"率(?!先)|带队|带领|领队|率领"),
    re.compile(r"一行|组织(?=[^,，。]{0,20}(?:赴|到|前往))"),
)
"""What shows a leader, the surer first."""
_SPEAKS: Final = re.compile(r"表示|指出|强调|要求|认为|说[,，：]|与(?=Ⓟ)|会见|座谈|代表")
_MEETING: Final = re.compile(r"召开|会议|听取|传达|通报|归来")
_LOOKS: Final = re.compile(r"考察|学习|参观|观摩|调研")
_RECEIVES: Final = re.compile(r"陪同|接待|会见|欢迎|迎接|参加|出席|介绍|座谈|致辞|主持")
_SECRETARY: Final = re.compile(r"(?<!市场)[省市县区州旗]委书记")
_MAYOR: Final = re.compile(r"(?<!副)[省市县区州旗]长")
_LEVELS: Final = ("province", "prefecture", "county", "township")
_BREAKS_LIST: Final = re.compile(r"[。；;]|在|赴|到|出席|参加|主持|委托|陪同|指示|批示|精神|要求|邀请")


class DelegationReader:
    """Reads the details of one journey: its leader and days once, the host for each region that it went to."""

    def __init__(self, document: Document, people: People, sentences: list[Masked], visits: list[Visit]) -> None:
        self._document = document
        self._people = people
        self._journey: Journey = visits[0].journey
        self._visits = sorted(visits, key=lambda v: (v.frame.is_title, v.frame.masked.sentence.span.start))
        self._body = [masked for masked in sentences if not masked.sentence.is_title]
        self._titles = [masked for masked in sentences if masked.sentence.is_title]
        self._leader: Person | None = None  # none of the hosts is the leader, who is looked for first
        self._leader = next(self._leaders(), None)
        self._when = self._dates()

    def read(self, model: RegionRef) -> VisitRecord:
        """The details of the visit to one region; what the text does not say stays None."""
        text, leader, dates = self._document.text, self._leader, self._when
        host = next(self._hosts(model), None)
        return VisitRecord(
            leader=leader.words if leader else None,
            leader_title=leader.title.of(text) if leader and leader.title else None,
            host=host.words if host else None,
            host_title=host.title.of(text) if host and host.title else None,
            visited_from=dates.first,
            visited_to=dates.last,
            days=dates.days,
        )

    def _leaders(self) -> Iterator[Person]:
        """Persons who lead, the likeliest first: the first of those listed before 率 in a sentence of the visit, then
        in any sentence; then the one of 一行; then the first of the learner's side whom the title names, or who speaks.
        """
        own = [visit.frame.masked for visit in self._visits]
        for verb in _LEADS:
            for masked in (*own, *self._body):
                for match in verb.finditer(masked.words):
                    listed = self._listed_before(masked, match.start())
                    yield from (p for p in self._first(match.group(), listed) if not self._is_host(p, None))
        if own and not own[0].sentence.is_title and not _MEETING.search(own[0].words):
            for masked in (*self._titles, *self._body):
                for match in _SPEAKS.finditer(masked.words):
                    listed = self._listed_before(masked, match.start())[-1:]
                    yield from (p for p in listed if self._is_guest(p))

    def _first(self, verb: str, listed: list[Person]) -> list[Person]:
        """Who leads of a list: the first before 率, the last before 一行 and 带队."""
        return listed[-1:] if verb in ("一行", "带队") else listed[:1]

    def _listed_before(self, masked: Masked, end: int) -> list[Person]:
        """The persons of the list that ends before index `end`, in order: only offices and marks stand between."""
        listed: list[Person] = []
        last = end
        for at, name in sorted(masked.names_between(0, end), reverse=True):
            if _BREAKS_LIST.search(masked.words[at + 1 : last]) and (listed or last - at > 1):
                break
            if name.symbol == PERSON:
                listed.insert(0, self._people.known(name.span.of(self._document.text)))
                last = at
        return listed

    def _hosts(self, model: RegionRef) -> Iterator[Person]:
        """Persons who receive, the likeliest first: of the very region before those around it or in it; each first in a
        sentence that says 陪同, 接待 or the like.
        """
        own = [visit.frame.masked for visit in self._visits]
        for says in (_RECEIVES, None):
            found = [
                person
                for masked in (*own, *self._body)
                if says is None or says.search(masked.words)
                for person in self._persons(masked)
                if self._is_host(person, model)
            ]
            yield from sorted(found, key=self._rank)

    def _rank(self, person: Person) -> tuple[int, int]:
        """The rank of an office, the highest first: of the wider region, then 市委书记, then 市长."""
        title = person.title.of(self._document.text) if person.title else ""
        level = self._side(person).level
        office = 0 if _SECRETARY.search(title) else 1 if _MAYOR.search(title) else 2
        return _LEVELS.index(level) if level in _LEVELS else len(_LEVELS), office

    def _persons(self, masked: Masked) -> Iterator[Person]:
        for _, name in sorted(masked.names.items()):
            if name.symbol == PERSON:
                yield self._people.known(name.span.of(self._document.text))

    def _is_host(self, person: Person, model: RegionRef | None) -> bool:
        """Whether a person stands on the side of a region visited: of `model`, or of any."""
        if self._leader_is(person) or person.region_code is None:
            return False
        side = self._side(person)
        for learner in self._journey.learners:
            if learner.code == side.code or (
                self._document.is_or_holds(learner.code, side.code) and not self._journey.of_zone
            ):
                return False
        return same_or_around(self._document, side, model) if model else self._journey.goes_to(self._document, side)

    def _is_guest(self, person: Person) -> bool:
        """Whether a person of known office stands on the side of those who went."""
        if person.region_code is None:
            return False
        side = self._side(person)
        return any(learner.code == side.code for learner in self._journey.learners)

    def _leader_is(self, person: Person) -> bool:
        return self._leader is not None and self._leader.words == person.words

    def _side(self, person: Person) -> RegionRef:
        held = self._document.coded(person.region_code or "")
        return RegionRef(self._journey.learners[0].span, "", held, "", "", "region")

    def _dates(self) -> VisitDates:
        """The days of the visit: those that its first sentence with a date gives; else those of the first sentences
        that speak of looking or learning.
        """
        found = VisitDates()
        stretches = [(visit.frame.masked, visit.frame.start) for visit in self._visits if not visit.frame.is_title] + [
            (masked, len(masked.words)) for masked in self._body[:3] if _LOOKS.search(masked.words)
        ]
        for masked, at in stretches:
            span = masked.sentence.span
            words = span.of(self._document.text)
            dates = read_dates(words, masked.starts[at] - span.start, self._document.article.published_at)
            if dates.first and not found.first:
                found = replace(dates, days=found.days or dates.days)
            elif dates.days and not found.days:
                found = replace(found, days=dates.days)
        return found
