"""Journeys: who went where in an article, the frame of reference for all else that it says of learning.

In: frames in the order of the text. Out: the visits, each with its learners and the journey that it belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from pipeline.link.agents import Agent, find_agent
from pipeline.link.cues import pattern_of
from pipeline.link.document import Document
from pipeline.link.frames import Frame
from pipeline.link.models import Model
from pipeline.link.people import People
from pipeline.records import RegionRef

_TRAVELLER: Final = re.compile(r"(?:归来|回来)?的(?P<who>[ⓇⒼⒽ])")


@dataclass(slots=True)
class Journey:
    """The regions that went, and the regions that they went to, in the order of the text."""

    learners: tuple[RegionRef, ...]
    of_zone: bool = False
    """Whether a zone acts for its city, whose counties it may look at."""
    models: list[RegionRef] = field(default_factory=list)
    passed: list[RegionRef] = field(default_factory=list)
    """Regions that only began the names of what was visited."""
    lists: list[tuple[int, list[RegionRef]]] = field(default_factory=list)
    """(offset of the frame's sentence, its models): what 三市 and 当地 can stand for."""
    first: Frame | None = None
    """The first frame of the body, which names where the journey went; what later ones name are sites as often."""

    def goes_to(self, document: Document, region: RegionRef) -> bool:
        """Whether a region is, holds or lies in one that the journey went to."""
        return any(same_or_around(document, model, region) for model in (*self.models, *self.passed))

    def comes_from(self, document: Document, region: RegionRef) -> bool:
        """Whether a region is, holds or lies in one that went on the journey."""
        return any(same_or_around(document, learner, region) for learner in self.learners)


@dataclass(frozen=True, slots=True)
class Visit:
    """A visiting frame with its learners, its models and the journey that it belongs to."""

    frame: Frame
    learners: tuple[RegionRef, ...]
    models: tuple[Model, ...]
    journey: Journey


def same_or_around(document: Document, one: RegionRef, other: RegionRef) -> bool:
    """Whether two regions are the same, or one holds the other; those without a code by their names."""
    if one.code and other.code:
        return document.is_or_holds(one.code, other.code) or document.is_or_holds(other.code, one.code)
    return one.name == other.name


def find_journeys(document: Document, people: People, frames: list[Frame]) -> list[Visit]:
    """The visits of an article in order, each with its journey; the title's are read first, as it names both sides."""
    visits: list[Visit] = []
    journeys: list[Journey] = []
    for frame in sorted((f for f in frames if f.cue.relation == "visits"), key=lambda f: not f.is_title):
        agent = _traveller_behind(document, frame) or find_agent(
            document, people, frame.masked, frame.start, _goes_somewhere(document, frame)
        )
        if agent.how == "firm" or (frame.cue.name == "visit_sites" and not journeys):
            continue
        learners = agent.regions or _implied(document, frame, journeys, agent)
        of_zone = agent.how == "zone"
        learners = tuple(r for r in learners if any(may_visit(document, r, m.region, of_zone) for m in frame.models))
        if not learners:
            continue
        models = tuple(m for m in frame.models if any(may_visit(document, r, m.region, of_zone) for r in learners))
        journey = _journey_of(journeys, learners)
        journey.of_zone = journey.of_zone or of_zone
        if journey.first is None or (journey.first.is_title and not frame.is_title):
            journey.first = frame
        kept = tuple(m for m in models if frame is journey.first or not _is_site(document, m, journey))
        if frame.cue.name == "visit_object":
            kept = tuple(_as_site(document, m) if _is_part(document, m, journey) else m for m in kept)
        journey.models += [m.region for m in kept if m.firm and m.region not in journey.models]
        journey.passed += [m.region for m in kept if not m.firm]
        journey.lists.append((frame.masked.sentence.span.start, [m.region for m in kept if m.firm]))
        visits.append(Visit(frame, learners, kept, journey))
    return visits


def _traveller_behind(document: Document, frame: Frame) -> Agent | None:
    """The subject behind the verb: 赴A市考察的 | B市代表团."""
    match = _TRAVELLER.match(frame.masked.words, frame.end)
    if not match:
        return None
    name = frame.masked.names[match.start("who")]
    refs = [document.acting_ref(name.span, region.code) for region in name.regions if region.code]
    regions = tuple(ref for ref in refs if ref)
    return Agent(regions, "named", name.span) if regions else None


def _goes_somewhere(document: Document, frame: Frame) -> Callable[[Agent], bool]:
    """Whether an agent makes the visit of a frame: one of its regions may visit one of the models."""

    def fits(agent: Agent) -> bool:
        pairs = [(r, m.region) for r in agent.regions for m in frame.models]
        return not pairs or any(may_visit(document, r, model, agent.how == "zone") for r, model in pairs)

    return fits


def _is_site(document: Document, model: Model, journey: Journey) -> bool:
    """Whether a zone, township or village named after the journey's first sentence lies in a region that it went to."""
    around = [region for region in journey.models if region.kind == "region" and region.level != "province"]
    return model.region.kind in ("zone", "locality") and any(
        document.is_or_holds(region.code, model.region.code) for region in around
    )


def _as_site(document: Document, model: Model) -> Model:
    """A place that is a site, or part of one: it only tells the region around it."""
    code = model.region.code
    return Model(document.region_ref(model.region.span, code) if code else model.region, False, model.end)


def _is_part(document: Document, model: Model, journey: Journey) -> bool:
    """Whether a place behind 参观 is a zone or lies in a city where the journey went: then it is often a site."""
    return model.region.kind in ("zone", "locality") or any(
        region.kind == "region" and region.level != "province" and document.holds(region, model.region)
        for region in journey.models
    )


def _implied(document: Document, frame: Frame, journeys: list[Journey], agent: Agent) -> tuple[RegionRef, ...]:
    """The learners of a frame that names none: those of the journey that goes on, else the home, where it is not what
    is visited.
    """
    if journeys:
        last = journeys[-1]
        if not any(last.comes_from(document, model.region) for model in frame.models):
            return last.learners
        return ()
    sentence = frame.masked.words
    if agent.how == "none" and not frame.is_title and not pattern_of("roles", "acts", "official").search(sentence):
        return ()
    if not frame.cue.strong and agent.how == "none" and "学习" not in frame.look:
        return ()
    home = document.home_ref(agent.words)
    if home is None or any(document.is_or_holds(model.region.code, home.code) for model in frame.models):
        return ()
    return (home,)


def _journey_of(journeys: list[Journey], learners: tuple[RegionRef, ...]) -> Journey:
    codes = {learner.code for learner in learners}
    for journey in reversed(journeys):
        if {learner.code for learner in journey.learners} == codes:
            return journey
    journeys.append(Journey(learners))
    return journeys[-1]


def may_visit(document: Document, learner: RegionRef, model: RegionRef, of_zone: bool) -> bool:
    """No region learns from itself or from what it holds, which it inspects (a zone may look at its city's counties);
    nor looks at the province around it.
    """
    if learner.code is None:
        return False
    if model.code is None:
        return True
    if of_zone and model.kind == "region" and learner.code != model.code:
        return True
    if document.is_or_holds(learner.code, model.code):
        return False
    holds = document.gazetteer.contains(model.code, learner.code)
    return not (holds and model.level == "province")
