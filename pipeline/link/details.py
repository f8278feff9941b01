"""What a link carries besides its pair: the sites visited, and the leader, host and days of its journey."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from pipeline.link.delegation import DelegationReader
from pipeline.link.document import Document
from pipeline.link.journeys import Journey, Visit
from pipeline.link.masked import Masked
from pipeline.link.people import People
from pipeline.link.sites import assign_sites, sites_in
from pipeline.records import Link, Site
from pipeline.records import Visit as VisitRecord

_GOES_ON: Final = re.compile(r"考察团|代表团|考察组|学习组|一行|大家|参观|考察|察看|观摩|走进|来到|前往")


def add_details(
    document: Document, people: People, sentences: list[Masked], visits: list[Visit], links: list[Link]
) -> list[Link]:
    """The links of journeys with their sites and the details of the journey; others as they are."""
    journeys: dict[int, Journey] = {id(visit.journey): visit.journey for visit in visits}
    readers = {
        key: DelegationReader(document, people, sentences, [v for v in visits if v.journey is journey])
        for key, journey in journeys.items()
    }
    sites = _sites(document, sentences, visits, links)
    detailed = []
    for number, link in enumerate(links):
        journey = next((j for j in journeys.values() if not link.flags and _is_on(document, link, j)), None)
        visit = readers[id(journey)].read(link.model) if journey else VisitRecord()
        detailed.append(replace(link, sites=tuple(dict.fromkeys(sites.get(number, ()))), visit=visit))
    return detailed


def _is_on(document: Document, link: Link, journey: Journey) -> bool:
    return any(link.learner.code == learner.code for learner in journey.learners) and journey.goes_to(
        document, link.model
    )


def _sites(
    document: Document, sentences: list[Masked], visits: list[Visit], links: list[Link]
) -> dict[int, list[Site]]:
    """Index in `links` -> the sites of the link: each sentence tells of the journey named in it or last before it, in
    the same paragraph or where the delegation goes on.
    """
    found: dict[int, list[Site]] = {}
    body = sorted((v for v in visits if not v.frame.is_title), key=lambda v: v.frame.masked.sentence.span.start)
    for masked in sentences:
        sentence = masked.sentence
        before = [v for v in body if v.frame.masked.sentence.span.start <= sentence.span.start]
        if sentence.is_title or not before:
            continue
        last = before[-1]
        if last.frame.masked.sentence.paragraph != sentence.paragraph and not _GOES_ON.search(masked.words):
            continue
        own = [n for n, link in enumerate(links) if not link.flags and _is_on(document, link, last.journey)]
        sites = sites_in(document, sentence)
        for index, visited in assign_sites(document, sites, [links[n].model for n in own]).items():
            found.setdefault(own[index], []).extend(visited)
    return found
