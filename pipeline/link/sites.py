"""Sites: the places and organisations that a delegation visits in the regions it went to (先后考察 A、B、C等)."""

from __future__ import annotations

import re
from typing import Final

from pipeline.link.document import Document
from pipeline.link.sentences import Sentence, clause_end
from pipeline.recognise.kinds import visiting_verbs
from pipeline.records import RegionRef, Site, Span

_ITEM: Final = re.compile(r"[^、]+")
_TRAILING: Final = re.compile(
    r"(?:等(?:地|处|单位|企业|项目|园区)?|和|及|以及|进行.{0,12}|实地.{0,8}|考察|参观|学习)+$"
)
_SHORTEST: Final = 3


def sites_in(document: Document, sentence: Sentence) -> list[Site]:
    """The items of the lists behind verbs of visiting in a sentence, in order. An item is a site where it ends in a
    site, organisation or village, so that lists of regions and of topics yield none.
    """
    sites: list[Site] = []
    covered = sentence.span.start
    for verb in visiting_verbs().finditer(document.text, sentence.span.start, sentence.span.end):
        # Of verbs in a row (考察并参观了) the last takes the list.
        end = clause_end(document.text, verb.end(), sentence.span.end)
        following = visiting_verbs().search(document.text, verb.end(), end)
        if verb.end() < covered or (following and "、" not in document.text[verb.end() : following.start()]):
            continue
        covered = end
        for item in _ITEM.finditer(document.text, verb.end(), end):
            start, words = item.start(), _TRAILING.sub("", item.group())
            label = _label(document, Span(start, start + len(words)))
            if label and len(words) >= _SHORTEST:
                sites.append(Site(Span(start, start + len(words)), words, label))
    return sites


def assign_sites(document: Document, sites: list[Site], models: list[RegionRef]) -> dict[int, list[Site]]:
    """Index in `models` -> the sites visited there.

    By the places in a site's name: inside a model, or holding just one of them. A site that names none belongs with
    the one before it, for such lists follow the journey; with a single model all do.
    """
    assigned: dict[int, list[Site]] = {}
    current = 0 if len(models) == 1 else None
    for site in sites:
        located = _model_of(document, site, models)
        current = located if located is not None else current
        if current is not None:
            assigned.setdefault(current, []).append(site)
    return assigned


def _label(document: Document, span: Span) -> str | None:
    """ORG or LOC by the mention that ends the item; None where the item ends in no site, organisation or village."""
    last = document.outer_mention_ending_at(span.end)
    if last is None or not span.holds(last.span):
        return None
    sited = last.mention.kind in ("site", "village", "zone") or last.mention.label == "ORG"
    return last.mention.label if sited else None


def _model_of(document: Document, site: Site, models: list[RegionRef]) -> int | None:
    contains = document.gazetteer.contains
    for place in document.places_in(site.span):
        code = place.region_code or ""
        inside = [
            i for i, model in enumerate(models) if model.code and (model.code == code or contains(model.code, code))
        ]
        holding = [i for i, model in enumerate(models) if model.code and contains(code, model.code)]
        for found in (inside, holding):
            if len(found) == 1:
                return found[0]
    return None
