"""Links of an article: each cue with the models it takes and the region that acts, gathered to one link a pair."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pipeline.gazetteer import Gazetteer
from pipeline.link.actors import ActorTracker
from pipeline.link.aspects import aspects_of_model, aspects_of_next_clause, aspects_of_visit
from pipeline.link.document import Document
from pipeline.link.models import ModelItem, list_end, read_anaphor, read_models
from pipeline.link.sentences import Sentence, clause_end, split_sentences
from pipeline.link.sites import assign_sites, sites_in
from pipeline.records import RELATIONS, Article, Home, Learner, Link, RegionRef, ResolvedMention, Span
from pipeline.resources import load_lexicon

_OWN_REGION = re.compile(r"我(?:省|市|县|区|州|旗)")


@dataclass(frozen=True, slots=True)
class Cue:
    """A cue of `lexicon/link.toml`, compiled."""

    name: str
    relation: str
    place: str
    cue: re.Pattern[str]
    needs: re.Pattern[str] | None


def find_links(
    article: Article, mentions: list[ResolvedMention], home: Home, gazetteer: Gazetteer
) -> tuple[list[Link], list[Learner]]:
    """The links of an article, one a pair, and the regions that act in it. Both in order of their first evidence."""
    document = Document(article, mentions, home, gazetteer)
    tracker = ActorTracker(document)
    sentences = list(split_sentences(article.text, article.title))
    found: list[Link] = []
    acting: dict[str, tuple[RegionRef, Span, bool]] = {}
    journey: _Journey | None = None
    for sentence in sentences:
        if journey and not journey.goes_on_in(document, sentence):
            journey = None
        links = list(_links_of(document, sentence, tracker, journey))
        found += links
        if links:
            models = [link.model for link in links if link.learner.code == links[-1].learner.code]
            journey = _Journey(sentence.paragraph, links[-1].learner, models)
        if journey:
            _add_sites(document, sentence, found, journey)
        tracker.observe(sentence)
        for region, generic in _acting(document, sentence, tracker, links):
            _, first, so_far = acting.get(region.code or "", (region, sentence.span, False))
            acting[region.code or ""] = (region, first, so_far or generic)
    links = _merge(found, {s.span for s in sentences if s.is_title})
    learners = []
    for code, (region, evidence, generic) in acting.items():
        count = sum(link.learner.code == code for link in links)
        learners.append(Learner(code, region.name, count, generic and not count, evidence))
    return links, learners


@dataclass(frozen=True, slots=True)
class _Journey:
    """The models that one learner was linked to last: what 三市 stands for, and where sites named next are."""

    paragraph: int
    learner: RegionRef
    models: list[RegionRef]

    def goes_on_in(self, document: Document, sentence: Sentence) -> bool:
        """Whether a sentence still tells of it: in the same paragraph, or where the delegation goes on acting."""
        carried = load_lexicon("link")["actors"]["carried"]
        words = sentence.span.of(document.text)
        return sentence.paragraph == self.paragraph or any(word in words for word in carried)


def _links_of(
    document: Document, sentence: Sentence, tracker: ActorTracker, journey: _Journey | None
) -> Iterator[Link]:
    """The links that the cues of one sentence make, left to right."""
    named: list[RegionRef] = list(journey.models) if journey else []
    for cue, match in _cues_in(document.text, sentence.span):
        if _is_barred(document.text[sentence.span.start : match.start()]):
            continue
        end = clause_end(document.text, match.end(), sentence.span.end)
        items = _own_region(document, match.end()) or read_models(document, match.end(), end, sentence.span.end)
        items = items or (read_anaphor(document, match.end(), named) if cue.relation == "learns_from" else [])
        needed = _needed(document.text, cue, items, sentence.span.end) if items else None
        if needed is None or (cue.relation == "visits" and _other_purpose(document.text, match.start(), end)):
            continue
        actor = tracker.actor_of(sentence, match.start(), items[-1].tail.end)
        made = [
            Link(
                learner,
                model,
                cue.relation,
                sentence.span,
                cue.name,
                _aspects(document, cue, item, needed, sentence),
            )
            for learner in actor.regions
            for item in items
            for model in item.regions
            if _may_link(document, learner, model)
        ]
        if made:
            named = [link.model for link in made]
            yield from made


def _cues_in(text: str, span: Span) -> Iterator[tuple[Cue, re.Match[str]]]:
    matches = [(cue, match) for cue in load_cues() for match in cue.cue.finditer(text, span.start, span.end)]
    yield from sorted(matches, key=lambda pair: pair[1].start())


def _needed(text: str, cue: Cue, items: list[ModelItem], sentence_end: int) -> int | None:
    """Where the words end that the cue needs behind its models; None where they are not there."""
    start = list_end(items)
    if cue.needs is None:
        return start
    end = sentence_end if cue.relation == "visits" else clause_end(text, start, sentence_end)
    stretch = text[start : min(end, start + 60)]
    match = cue.needs.search(stretch)
    if not match:
        return None
    last = start + match.end()
    # A verb of visiting may have several parts: 考察 | 学习, 考察 | 对接.
    more = re.compile(r"(?:考察|学习|观摩|参观|调研|交流|对接|取经)*").match(text, last)
    return more.end() if more else last


def _own_region(document: Document, start: int) -> list[ModelItem]:
    """我市 behind a cue: the home is the model (来我市考察)."""
    match = _OWN_REGION.match(document.text, start)
    if not match or not document.home.region_code:
        return []
    region = document.region_ref(Span(*match.span()), document.home.region_code)
    return [ModelItem((region,), Span(match.end(), match.end()))]


def _aspects(document: Document, cue: Cue, item: ModelItem, needed: int, sentence: Sentence) -> tuple[str, ...]:
    if cue.relation == "visits":
        return aspects_of_visit(document.text, needed, sentence.span.end)
    if cue.place == "between":
        return ()
    own = aspects_of_model(document.text, item)
    return own or aspects_of_next_clause(document.text, item.tail.start, sentence.span.end)


def _may_link(document: Document, learner: RegionRef, model: RegionRef) -> bool:
    """No region learns from itself, and one that visits what it holds inspects it."""
    if learner.code is None or (model.kind != "zone" and learner.code == model.code):
        return False
    return model.code is None or not document.gazetteer.contains(learner.code, model.code)


def _acting(
    document: Document, sentence: Sentence, tracker: ActorTracker, links: Iterable[Link]
) -> Iterator[tuple[RegionRef, bool]]:
    """(region, whether it speaks of models in general) for the regions that the sentence shows acting."""
    for link in links:
        yield link.learner, False
    match = _generic().search(document.text, sentence.span.start, sentence.span.end)
    if match and not sentence.is_title:
        actor = tracker.actor_of(sentence, match.start())
        if actor.named:
            yield from ((region, True) for region in actor.regions)


def _add_sites(document: Document, sentence: Sentence, links: list[Link], journey: _Journey) -> None:
    """Gives the sites of a sentence to the links of the journey, each to the region where it stands."""
    sites = sites_in(document, sentence)
    for index, visited in assign_sites(document, sites, journey.models).items():
        pair = (journey.learner.code, journey.models[index])
        position = max(i for i, link in enumerate(links) if (link.learner.code, link.model) == pair)
        known = links[position].sites
        links[position] = replace(links[position], sites=tuple(dict.fromkeys((*known, *visited))))


def _merge(links: list[Link], titles: set[Span]) -> list[Link]:
    """One link a pair: the strongest relation, its evidence from the text before the title; all aspects and sites."""
    merged: dict[tuple[object, ...], Link] = {}
    for link in links:
        pair = (link.learner.code, link.model.kind, link.model.code, link.model.name)
        if pair not in merged:
            merged[pair] = link
            continue
        first = merged[pair]
        stronger = (RELATIONS.index(link.relation), link.evidence in titles) < (
            RELATIONS.index(first.relation),
            first.evidence in titles,
        )
        main = link if stronger else first
        merged[pair] = replace(
            main,
            aspects=tuple(dict.fromkeys((*first.aspects, *link.aspects))),
            sites=tuple(dict.fromkeys((*first.sites, *link.sites))),
        )
    return list(merged.values())


def _is_barred(before: str) -> bool:
    """Whether the clause before a cue names a superior who inspects, or denies what the cue says."""
    lexicon = load_lexicon("link")
    clause = re.split(r"[,，;；:：]", before)[-1]
    return any(word in clause for word in lexicon["superiors"]["words"]) or before.endswith(
        tuple(lexicon["negation"]["words"])
    )


def _other_purpose(text: str, start: int, end: int) -> bool:
    """Whether the clause visits to sell, aid or perform, with no word of learning."""
    lexicon, words = load_lexicon("link")["not_learning"], text[start:end]
    return any(w in words for w in lexicon["purposes"]) and not any(w in words for w in lexicon["learning"])


@functools.cache
def load_cues() -> tuple[Cue, ...]:
    """The cues of the lexicon, in its order."""
    return tuple(
        Cue(
            row["name"],
            row["relation"],
            row["place"],
            re.compile(row["cue"]),
            re.compile(row["needs"]) if "needs" in row else None,
        )
        for row in load_lexicon("link")["cue"]
    )


@functools.cache
def _generic() -> re.Pattern[str]:
    return re.compile(load_lexicon("link")["generic"]["pattern"])
