"""Organisations with their whole names: the place before a body joined to it, two bodies taken for one cut apart."""

from __future__ import annotations

from typing import Final

from pipeline.gazetteer import Gazetteer
from pipeline.recognise.adjacent import division_that_begins, is_full_name
from pipeline.recognise.kinds import ends_as_body, is_central_body, kind_of_name, may_end_body
from pipeline.recognise.tagged_names import TaggedName
from pipeline.records import Span

_SHORTEST_RANKED: Final = 3
RANKS: Final = ("省", "市", "县", "区", "州", "盟", "旗", "镇", "乡", "街道")
"""What ends the name of a division with its rank."""


def whole_bodies(names: list[TaggedName], text: str, gazetteer: Gazetteer) -> list[TaggedName]:
    """With a place and the body behind it as one name (固原市 | 原州区中心卫生院), and two bodies that were taken for
    one as two (党中央 | 国务院, 中共乐山市委 | 乐山市人民政府). A firm or school that begins with a place of its own
    stays apart from the place before it.
    """
    joined: list[TaggedName] = []
    for name in names:
        if joined and _belongs(joined[-1], name, text, gazetteer):
            joined[-1] = TaggedName(Span(joined[-1].span.start, name.span.end), "ORG")
        else:
            joined.append(name)
    return [part for name in joined for part in (_bodies(name, text, gazetteer) if name.label == "ORG" else [name])]


def _divisions_alone(name: TaggedName, text: str, gazetteer: Gazetteer) -> list[TaggedName]:
    """The divisions, with their ranks, that begin an organisation which ends as none does (长沙市 | 社区): empty where
    there are none.
    """
    words, found, at = name.span.of(text), [], 0
    if is_full_name(words, gazetteer):
        return [TaggedName(name.span, "LOC")]
    while not may_end_body(words):
        place = division_that_begins(words[at:], gazetteer)
        if len(place) < _SHORTEST_RANKED or not place.endswith(RANKS):
            break
        found.append(TaggedName(Span(name.span.start + at, name.span.start + at + len(place)), "LOC"))
        at += len(place)
    return found


def _belongs(place: TaggedName, body: TaggedName, text: str, gazetteer: Gazetteer) -> bool:
    words = body.span.of(text)
    if (place.label, body.label) != ("LOC", "ORG") or place.span.end != body.span.start or not ends_as_body(words):
        return False
    return kind_of_name(words, "ORG") not in ("company", "school") or not division_that_begins(words, gazetteer)


def _bodies(name: TaggedName, text: str, gazetteer: Gazetteer) -> list[TaggedName]:
    """The one or two bodies of an organisation's name."""
    words = name.span.of(text)
    divisions = _divisions_alone(name, text, gazetteer)
    if divisions:
        return divisions
    bare = words.removeprefix("中共")
    place = division_that_begins(bare, gazetteer)
    cut = bare.find(place, len(place)) + len(words) - len(bare) if place and bare.find(place, len(place)) > 0 else 0
    cuts = [cut] if cut else [at for at in range(2, len(words)) if all(map(is_central_body, (words[:at], words[at:])))]
    if not cuts or not ends_as_body(words[: cuts[0]]):
        return [name]
    middle = name.span.start + cuts[0]
    return [TaggedName(Span(name.span.start, middle), "ORG"), TaggedName(Span(middle, name.span.end), "ORG")]
