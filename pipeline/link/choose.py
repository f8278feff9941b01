"""Choosing among the candidates: one link a pair, with its strongest relation and the sentence that states it best."""

from __future__ import annotations

import re
from typing import Final

from pipeline.link.document import Document
from pipeline.link.learning import Candidate
from pipeline.records import RELATIONS, Link, RegionRef

COURTESY: Final = "courtesy"
_MUNICIPALITIES: Final = ("11", "12", "31", "50")
_WIDE: Final = ("province", "composite", "country")
_PURPOSE: Final = re.compile(r"(?:^|[,，。；])为[^,，。；]*$")


def choose(document: Document, candidates: list[Candidate]) -> list[Link]:
    """The links, in the order of the text.

    A place that only locates a finer model of the same learner is dropped.
    """
    groups: list[list[Candidate]] = []
    for candidate in candidates:
        group = next((group for group in groups if _same_pair(group[0], candidate)), None)
        if group is None:
            groups.append([candidate])
        else:
            group.append(candidate)
    kept = [group for group in groups if not any(_is_finer(document, other, group) for other in groups)]
    links = [_link(group) for group in kept if _is_firm(group) or not _is_passed_by(kept, group)]
    return sorted(links, key=lambda link: (link.evidence.start, link.model.span.start, link.learner.span.start))


def _same_pair(one: Candidate, other: Candidate) -> bool:
    """Whether two candidates are one link: the same learner and model; a zone's names may be shorter or longer."""
    first, second = one.model, other.model
    if (one.learner.code, first.kind, first.code) != (other.learner.code, second.kind, second.code):
        return False
    if first.kind in ("zone", "locality"):
        return first.name.endswith(second.name) or second.name.endswith(first.name)
    return first.name == second.name


def _link(group: list[Candidate]) -> Link:
    """The link of a pair: what the body says before what the title says, its own words before a courtesy; the aspects
    of all.
    """
    body = [c for c in group if not c.frame.is_title]
    if not any(c.firm for c in body) or any(c.relation == "benchmarks" for c in group):
        body = group
    meant = [c for c in body if not c.courtesy] or body
    best = min(
        meant,
        key=lambda c: (
            RELATIONS.index(c.relation),
            not c.firm,
            c.frame.is_title,
            _is_purpose(c),
            _indirectness(c),
            c.frame.masked.sentence.span.start,
        ),
    )
    flags = (COURTESY,) if best.courtesy else ()
    aspects = dict.fromkeys(aspect for c in group for aspect in c.aspects)
    evidence = best.frame.masked.sentence.span
    return Link(best.learner, best.model, best.relation, evidence, best.frame.rule, tuple(aspects), (), flags)


def _indirectness(candidate: Candidate) -> int:
    """How far a frame is from stating its pair in so many words: 学习Ⓡ经验 before 值得学习, before 赴Ⓡ学习, before what
    三市 stands for; a journey before its stops.
    """
    cue = candidate.frame.cue
    if cue.relation == "visits":
        return 2 if cue.strong else 4
    return (1 if cue.name in ("worth_learning", "take_home", "learn_from", "learn_region") else 0) + (
        0 if candidate.named else 2
    )


def _is_purpose(candidate: Candidate) -> bool:
    """Whether the frame only says what for (为学习借鉴…经验,…)."""
    return _PURPOSE.search(candidate.frame.masked.words, 0, candidate.frame.start) is not None


def _is_firm(group: list[Candidate]) -> bool:
    return any(c.firm for c in group)


def _is_wide(region: RegionRef) -> bool:
    """Whether a region is a province or more, and no municipality: where it is named, a site's region is finer."""
    return region.level in _WIDE and (region.code or "")[:2] not in _MUNICIPALITIES


def _is_passed_by(groups: list[list[Candidate]], group: list[Candidate]) -> bool:
    """Whether the same learner has models that are named for themselves, other than a whole province or composite."""
    return any(
        _is_firm(other) and other[0].learner.code == group[0].learner.code and not _is_wide(other[0].model)
        for other in groups
    )


def _is_finer(document: Document, other: list[Candidate], group: list[Candidate]) -> bool:
    """Whether `other` has a model inside that of `group`, which only locates it: a region that nothing is said to be
    learned from in words that name it.
    """
    inner, outer = other[0].model, group[0].model
    only_learned = inner.kind in ("zone", "locality") and all(c.frame.cue.relation != "visits" for c in other)
    if only_learned and any(c.frame.cue.strong for c in group):
        return False  # the village learned from lies in the county visited: both are meant
    same_learner = other[0].learner.code == group[0].learner.code
    only_title = all(c.frame.is_title for c in group) and not all(c.frame.is_title for c in other)
    if other is group or not (same_learner or only_title) or not (_is_firm(other) or _is_wide(outer)):
        return False
    if any(c.named and c.frame.cue.relation != "visits" for c in group):
        return False
    if not _is_wide(outer) and any(c.frame.rule == "go_and_learn" and not c.frame.is_title for c in group):
        return False
    if not inner.code or outer.kind not in ("region", "underspecified", "composite"):
        return False
    if any(
        c.frame is d.frame and c.firm and d.firm and c.model.span != d.model.span
        for c in group
        for d in other
        if not c.frame.is_title
    ):
        return False  # 赴潍坊及坊子区: both are named in one list
    if inner.kind in ("zone", "locality") and inner.code == outer.code:
        return True
    return document.holds(outer, inner)
