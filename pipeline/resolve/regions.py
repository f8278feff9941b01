"""A mention of a place to the code of a region. The rules stand in `RULES`, in the order in which they are asked.

Each rule narrows the candidates or leaves them; the first that leaves exactly one decides, and is named in the result.
Where none does, the mention is `ambiguous` and keeps its candidates: a guess is never written as a fact.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from pipeline.gazetteer import Gazetteer
from pipeline.gazetteer.region import COMPOSITE, COUNTRY, COUNTY, FORMER, PREFECTURE, PROVINCE, Region
from pipeline.recognise.gazetteer_matches import LIST_MARKS
from pipeline.records import Article, Home, Mention, ResolvedMention

_LONGEST_NAME: Final = 64
"""Code points beyond which no mention begins that could end at the next one."""
LETTER_OF_HOME: Final = "letter_of_home"
"""The rule that is asked before all others: a letter without regions of its own has no candidates to narrow."""
_CLAIM: Final = re.compile(r"(?:[、和与及][\u4e00-\u9fff]{1,9}){0,6}[两三四五六七八九]个?(?P<rank>市|县|区|州|盟|旗)")
"""What stands behind the first members of a list whose rank is said once, at its end."""
_CLAIMED: Final = {"州": ("州",), "市": ("市", "州", "盟", "地区")}
_LIST_REACH: Final = 12
_COMES: Final = ("来", "莅", "抵", "访")
_LEVEL_ORDER: Final = (PROVINCE, PREFECTURE, COUNTY)


@dataclass(slots=True)
class _Context:
    """What the rules may look at: the article, its home, and what has been resolved so far."""

    article: Article
    mentions: list[Mention]
    home: Home
    gazetteer: Gazetteer
    year: int | None
    resolved: dict[int, str] = field(default_factory=dict)
    """Position in `mentions` -> region code."""
    named: set[str] = field(default_factory=set)
    """The codes in `resolved`, less composites and countries, which hold too much to tell anything."""

    def settle(self, position: int, code: str) -> None:
        """Takes note that a mention means a region."""
        self.resolved[position] = code
        if self.gazetteer[code].level not in (COMPOSITE, COUNTRY):
            self.named.add(code)


def resolve_mentions(
    article: Article, mentions: list[Mention], home: Home, gazetteer: Gazetteer
) -> list[ResolvedMention]:
    """Every mention with its region, where one can be told; in the order of `mentions`.

    A mention is tried again after the others, for a name that decides it may stand behind it.
    """
    year = article.published_at.year if article.published_at else None
    context = _Context(article, mentions, home, gazetteer, year)
    rules: dict[int, str] = {}
    left: dict[int, tuple[str, ...]] = {}
    for position, mention in enumerate(mentions):
        if _is_letter_of_home(mention, context):
            context.settle(position, home.region_code or "")
            rules[position] = LETTER_OF_HOME
    pending = [
        position for position, mention in enumerate(mentions) if mention.candidates and position not in context.resolved
    ]
    while pending:
        undecided = []
        for position in pending:
            codes, rule = _decide(position, context)
            left[position] = codes
            if len(codes) == 1:
                context.settle(position, codes[0])
                rules[position] = rule
            else:
                undecided.append(position)
        if len(undecided) == len(pending):
            break
        pending = undecided
    return [
        _result(position, mention, context, rules, left.get(position, ())) for position, mention in enumerate(mentions)
    ]


def _is_letter_of_home(mention: Mention, context: _Context) -> bool:
    """Whether a single letter is the home's own (来安 in the news of 安顺): one of its short name, that names no region
    by itself, or the home among others (宁 in the news of 南京), or only regions apart from the home, behind a verb of
    coming (来宁 in the news of 宁德).
    """
    home = context.gazetteer.get(context.home.region_code)
    if (
        home is None
        or len(mention.text) != 1
        or mention.label != "LOC"
        or not (mention.text in home.short_name or home.region_code in mention.candidates)
    ):
        return False
    holders = {home.region_code, *context.gazetteer.ancestors(home.region_code)}
    if home.region_code in mention.candidates:
        return True
    if holders & set(mention.candidates):
        return False
    before = context.article.text[max(0, mention.span.start - 1) : mention.span.start]
    return not mention.candidates or before in _COMES


def _result(
    position: int, mention: Mention, context: _Context, rules: dict[int, str], left: tuple[str, ...]
) -> ResolvedMention:
    if position in context.resolved:
        code = context.resolved[position]
        decided = replace(mention, kind=context.gazetteer[code].level)
        return ResolvedMention(decided, "resolved", code, rules[position])
    if left:
        return ResolvedMention(mention, "ambiguous", None, "", left)
    located = mention.label == "LOC"
    return ResolvedMention(mention, "unknown" if located else "not_applicable", None, "")


def _decide(position: int, context: _Context) -> tuple[tuple[str, ...], str]:
    codes = tuple(dict.fromkeys(context.mentions[position].candidates))
    for name, rule in RULES:
        narrowed = rule(position, codes, context)
        if narrowed:
            codes = narrowed
        if len(codes) == 1:
            return codes, name
    return codes, ""


def _by_year(position: int, codes: tuple[str, ...], context: _Context) -> tuple[str, ...]:
    """Regions in force when the article was written; without a date, those in force today where there are any.

    莱芜市 is a prefecture in a text of 2017, and a former name in one of 2023.
    """
    regions = [context.gazetteer[code] for code in codes]
    if context.year is None:
        return tuple(region.region_code for region in regions if region.in_force)
    return tuple(region.region_code for region in regions if region.in_force_at(context.year))


def _current_name(position: int, codes: tuple[str, ...], context: _Context) -> tuple[str, ...]:
    """Regions that bear the words as their name in that year, before those that once did."""
    words = context.mentions[position].text
    bearing = {
        name.region_code
        for name in context.gazetteer.names.get(words, ())
        if name.name_type != FORMER
        or (context.year is not None and (name.valid_from or 0) <= context.year <= (name.valid_to or 9999))
    }
    return tuple(code for code in codes if code in bearing)


def _succession(position: int, codes: tuple[str, ...], context: _Context) -> tuple[str, ...]:
    """Regions that live on: in the year of a change both the old one and what it became are in force (海门 in 2020)."""
    if context.year is not None:
        certain = tuple(code for code in codes if _surely_in_force(context.gazetteer[code], context.year))
        if certain:
            return certain
    return tuple(
        code
        for code in codes
        if context.gazetteer[code].in_force
        or not any(other != code and other in codes for other in context.gazetteer.today(code))
    )


def _surely_in_force(region: Region, year: int) -> bool:
    """Whether the region was in force all through the year's end: a new unit not before its first year, an old one not
    in its last.
    """
    return (region.valid_from is None or region.valid_from <= year) and (
        region.valid_to is None or year < region.valid_to
    )


def _claimed_level(position: int, codes: tuple[str, ...], context: _Context) -> tuple[str, ...]:
    """Regions of the rank that the words behind the list claim: 吉林、辽源 | 两市, 海南、海北 | 两州."""
    mention = context.mentions[position]
    claim = _CLAIM.match(context.article.text, mention.span.end)
    if not claim or context.article.text[mention.span.end - 1] == claim.group("rank"):
        return ()
    rank = claim.group("rank")
    return tuple(
        code
        for code in codes
        if context.gazetteer[code].name.endswith(_CLAIMED.get(rank, (rank,)))
        and not (rank == "市" and context.gazetteer[code].level == PROVINCE)
    )


def _list_behind(position: int, codes: tuple[str, ...], context: _Context) -> tuple[str, ...]:
    """Regions beside the places that the mention's list goes on with: 长安区 of 长安区、裕华区."""
    end = context.mentions[position].span.end
    for other in range(position + 1, min(position + _LIST_REACH, len(context.mentions))):
        span = context.mentions[other].span
        if span.start < end:
            continue
        if context.article.text[end : span.start] not in tuple(LIST_MARKS):
            return ()
        if other in context.resolved:
            return _beside(context.resolved[other], codes, context)
        end = span.end
    return ()


def _beside(code: str, codes: tuple[str, ...], context: _Context) -> tuple[str, ...]:
    """The candidates of the level of `code` in the nearest holder of it that holds any."""
    level = context.gazetteer[code].level
    for holder in context.gazetteer.ancestors(code):
        inside = tuple(c for c in _inside(holder, codes, context) if context.gazetteer[c].level == level)
        if inside:
            return inside
    return ()


def _full_name(position: int, codes: tuple[str, ...], context: _Context) -> tuple[str, ...]:
    """Regions of which the words are more than the short name: 吉林市 is not the province."""
    words = context.mentions[position].text
    regions = (context.gazetteer[code] for code in codes)
    return tuple(region.region_code for region in regions if words in (region.name, *region.former_names))


def _containment(position: int, codes: tuple[str, ...], context: _Context) -> tuple[str, ...]:
    """Regions inside the place that stands directly before: 福建 | 晋江, 黄岩区 | 屿头乡."""
    before = _neighbour(position, context, "")
    return _inside(before, codes, context) if before else ()


def _list_container(position: int, codes: tuple[str, ...], context: _Context) -> tuple[str, ...]:
    """Regions inside the container of the list that the mention continues: 江西省 | 吉安市、抚州市."""
    before = _neighbour(position, context, LIST_MARKS)
    if not before:
        return ()
    return _beside(before, codes, context)


def _rank_order(position: int, codes: tuple[str, ...], context: _Context) -> tuple[str, ...]:
    """The one that holds the others: 本溪 is the prefecture, not 本溪县 in it; 海南 alone is the province."""
    return tuple(
        code for code in codes if all(other == code or context.gazetteer.contains(code, other) for other in codes)
    ) or _highest(codes, context)


def _highest(codes: tuple[str, ...], context: _Context) -> tuple[str, ...]:
    """Province before prefecture before county where a short name is borne at several levels: 吉林 is the province."""
    levels = {code: context.gazetteer[code].level for code in codes}
    for level in _LEVEL_ORDER:
        here = tuple(code for code in codes if levels[code] == level)
        if here:
            return here
    return ()


def _co_mention(position: int, codes: tuple[str, ...], context: _Context) -> tuple[str, ...]:
    """Regions inside a place that the article names elsewhere, the finest such place first (黄岩区 ... 新桥镇)."""
    supported = {code: _support(code, context.named, context) for code in codes}
    best = max(supported.values(), default=0)
    return tuple(code for code in codes if supported[code] == best) if best else ()


def _support(code: str, named: set[str], context: _Context) -> int:
    """How near the nearest named ancestor stands: 3 for the parent, 2, 1 for the province alone, 0 for none."""
    for distance, ancestor in enumerate(context.gazetteer.ancestors(code)):
        if ancestor in named:
            return max(1, 3 - distance)
    return 4 if code in named else 0


def _home(position: int, codes: tuple[str, ...], context: _Context) -> tuple[str, ...]:
    """Regions inside the article's home, or beside it in the same prefecture, or in the same province."""
    home = context.home.region_code
    if not home:
        return ()
    for holder in (home, *context.gazetteer.ancestors(home)):
        inside = tuple(code for code in codes if code == holder) or _inside(holder, codes, context)
        if inside:
            return inside
    return ()


RULES: Final[tuple[tuple[str, Callable[[int, tuple[str, ...], _Context], tuple[str, ...]]], ...]] = (
    ("unique", lambda position, codes, context: codes),
    ("year", _by_year),
    ("current_name", _current_name),
    ("succession", _succession),
    ("full_name", _full_name),
    ("containment", _containment),
    ("list_container", _list_container),
    ("list_behind", _list_behind),
    ("claimed_level", _claimed_level),
    ("rank_order", _rank_order),
    ("co_mention", _co_mention),
    ("home", _home),
)
"""The rules by name, in the order in which they are asked."""


def _inside(holder: str, codes: tuple[str, ...], context: _Context) -> tuple[str, ...]:
    return tuple(code for code in codes if context.gazetteer.contains(holder, code))


def _neighbour(position: int, context: _Context, marks: str) -> str | None:
    """The resolved place before the mention, with nothing, or with one of `marks`, between the two."""
    start = context.mentions[position].span.start
    for other in range(position - 1, -1, -1):
        if start - context.mentions[other].span.start > _LONGEST_NAME:
            return None
        end = context.mentions[other].span.end
        between = context.article.text[end:start]
        if end <= start and other in context.resolved:
            fits = between in marks if marks else not between
            return context.resolved[other] if fits and (not marks or len(between) == 1) else None
    return None
