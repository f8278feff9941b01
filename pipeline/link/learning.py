"""Candidates of links: each visit's pairs, and who learns in the frames of learning and benchmarking."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from pipeline.link.agents import NOBODY, Agent, find_agent
from pipeline.link.aspects import aspects_of
from pipeline.link.document import Document
from pipeline.link.frames import Frame
from pipeline.link.journeys import Journey, Visit, may_visit, same_or_around
from pipeline.link.masked import OWN
from pipeline.link.models import Model, anaphor_models, counted_members
from pipeline.link.people import People
from pipeline.records import RegionRef, Span
from pipeline.resources import load_lexicon

_WORTH_TO: Final = re.compile(r"值得(?:[^ⓇⒽⒼ。；]{0,6})(?P<who>[ⓇⒽⒼ]|我院|我校|我司|公司)")
_SAID_OF: Final = re.compile(r"对[^,，。；ⓇⒽ]{0,8}(?P<who>[ⓇⒽ])(?:来说|而言)")
_OWN_WORDS: Final = re.compile(r"[我本全省市县区州旗]")
_GAP_IN_LIST: Final = 2
_SUBJECT_BEHIND: Final = re.compile(r"[^,，。；;]{0,40}[,，](?P<who>[ⓇⒽⒼ])(?![、和与])")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A link before it is chosen among those of its pair.

    `firm` is false where the model only begins a site's name; `named` where it is named in its own words, not by 三市.
    """

    learner: RegionRef
    model: RegionRef
    relation: str
    frame: Frame
    firm: bool = True
    named: bool = True
    courtesy: bool = False
    aspects: tuple[str, ...] = ()


def visit_candidates(document: Document, visits: list[Visit]) -> list[Candidate]:
    """The pairs of each visit, but for those of an aid giver with the region that it aids (rule 5 of the guide)."""
    return [
        Candidate(
            learner,
            model.region,
            visit.frame.relation,
            visit.frame,
            model.firm,
            aspects=aspects_of(document.text, visit.frame, model),
        )
        for visit in visits
        for learner in visit.learners
        for model in visit.models
        if may_visit(document, learner, model.region, visit.journey.of_zone)
        and not _aids(document, learner, model.region)
    ]


def _aids(document: Document, learner: RegionRef, model: RegionRef) -> bool:
    """Whether the article speaks of aid, and the learner is of a giving province, the model of a receiving one."""
    aid = load_lexicon("exclusions")["aid"]
    return (
        (learner.code or "")[:2] in aid["givers"]
        and (model.code or "")[:2] in aid["receivers"]
        and re.search(aid["words"], document.text) is not None
    )


def learning_candidates(
    document: Document,
    people: People,
    frame: Frame,
    visits: list[Visit],
    subjects: Mapping[Span, tuple[RegionRef, ...]],
) -> list[Candidate]:
    """The links that a frame of learning or benchmarking makes."""
    journey = _journey_before(visits, frame)
    agent = _agent_of(document, people, frame)
    if agent.how == "firm":
        return []
    models, named = _models_of(document, frame, journey, agent)
    found: list[Candidate] = []
    for model in models:
        learners, courtesy = _learners_of(document, frame, agent, model.region, journey, subjects)
        found += [
            Candidate(
                learner,
                model.region,
                frame.relation,
                frame,
                named=named,
                courtesy=courtesy,
                aspects=aspects_of(document.text, frame, model),
            )
            for learner in learners
            if _may_learn(
                document, learner, model.region, agent.how == "zone" or (journey is not None and journey.of_zone)
            )
        ]
    return found


def _models_of(document: Document, frame: Frame, journey: Journey | None, agent: Agent) -> tuple[list[Model], bool]:
    """(models, whether they are named) of a frame: those that the words name, or what 三市 stands for."""
    if frame.anaphor:
        earlier = _stand_for(document, frame, journey) if journey else []
        return [Model(region, True, frame.end) for region in earlier], False
    models = [model for model in (_on_journey(document, m, journey) for m in frame.models) if model.firm]
    if journey:
        models = [replace(m, region=r) for m in models for r in counted_members(document, m.region, journey.models)]
    if frame.cue.name != "worth_learning":
        return models, True
    acting = {region.code for region in agent.regions}
    words = frame.masked.words
    models = [m for m in models if not words[: m.end - 1].endswith("在") and m.region.code not in acting]
    models = [m for m in models if not (journey and _OWN_WORDS.match(m.region.text) and _is_own(m.region, journey))]
    on_journey = [
        m for m in models if journey and (journey.goes_to(document, m.region) or journey.comes_from(document, m.region))
    ]
    leading = [m for m in models if _begins_clause(words, m.end - 1)]
    chosen = on_journey or (leading if journey else models)
    if not chosen:
        return ([Model(r, True, frame.end) for r in journey.models], False) if journey and not models else ([], False)
    return _list_of(models, _subject_of_praise(words, chosen)), True


def _is_own(region: RegionRef, journey: Journey) -> bool:
    """Whether a region is one that went: who travels and writes 我市 does not praise it."""
    return any(learner.code == region.code for learner in journey.learners)


def _stand_for(document: Document, frame: Frame, journey: Journey) -> list[RegionRef]:
    start = frame.masked.sentence.span.start
    named = sorted(journey.lists, key=lambda row: row[0])
    lists = [regions for at, regions in named if at <= start and regions]
    found = anaphor_models(frame.anaphor, journey.models, lists)
    if found and all(region.level == "province" for region in found) and journey.passed:
        found = list(dict.fromkeys(journey.passed))
    return [r for r in found if r.kind != "region" or not any(document.holds(r, other) for other in found)]


def _on_journey(document: Document, model: Model, journey: Journey | None) -> Model:
    """A place that begins a site's name (浙江千岛湖渔业模式) as the only region of the journey in or around it."""
    if model.firm or journey is None:
        return model
    near = [region for region in journey.models if same_or_around(document, region, model.region)]
    return Model(near[0], True, model.end) if len(near) == 1 else model


def _subject_of_praise(words: str, models: list[Model]) -> Model:
    """The model of which 值得学习 is said: the last that begins a clause, else the last that 在, 的 or 是 follows, else
    the last.
    """
    leading = [m for m in models if _begins_clause(words, m.end - 1)]
    topical = [m for m in models if words[m.end : m.end + 1] in tuple("在的是以有") or words.startswith("作为", m.end)]
    return (leading or topical or models)[-1]


def _list_of(models: list[Model], member: Model) -> list[Model]:
    """The list that a model is a member of: those that only 、 or 和 part from it."""
    at = models.index(member)
    first = last = at
    while first > 0 and models[first].end - models[first - 1].end <= _GAP_IN_LIST:
        first -= 1
    while last + 1 < len(models) and models[last + 1].end - models[last].end <= _GAP_IN_LIST:
        last += 1
    return models[first : last + 1]


def _begins_clause(words: str, at: int) -> bool:
    """Whether the name at index `at` begins a clause, a few leading words aside (近年来, 他说)."""
    before = re.split(r"[,，。；;：:“]", words[:at])[-1]
    return re.fullmatch(r"(?:近年来|认为|表示|感到|说|看到|如|特别是|尤其是|[^ⓇⒼⒽ]{0,3})", before) is not None


def _agent_of(document: Document, people: People, frame: Frame) -> Agent:
    """The learner that the frame itself names (值得我市学习), else the subject before it."""
    if frame.cue.name != "worth_learning":
        return find_agent(document, people, frame.masked, frame.start)
    match = _WORTH_TO.search(frame.masked.words, frame.start) or _SAID_OF.search(frame.masked.words, frame.start)
    if match and match.start("who") in frame.masked.names:
        name = frame.masked.names[match.start("who")]
        regions = tuple(document.region_ref(name.span, r.code) for r in name.regions if r.code)
        return Agent(regions, "own" if name.symbol == OWN else "named", name.span)
    if match:
        return Agent((), "firm")
    agent = find_agent(document, people, frame.masked, frame.end)
    praised = {model.region.code for model in frame.models}
    regions = tuple(r for r in agent.regions if r.code not in praised or agent.how == "own")
    return replace(agent, regions=regions) if regions or not agent.regions else NOBODY


def _learners_of(
    document: Document,
    frame: Frame,
    agent: Agent,
    model: RegionRef,
    journey: Journey | None,
    subjects: Mapping[Span, tuple[RegionRef, ...]],
) -> tuple[tuple[RegionRef, ...], bool]:
    """(learners, whether it is a host's courtesy) of one model of a frame.

    The side of the journey that the model is not on, for a host courteously; else the subject, where it is another
    region than the model; else the subject that the paragraph carries; else the home.
    """
    regions = tuple(r for r in agent.regions if not same_or_around(document, r, model))
    subject = tuple(r for r in subjects.get(frame.masked.sentence.span, ()) if not same_or_around(document, r, model))
    if journey and journey.comes_from(document, model) and not journey.goes_to(document, model):
        hosts = tuple(r for r in (*regions, *journey.models) if r.code and not same_or_around(document, r, model))
        return hosts[:1], True
    if journey and journey.goes_to(document, model):
        side = tuple(r for r in regions if journey.comes_from(document, r) or not journey.goes_to(document, r))
        told = tuple(r for r in subject if not journey.goes_to(document, r))
        return side or told or journey.learners, False
    if regions:
        return regions, False
    if journey and agent.how == "anaphor":
        return journey.learners, False
    behind = _subject_behind(document, frame, model)
    if behind:
        return behind, False
    if subject:
        return subject, False
    if journey:
        return journey.learners, False
    home = document.home_ref(agent.words)
    return ((home,), False) if home else ((), False)


def _subject_behind(document: Document, frame: Frame, model: RegionRef) -> tuple[RegionRef, ...]:
    """The subject of the clause behind the models where the cue begins its sentence (对标广州,肇庆市加快…)."""
    if re.search(r"[,，。；;：:]", frame.masked.words[: frame.start]):
        return ()
    match = _SUBJECT_BEHIND.match(frame.masked.words, frame.end)
    if not match:
        return ()
    name = frame.masked.names[match.start("who")]
    refs = [document.acting_ref(name.span, region.code) for region in name.regions if region.code]
    return tuple(ref for ref in refs if ref and not same_or_around(document, ref, model))


def _journey_before(visits: list[Visit], frame: Frame) -> Journey | None:
    """The journey told of last before a frame, else the first of the article."""
    start = frame.masked.sentence.span.start
    before = [v for v in visits if v.frame.masked.sentence.span.start <= start]
    if before:
        return max(before, key=lambda v: v.frame.masked.sentence.span.start).journey
    return visits[0].journey if visits else None


def _may_learn(document: Document, learner: RegionRef, model: RegionRef, of_zone: bool) -> bool:
    if learner.code is None:
        return False
    if of_zone and model.kind == "region" and learner.code != model.code:
        return True
    return model.code is None or not document.is_or_holds(learner.code, model.code)
