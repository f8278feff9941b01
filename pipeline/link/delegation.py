"""Who leads a delegation and who receives it, and when: the details of a journey, read from its sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from pipeline.link.dates import VisitDates, read_dates
from pipeline.link.document import Document
from pipeline.link.journeys import Journey, Visit
from pipeline.link.masked import PERSON, Masked
from pipeline.link.people import People, Person
from pipeline.records import RegionRef
from pipeline.records import Visit as VisitRecord

_LEADS: Final = re.compile(r"率|带队|带领|领队|牵头|一行|组织(?=[^,，。]{0,20}(?:赴|到|前往))")
_RECEIVES: Final = re.compile(r"陪同|接待|会见|欢迎|迎接|参加(?:座谈|考察|活动|会议)|出席|介绍|座谈|致辞|主持")
_REACH: Final = 60


def read_delegation(document: Document, people: People, sentences: list[Masked], visits: list[Visit]) -> VisitRecord:
    """The leader, host and days of one journey, given its visits; what the text does not say stays None."""
    journey = visits[0].journey
    own = [visit.frame.masked for visit in sorted(visits, key=lambda v: (v.frame.is_title, v.frame.start))]
    body = [masked for masked in sentences if not masked.sentence.is_title]
    leader = next(_leaders(document, people, journey, own, body), None)
    host = next(_hosts(document, people, journey, leader, own, body), None)
    dates = _dates(document, own, body)
    text = document.text
    return VisitRecord(
        leader=leader.words if leader else None,
        leader_title=leader.title.of(text) if leader and leader.title else None,
        host=host.words if host else None,
        host_title=host.title.of(text) if host and host.title else None,
        visited_from=dates.first,
        visited_to=dates.last,
        days=dates.days,
    )


def _leaders(
    document: Document, people: People, journey: Journey, own: list[Masked], body: list[Masked]
) -> Iterator[Person]:
    """Persons who lead, the likeliest first: the first of those named before 率 or 带队 in a sentence of the visit,
    then in any sentence.
    """
    for masked in (*own, *body):
        for match in _LEADS.finditer(masked.words):
            before = [
                name
                for at, name in masked.names_between(max(0, match.start() - _REACH), match.start())
                if name.symbol == PERSON
            ]
            if match.group() == "一行":
                before = before[-1:]
            for name in before:
                person = people.known(name.span.of(document.text))
                if not _is_host(document, journey, person):
                    yield person
                    break


def _hosts(
    document: Document, people: People, journey: Journey, leader: Person | None, own: list[Masked], body: list[Masked]
) -> Iterator[Person]:
    """Persons who receive, the likeliest first: the first person of the other side in a sentence that says 陪同, 接待
    or the like.
    """
    for masked in (*own, *body):
        match = _RECEIVES.search(masked.words)
        if not match:
            continue
        for _, name in sorted(masked.names.items()):
            if name.symbol != PERSON:
                continue
            person = people.known(name.span.of(document.text))
            if (leader is None or person.words != leader.words) and _is_host(document, journey, person):
                yield person


def _is_host(document: Document, journey: Journey, person: Person) -> bool:
    """Whether a person stands on the side that is visited."""
    if person.region_code is None:
        return False
    held = document.coded(person.region_code)
    side = RegionRef(journey.learners[0].span, "", held, "", "", "region")
    return journey.goes_to(document, side) and not any(
        document.is_or_holds(learner.code, held) for learner in journey.learners
    )


def _dates(document: Document, own: Iterable[Masked], body: list[Masked]) -> VisitDates:
    published = document.article.published_at
    found = VisitDates()
    for masked in (*own, *body[:3]):
        if masked.sentence.is_title:
            continue
        dates = read_dates(masked.sentence.span.of(document.text), published)
        if dates.first and not found.first:
            found = replace(dates, days=found.days or dates.days)
        elif dates.days and not found.days:
            found = replace(found, days=dates.days)
    return found
