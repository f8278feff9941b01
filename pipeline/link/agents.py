"""Who acts: the regions that are the subject of a cue, by the words before it in its sentence."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from pipeline.gazetteer.region import TOWNSHIP
from pipeline.link.cues import pattern_of, words_pattern
from pipeline.link.document import Document
from pipeline.link.masked import BODY, OWN, PERSON, Masked, Name
from pipeline.link.people import People
from pipeline.records import RegionRef, Span
from pipeline.resolve import home_at_rank
from pipeline.resources import load_lexicon

_CLAUSE: Final = re.compile(r"[,，;；:：。！？!?“】(（](?!.{0,8}[)）])")
_TAKEN_ALONG: Final = re.compile(r"(?:组织|带领|率领|率|选派|安排|邀请|动员)[^,，。；]{0,8}$")
_LED: Final = re.compile(
    r"[ⓖⒼⓇⒽ][^,，。；]{0,20}(?:(?<!社会)(?<!党)组织(?!部|发展|建设|生活|化|委员|机构)|带领|会同|率领)(?=[^,，。；]{0,30}[,，、])"
)
_WITHOUT_REGION: Final = ("anaphor", "loose", "staff")


@dataclass(frozen=True, slots=True)
class Agent:
    """Who acts. `how` is named, own (我市), ranked (市委), zone (新区党工委), person, firm (one that acts for itself),
    staff (its people, who may go along), anaphor (考察团, 我们), loose (市长 inside a clause) or none.

    `regions` stand in their order; the last five have none.
    """

    regions: tuple[RegionRef, ...]
    how: str
    words: Span | None = None


NOBODY: Final = Agent((), "none")


@dataclass(frozen=True, slots=True)
class _Found:
    """An agent in a clause: at its beginning, or before a delegation (宜昌市 | 党政代表团) or a leader's verb."""

    agent: Agent
    begins: bool
    sends: bool
    leads: bool


def find_agent(
    document: Document,
    people: People,
    masked: Masked,
    cue_start: int,
    fits: Callable[[Agent], bool] = lambda _: True,
) -> Agent:
    """The subject of the cue at `cue_start`, by the words before it, that `fits`; NOBODY where none is written there.

    The nearest clause with a subject decides. In a clause the last name that a delegation follows counts before the
    one at its beginning, and that before one that leads (副市长 … 率队).
    """
    led = _LED.search(masked.words, 0, cue_start)
    ends = [0, *(match.end() for match in _CLAUSE.finditer(masked.words, 0, cue_start))]
    weak = NOBODY
    for begin, end in zip(reversed(ends), [cue_start, *reversed(ends[1:])], strict=True):
        found = [f for f in _subjects(document, people, masked, begin, end, cue_start) if fits(f.agent)]
        agent = _chosen(found)
        if (
            agent
            and agent.how in ("named", "ranked")
            and led
            and led.end() <= begin
            and not any(f.sends for f in found)
        ):
            continue  # 水利局组织…、宾阳县水利等单位赴…: the clause goes on with whom the subject takes along
        if agent and agent.how not in _WITHOUT_REGION:
            return agent
        if agent and weak is NOBODY:
            weak = agent
    return replace(weak, how="firm") if weak.how == "staff" else weak


def _chosen(found: list[_Found]) -> Agent | None:
    told = [f for f in found if f.agent.how not in _WITHOUT_REGION]
    for wanted in (
        [f for f in told if f.sends][-1:],
        [f for f in told if f.leads and f.agent.how == "person"],
        [f for f in told if f.begins and f.agent.how != "person"],
        [f for f in told if f.leads and f.agent.how != "person"],
        [f for f in told if f.agent.how == "ranked"],
        [f for f in told if f.agent.how == "person"],
        found,
    ):
        if wanted:
            return wanted[0].agent
    return None


def _subjects(document: Document, people: People, masked: Masked, begin: int, end: int, cue_start: int) -> list[_Found]:
    words = masked.words
    lead = pattern_of("roles", "lead", "pattern").match(words, begin, end)
    first = lead.end() if lead else begin
    found: list[_Found] = []
    for match in _actor().finditer(words, first, end):
        begins = match.start() == first
        sends = pattern_of("roles", "acts", "delegation").match(words, match.end(), cue_start) is not None
        leads = pattern_of("roles", "acts", "leading").match(words, match.end()) is not None
        # A title has no commas: 工作动态 | 东至县 | 考察学习桐城市.
        leads = leads or (masked.sentence.is_title and match.end() == cue_start)
        if match.lastgroup == "named" and not (begins or sends or leads):
            continue
        if match.lastgroup in ("firm", "staff") and not (begins or leads or match.group() in ("我院", "我校", "我司")):
            continue
        if _is_passive(words, match) and not sends:
            continue
        if match.lastgroup == "ranked" and _is_title(document, people, masked, match, end):
            continue  # 省委 | 常委、市委书记某某: the person acts
        if match.lastgroup == "staff" and _TAKEN_ALONG.search(words[: match.start()]):
            continue
        agent = _agent(document, people, masked, match)
        if agent:
            sends = sends or (leads and match.lastgroup == "person" and agent.how == "firm")  # 我市协会会长某某率队
            found.append(_Found(agent, begins, sends, leads))
    return found


def _is_title(document: Document, people: People, masked: Masked, match: re.Match[str], end: int) -> bool:
    """Whether a rank only begins the office of a person, whom the text puts on another side than the rank's."""
    start = masked.starts[match.start()]
    for _, name in masked.names_between(match.end(), end):
        if name.symbol != PERSON:
            return False
        person = people.known(name.span.of(document.text))
        if person.title and person.region_code and person.title.start <= start < person.title.end:
            ranked = home_at_rank(match.group()[-1], document.home, document.gazetteer)
            return document.coded(person.region_code) != document.coded(ranked or person.region_code)
        return False
    return False


def _is_passive(words: str, match: re.Match[str]) -> bool:
    before = words[max(0, match.start() - 4) : match.start()]
    return before.endswith(_passive_before()) or (
        pattern_of("roles", "passive", "behind").match(words, match.end()) is not None
    )


def _agent(document: Document, people: People, masked: Masked, match: re.Match[str]) -> Agent | None:
    span = masked.span(*match.span())
    kind = match.lastgroup
    if kind == "named":
        return _named(document, masked, match, span)
    if kind in ("ranked", "sent"):
        whole = masked.span(match.start(), _end_of_body(masked.words, match.end()))
        code = home_at_rank(match.group()[-1], document.home, document.gazetteer)
        return Agent((document.region_ref(whole, code),), "ranked", whole) if code else None
    if kind == "person":
        person = people.known(span.of(document.text))
        if person.of_firm:
            return Agent((), "firm", span)
        acting = document.acting_ref(span, person.region_code) if person.region_code else None
        return Agent((acting,), "person", span) if acting else None
    if kind == "zone":
        home = document.home_ref(span)
        return Agent((home,), "zone", span) if home else None
    return Agent((), kind or "none", span)


def _named(document: Document, masked: Masked, match: re.Match[str], span: Span) -> Agent | None:
    if words_pattern("roles", "private", "behind").match(masked.words, match.end()):
        return Agent((), "firm", span)
    regions: list[RegionRef] = []
    how = "named"
    for _, name in masked.names_between(*match.span()):
        if name.symbol == OWN:
            how = "own"
        if name.symbol == BODY and not name.regions:
            return Agent((), "firm", span)
        regions += [document.region_ref(name.span, code) for code in _acting_codes(document, name) if code is not None]
    return Agent(tuple(regions), how, span) if regions else None


def _acting_codes(document: Document, name: Name) -> list[str | None]:
    """The codes under which a name acts; a township whose name the home has too is the home's (合隆镇)."""
    home = document.home.region_code
    codes: list[str | None] = []
    for region in name.regions:
        code = document.coded(region.code) if region.code else None
        if home and region.kind == "locality" and code and not document.is_or_holds(home, code):
            twins = {n.region_code for n in document.gazetteer.names.get(region.name, ())}
            inside = [t for t in twins if document.gazetteer[t].level == TOWNSHIP and document.is_or_holds(home, t)]
            code = document.coded(inside[0]) if len(inside) == 1 else code
        codes.append(code)
    return codes


def _end_of_body(words: str, at: int) -> int:
    """The end of the body that a rank begins: 市党政代表团, 市委, 市领导."""
    match = _body().match(words, at)
    return match.end() if match else at


@functools.cache
def _actor() -> re.Pattern[str]:
    return re.compile("|".join(f"(?P<{kind}>{words})" for kind, words in load_lexicon("roles")["subjects"].items()))


@functools.cache
def _body() -> re.Pattern[str]:
    return re.compile(
        r"[\u4e00-\u9fff]{0,10}?(?:代表团|考察团|考察组|学习组|领导|政府|委|局|办|中心|社|会|组|团|队|长)"
    )


@functools.cache
def _passive_before() -> tuple[str, ...]:
    return tuple(load_lexicon("roles")["passive"]["before"])
