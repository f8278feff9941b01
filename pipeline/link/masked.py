"""A sentence with each name in it as one symbol, so that cues are short patterns: 赴Ⓡ、Ⓡ考察学习.

In: a sentence of a Document. Out: the masked words, and for each symbol the name that it stands for with its regions.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, replace
from typing import Final

from pipeline.gazetteer.region import (
    COMPOSITE,
    COUNTRY,
    DIVISION_LEVELS,
    FOREIGN_AREA,
    FOREIGN_CITY,
    TOWNSHIP,
    ZONE,
)
from pipeline.link.document import Document
from pipeline.link.sentences import Sentence
from pipeline.records import RegionRef, ResolvedMention, Span
from pipeline.resolve import home_at_rank
from pipeline.resources import load_lexicon

REGION: Final = "Ⓡ"
ZONE_MARK: Final = "Ⓩ"
LOCALITY: Final = "Ⓛ"
SITE: Final = "Ⓢ"
BODY: Final = "Ⓖ"
FIRM: Final = "Ⓞ"
PERSON: Final = "Ⓟ"
OWN: Final = "Ⓗ"
UNKNOWN: Final = "Ⓤ"
SYMBOLS: Final = REGION + ZONE_MARK + LOCALITY + SITE + BODY + FIRM + PERSON + OWN + UNKNOWN
"""In order: a division, composite or foreign place; a zone; a township or village; another site; a body that acts for a
region (bureau, congress); a firm, school or hospital; a person; 我市 and the like; a place that may be several."""

_OWN_WORDS: Final = re.compile(
    r"(?:我们?|本)(?:自治区|省|市|县|区|州|旗|盟)(?!(?:区|县|级|属))|(?<=[来莅抵])市(?=考察|参观|学习|调研|交流)|我(?:局|委|办|厅|中心|社|支队|大队)(?![\u4e00-\u9fff]?员)"
)
_RANK: Final = "省市县区州旗盟"
_BOOK: Final = re.compile(r"《[^《》]{1,80}》")
_TOWNSHIP_WORDS: Final = re.compile(r"(?:镇|乡|街道|苏木)$")
_VILLAGE_OFFICE: Final = re.compile(r"(?:村委|居委)会?$")


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a sentence: its words, its symbol, and the regions that it names or belongs to, the finest only.

    `located` says that a region only begins the name of something else (明光市 of 明光市规划馆); `around` is the region
    written before a zone, township or village.
    """

    span: Span
    symbol: str
    regions: tuple[RegionRef, ...] = ()
    located: bool = False
    around: RegionRef | None = None


@dataclass(frozen=True, slots=True)
class Masked:
    """A sentence as symbols. `words[i]` begins at `starts[i]` of the text; `names` by their index in `words`."""

    sentence: Sentence
    words: str
    starts: tuple[int, ...]
    names: dict[int, Name]

    def span(self, start: int, end: int) -> Span:
        """The span of the text that `words[start:end]` stands for."""
        return Span(self.starts[start], self.starts[end])

    def names_between(self, start: int, end: int) -> list[tuple[int, Name]]:
        """(index, name) of the symbols in `words[start:end]`."""
        return [(at, self.names[at]) for at in range(start, end) if at in self.names]


def mask(document: Document, sentence: Sentence) -> Masked:
    """The sentence with its names as symbols. A zone or village takes the region of its first, fuller mention."""
    text, span = document.text, sentence.span
    names = [_known(document, name) for name in _names(document, span)]
    words: list[str] = []
    starts: list[int] = []
    found: dict[int, Name] = {}
    at = span.start
    for name in names:
        for position in range(at, name.span.start):
            words.append("?" if text[position] in SYMBOLS else text[position])
            starts.append(position)
        found[len(words)] = name
        words.append(name.symbol)
        starts.append(name.span.start)
        at = name.span.end
    for position in range(at, span.end):
        words.append("?" if text[position] in SYMBOLS else text[position])
        starts.append(position)
    return Masked(sentence, "".join(words), (*starts, span.end), found)


def _names(document: Document, span: Span) -> list[Name]:
    """The names in the span in order, places that locate one another joined (福建 | 晋江; 丹棱县 | 经开区)."""
    names: list[Name] = []
    books = [match.span() for match in _BOOK.finditer(document.text, span.start, span.end)]
    for mention in document.outer_in(span):
        if names and mention.span.start < names[-1].span.end:
            continue
        if any(begin < mention.span.start < end for begin, end in books):
            continue
        name = _name_of(document, mention)
        if name is None:
            continue
        joined = _joined(document, names[-1], name) if names and names[-1].span.end == name.span.start else None
        if joined:
            names[-1] = joined
        else:
            names.append(name)
    taken = [name.span for name in names]
    for match in _OWN_WORDS.finditer(document.text, span.start, span.end):
        own = Span(*match.span())
        code = home_at_rank(match.group(), document.home, document.gazetteer)
        if code and not any(other.start < own.end and own.start < other.end for other in taken):
            names.append(Name(own, OWN, (document.region_ref(own, code),)))
    return sorted(names, key=lambda name: name.span.start)


def _known(document: Document, name: Name) -> Name:
    """A zone, township or village with the region that the article wrote before it when it named it first."""
    if name.symbol not in (ZONE_MARK, LOCALITY):
        return name
    words = name.span.of(document.text)
    if name.regions:
        last = name.regions[-1]
        for form in (words, last.name, words[len(name.around.text) :] if name.around else words):
            document.located.setdefault(form, last)
        return name
    known = document.located.get(words)
    if known is None:
        home = document.home_ref(name.span) if name.symbol == ZONE_MARK else None
        if home is None or home.level == "province":
            return name
        return replace(name, regions=(RegionRef(name.span, words, home.code, words, "zone", "zone"),))
    return replace(name, regions=(replace(known, span=name.span, text=words),))


def _name_of(document: Document, mention: ResolvedMention) -> Name | None:
    span, label = mention.span, mention.mention.label
    if label == "PER":
        return None if mention.mention.text.startswith(tuple(national_leaders())) else Name(span, PERSON)
    if label == "ORG":
        return _organisation(document, mention)
    if mention.region_code == "CN":
        return None
    if mention.region_code:
        level = document.gazetteer[mention.region_code].level
        symbol = {ZONE: ZONE_MARK, TOWNSHIP: LOCALITY}.get(level, REGION)
        return Name(span, symbol, (document.region_ref(span, mention.region_code, mention.mention.text),))
    if mention.resolution == "ambiguous":
        return Name(span, UNKNOWN)
    inside = _regions_at_head(document, span)
    if zone_words().search(mention.mention.text):
        around = inside[-1] if inside else None
        return Name(span, ZONE_MARK, _as_part(inside, span, document, "zone"), bool(inside), around)
    if mention.mention.kind == "village" or _TOWNSHIP_WORDS.search(mention.mention.text):
        around = inside[-1] if inside else None
        return Name(span, LOCALITY, _as_part(inside, span, document, "locality"), bool(inside), around)
    return Name(span, SITE, inside or _regions_inside(document, span), located=True)


def _organisation(document: Document, mention: ResolvedMention) -> Name:
    """A body that acts for a region, or a firm; its region is named first, or is the home at its rank (市财政局)."""
    span, words = mention.span, mention.mention.text
    regions = _regions_at_head(document, span)
    if _VILLAGE_OFFICE.search(words):
        return Name(span, SITE, regions, located=True)
    if not acts_for_region(words, mention.mention.kind, placed=bool(regions) or words[0] in _RANK):
        located = () if teaches_or_heals(words, mention.mention.kind) else regions or _regions_inside(document, span)
        return Name(span, FIRM, located, located=True)
    if not regions and (words[0] in _RANK or words.startswith("自治区")):
        code = home_at_rank(words, document.home, document.gazetteer)
        regions = (document.region_ref(span, code),) if code else ()
    elif not regions:
        regions = _regions_inside(document, span)
    return Name(span, BODY, regions, located=True)


def _regions_at_head(document: Document, span: Span) -> tuple[RegionRef, ...]:
    """The regions with which a longer name begins: the finest of a chain, all of a row (杭州无锡南通市 | 供销社)."""
    regions: list[RegionRef] = []
    codes: list[str] = []
    at = span.start
    for place in document.places_in(span):
        if place.span.start != at or place.span == span:
            continue
        code = place.region_code or ""
        if code == "CN":
            at = place.span.end
            continue
        whole = Span(span.start if not codes else place.span.start, place.span.end)
        if codes and _locates(document, codes[-1], code):
            regions[-1] = document.region_ref(Span(regions[-1].span.start, place.span.end), code, place.mention.text)
            codes[-1] = code
        else:
            regions.append(document.region_ref(whole, code, place.mention.text))
            codes.append(code)
        at = place.span.end
        if document.text[at : at + 1] in ("、", "和", "·", "省"):  # 广西省 | 贵港市供销社
            at += 1
    return tuple(regions)


def _regions_inside(document: Document, span: Span) -> tuple[RegionRef, ...]:
    """The finest division that stands anywhere in a longer name: 绿色农产品基地（广东·惠州）."""
    codes = [(p.region_code or "", p.span) for p in document.places_in(span) if p.region_code != "CN"]
    divisions = [(c, s) for c, s in codes if document.gazetteer[c].level in DIVISION_LEVELS]
    if not divisions:
        return ()
    code, where = divisions[-1]
    return (document.region_ref(where, code),)


def _as_part(inside: tuple[RegionRef, ...], span: Span, document: Document, kind: str) -> tuple[RegionRef, ...]:
    """A zone or village whose own name begins with the region that holds it (荣县经开区)."""
    if not inside or not inside[-1].code:
        return ()
    return (RegionRef(span, span.of(document.text), inside[-1].code, span.of(document.text), kind, kind),)


def _joined(document: Document, first: Name, second: Name) -> Name | None:
    """Two names side by side as one, where the first locates the second; None where they are two."""
    if first.symbol not in (REGION, LOCALITY, ZONE_MARK) or not first.regions:
        return None
    outer = first.regions[-1]
    span = Span(first.span.start, second.span.end)
    words = span.of(document.text)
    if second.symbol in (REGION, BODY) and second.regions:
        inner = second.regions[-1]
        if first.symbol == REGION and _locates(document, _code(document, outer), _code(document, inner)):
            name = words if inner.kind == "foreign" else inner.name
            ref = RegionRef(span, words, inner.code, name, inner.level, inner.kind)
            located = second.located
            return Name(span, second.symbol, (ref,) if second.symbol == REGION else second.regions, located)
        return None
    if second.symbol == BODY and not second.regions and first.symbol == REGION:
        return Name(span, BODY, first.regions, located=True)
    if second.symbol in (FIRM, SITE) and first.symbol == REGION:
        inside = second.regions and outer.code and document.is_or_holds(outer.code, second.regions[-1].code)
        return Name(span, second.symbol, second.regions if inside else first.regions, located=True)
    if second.symbol in (LOCALITY, ZONE_MARK) and outer.code:
        kind = "zone" if second.symbol == ZONE_MARK else "locality"
        inner_code = second.regions[-1].code if second.regions else None
        code = inner_code if inner_code and document.is_or_holds(outer.code, inner_code) else outer.code
        ref = RegionRef(span, words, code, _own_name(document, first, second), kind, kind)
        around = first.around if first.symbol == LOCALITY else outer
        return Name(span, second.symbol, (ref,), around=around)
    return None


def _own_name(document: Document, first: Name, second: Name) -> str:
    """The name of a zone or village without what locates it; 经开区 alone is no name, and takes the place before it."""
    words = second.span.of(document.text)
    bare = zone_words().match(words)
    if not (bare and bare.group() == words):
        return words
    last = document.places_in(first.span)
    return (last[-1].mention.text if last else first.span.of(document.text)) + words


def _code(document: Document, region: RegionRef) -> str:
    """The gazetteer's code of a region, which a foreign place or composite has too."""
    last = document.places_in(region.span)
    return region.code or (last[-1].region_code or "" if last else "")


def _locates(document: Document, outer: str, inner: str) -> bool:
    """Whether the first of two places side by side locates the second: it holds it, or is at least of a higher level,
    for a writer who errs about a province still means the city (浙江 | 黄山). Equal levels are two places.
    """
    if not outer or not inner:
        return False
    if document.gazetteer.contains(outer, inner):
        return True
    first, second = document.gazetteer[outer].level, document.gazetteer[inner].level
    levels = (*DIVISION_LEVELS, ZONE)
    if first == COMPOSITE:
        return second in DIVISION_LEVELS
    if first == COUNTRY:
        return second in (FOREIGN_CITY, FOREIGN_AREA)
    return first in levels and second in levels and levels.index(first) < levels.index(second)


def acts_for_region(words: str, kind: str, *, placed: bool) -> bool:
    """Whether an organisation acts for its region: a body of party or state, or another that a place or rank begins
    (`placed`: 市供销社, 辽阳市总工会); a firm, school, hospital or trade association acts for itself.
    """
    if _pattern("public").search(words):
        return True
    if kind in ("company", "school", "media") or _pattern("private").search(words):
        return False
    return kind == "government" or placed


def teaches_or_heals(words: str, kind: str) -> bool:
    """Whether an organisation is a school or hospital, which its place only locates (安师大附中)."""
    return (
        kind == "school" or re.search(r"医院|卫生院|附中|附小|研究[院所]|[一二三四五六七八九十]中$", words) is not None
    )


@functools.cache
def national_leaders() -> frozenset[str]:
    """Persons whose journeys are inspections; their names are read as words."""
    return frozenset(load_lexicon("exclusions")["leaders"]["names"])


@functools.cache
def _pattern(table: str) -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(load_lexicon('roles')['bodies'][table])})")


@functools.cache
def zone_words() -> re.Pattern[str]:
    """The ends of the names of zones that can be models."""
    bodies = load_lexicon("roles")["bodies"]
    return re.compile(f"(?:{'|'.join((*bodies['zones'], *bodies['parks']))})(?:（[^）]*）)?$")
