"""Links of an article: frames of looking and learning, the journeys that they tell of, and one link a pair."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.gazetteer import Gazetteer
from pipeline.link.agents import find_agent
from pipeline.link.choose import choose
from pipeline.link.cues import CUE_WORDS, pattern_of
from pipeline.link.details import add_details
from pipeline.link.document import Document
from pipeline.link.frames import Frame, find_frames
from pipeline.link.journeys import Visit, find_journeys
from pipeline.link.learning import Candidate, learning_candidates, visit_candidates
from pipeline.link.masked import Masked, mask
from pipeline.link.people import People, read_people
from pipeline.link.sentences import split_sentences
from pipeline.records import Article, Home, Learner, Link, RegionRef, ResolvedMention, Span

Subjects = dict[Span, tuple[RegionRef, ...]]


@dataclass(frozen=True, slots=True)
class Reading:
    """All that the link rules read out of an article, from its masked sentences to its links."""

    document: Document
    sentences: list[Masked]
    people: People
    frames: list[Frame]
    visits: list[Visit]
    candidates: list[Candidate]
    links: list[Link]
    learners: list[Learner]


def find_links(
    article: Article, mentions: list[ResolvedMention], home: Home, gazetteer: Gazetteer
) -> tuple[list[Link], list[Learner]]:
    """The links of an article, one a pair, and the regions that act in it. Both in order of their first evidence."""
    reading = read_links(article, mentions, home, gazetteer)
    return reading.links, reading.learners


def read_links(article: Article, mentions: list[ResolvedMention], home: Home, gazetteer: Gazetteer) -> Reading:
    """The links of an article with all that led to them."""
    document = Document(article, mentions, home, gazetteer)
    sentences = [mask(document, sentence) for sentence in split_sentences(article.text, article.title)]
    people = read_people(document, sentences)
    frames = [f for masked in sentences if CUE_WORDS.search(masked.words) for f in find_frames(document, masked)]
    visits = find_journeys(document, people, frames)
    subjects = _subjects(document, people, sentences)
    candidates = visit_candidates(document, visits)
    for frame in frames:
        if frame.cue.relation != "visits":
            candidates += learning_candidates(document, people, frame, visits, subjects)
    links = add_details(document, people, sentences, visits, choose(document, candidates))
    learners = _learners(document, people, sentences, links, subjects)
    return Reading(document, sentences, people, frames, visits, candidates, links, learners)


def _subjects(document: Document, people: People, sentences: list[Masked]) -> Subjects:
    """Sentence -> the regions that its paragraph named last as the subject of a sentence, before it or at its start."""
    subjects: Subjects = {}
    paragraph = -1
    current: tuple[RegionRef, ...] = ()
    for masked in sentences:
        sentence = masked.sentence
        if sentence.paragraph != paragraph:
            paragraph, current = sentence.paragraph, ()
        first = re.search(r"[,，。；;：:]", masked.words)
        agent = find_agent(document, people, masked, first.start() if first else len(masked.words))
        if agent.how in ("named", "own", "ranked") and not sentence.is_title:
            current = agent.regions
        subjects[sentence.span] = current
    return subjects


def _learners(
    document: Document, people: People, sentences: list[Masked], links: list[Link], subjects: Subjects
) -> list[Learner]:
    """The regions that act: learners of links, and those that speak of models in general (对标一流)."""
    acting: dict[str, tuple[RegionRef, Span, bool]] = {}
    for link in links:
        if not link.flags:
            acting.setdefault(link.learner.code or "", (link.learner, link.evidence, False))
    for masked in sentences:
        match = pattern_of("exclusions", "generic", "pattern").search(masked.words)
        if not match or masked.sentence.is_title:
            continue
        agent = find_agent(document, people, masked, match.start())
        for region in agent.regions or subjects[masked.sentence.span]:
            acting.setdefault(region.code or "", (region, masked.sentence.span, True))
    rows = []
    for code, (region, evidence, generic) in acting.items():
        count = sum(link.learner.code == code for link in links)
        rows.append(Learner(code, region.name, count, generic and not count, evidence))
    return rows
