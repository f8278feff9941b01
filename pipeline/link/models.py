"""Reading the models: what the symbols behind a cue stand for, and what 三市, 两地 and 当地 stand for."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from pipeline.gazetteer.region import COMPOSITE, COUNTY, PREFECTURE, PROVINCE
from pipeline.link.cues import words_pattern
from pipeline.link.document import Document
from pipeline.link.masked import BODY, FIRM, LOCALITY, OWN, REGION, SITE, ZONE_MARK, Masked, Name, zone_words
from pipeline.link.numbers import number_of
from pipeline.records import RegionRef, Span
from pipeline.resources import load_lexicon

_COUNTED: Final = re.compile(
    r"(?P<count>[两二三四五六七八九十]|\d{1,2})个?(?P<unit>省|市|县|区|地|州|旗)(?!委|政|直|长|级)"
)
_OFFICE: Final = re.compile(
    r"(?:党组|党委|副)*(?:书记|主任|局长|主席|部长|市长|县长|区长|厅长|领导|秘书长|成员|干部|负责)|[^,，。]{0,8}Ⓟ"
)
_OFFICE_LEADS: Final = re.compile(r"[^,，。；ⓇⒽⒼ]{0,24}(?:带领|率领|陪同|带队)")
_LYING_IN: Final = ("位于", "坐落于", "坐落在", "地处")
_VILLAGE: Final = re.compile(r"(?:村|社区|屯)$")
_SITE_BEHIND: Final = re.compile(r"[\u4e00-\u9fff“”·（）]{2,30}?(?:(?=[、ⓈⓄⓁ])|等[地处]|和(?=[ⓇⓈⓄⓁ]))")
_PARTS_BEHIND: Final = re.compile(r"(?:的)?(?:有关|相关|部分|各)(?:乡镇|镇村|单位|企业|部门|村)")
_GOES_ON: Final = re.compile(
    r"考|学|参|观|调|就|开|进|实地|专题|走访|对接|交流|等|[两二三四五六七八九十]|地区|一带|的|之|期间|围绕|召开|举|政|党|及|以及|和|与|在|是|有|先后"
)
_UNIT_LEVELS: Final = {
    "省": (PROVINCE,),
    "市": (PROVINCE, PREFECTURE, COUNTY),
    "县": (COUNTY,),
    "区": (COUNTY,),
    "州": (PREFECTURE,),
    "旗": (COUNTY,),
}


@dataclass(frozen=True, slots=True)
class Model:
    """A region that a cue names. `firm` is false where the place only begins the name of a site or firm; `end` is the
    index in the masked words behind it.
    """

    region: RegionRef
    firm: bool
    end: int


def read_models(document: Document, masked: Masked, start: int, end: int, how: str) -> list[Model]:
    """The models that the symbols in `words[start:end]` name, in order, each once.

    `how` is the cue's relation, or `praise` (each as often as it stands), or `sites` for a list of sites. A village or
    park that is visited is a site of the region around it; one learned from is itself the model; in a list of sites
    each name only tells the region around it.
    """
    models: list[Model] = []
    names = masked.names_between(start, end)
    for at, name in names:
        followed = masked.names[at + 1].symbol if at + 1 in masked.names else ""
        if _is_event(masked.words, at + 1) or (name.symbol == OWN and _goes_on_inside(document, masked, name, at)):
            continue
        if name.symbol == BODY and _OFFICE.match(masked.words, at + 1) and how in ("learns_from", "praise"):
            continue  # 市人大常委会 | 副主任
        if name.symbol == BODY and _OFFICE_LEADS.match(masked.words, at + 1):
            continue  # 在县扶贫办 | 主任某某的带领下
        if how in ("visits", "sites") and masked.words[:at].endswith(_LYING_IN):
            continue  # 位于 | 深圳的华侨城集团
        if how in ("visits", "sites") and not followed and _begins_a_site(masked.words, at + 1):
            followed = SITE
        for region, firm in _regions_of(document, name, followed, how):
            models += [Model(ref, firm, at + 1) for ref in _whole(document, masked, region, at, len(names))]
    if how == "praise":
        return models
    seen: set[tuple[str, str | None, str]] = set()
    return [m for m in models if not (_key(m.region) in seen or seen.add(_key(m.region)))]  # type: ignore[func-returns-value]


def _key(region: RegionRef) -> tuple[str, str | None, str]:
    return region.kind, region.code, region.name


def _goes_on_inside(document: Document, masked: Masked, own: Name, at: int) -> bool:
    """Whether a region inside it follows 我市 directly: 我市 | 长丰县."""
    inner = masked.names.get(at + 1)
    if inner is None or not inner.regions or not own.regions or inner.symbol not in (REGION, BODY, LOCALITY):
        return False
    return all(document.holds(holder, region) for holder in own.regions for region in inner.regions)


def _is_event(words: str, at: int) -> bool:
    """Whether the place is part of the name of an event, a spirit or a strategy: 杭州 | 亚运会, 延安 | 精神."""
    return words_pattern("exclusions", "events", "behind").match(words, at) is not None


def _begins_a_site(words: str, at: int) -> bool:
    """Whether a place goes on as a longer name that is no mention: 梨树县 | 百万亩绿色食品基地、…."""
    if _PARTS_BEHIND.match(words, at):
        return True
    return _SITE_BEHIND.match(words, at) is not None and _GOES_ON.match(words, at) is None


def _regions_of(document: Document, name: Name, followed: str, how: str) -> list[tuple[RegionRef, bool]]:
    """(region, firm) of a name: a place directly before a site or firm only begins its name."""
    if name.symbol in (REGION, OWN):
        return [(region, followed not in (SITE, FIRM)) for region in name.regions]
    if name.symbol == BODY:
        zone = _zone_of_body(document, name)
        if zone:
            return [(zone, True)]
        if how == "visits":
            return [_of_body(document, region) for region in name.regions]
        return [(region, True) for region in name.regions]
    if how == "sites":
        regions = (name.around,) if name.around else name.regions
        return [(region, False) for region in regions if region.kind == "region"]
    if how == "visits" and _is_visited_site(name, name.span.of(document.text)):
        return [(name.around, False)] if name.around else []
    if name.symbol in (ZONE_MARK, LOCALITY):
        firm = followed not in (SITE, FIRM)
        return [(region, firm and region.kind in ("zone", "locality")) for region in name.regions]
    return [(region, False) for region in name.regions]


def _of_body(document: Document, region: RegionRef) -> tuple[RegionRef, bool]:
    """(region, firm) of a body that is visited: one of a township is a site of the county around it."""
    if region.kind != "locality" or not region.code:
        return region, True
    return document.region_ref(region.span, region.code), False


def _is_visited_site(name: Name, words: str) -> bool:
    """Whether a village or park is no model where it is visited, but a site of the region around it."""
    if name.symbol == LOCALITY:
        return _VILLAGE.search(words) is not None
    parks = tuple(load_lexicon("roles")["bodies"]["parks"])
    return name.symbol == ZONE_MARK and words.endswith(parks)


def _zone_of_body(document: Document, name: Name) -> RegionRef | None:
    """The zone whose office a body is: 丹棱县经开区 of 丹棱县经开区管委会."""
    words = name.span.of(document.text)
    match = re.search(r"(?:党工委|管委会|管理委员会|工委)", words)
    if not match or not name.regions:
        return None
    zone = words[: match.start()]
    holder = document.coded(name.regions[-1].code or "") if name.regions[-1].code else None
    if not holder or not zone_words().search(zone):
        return None
    span = Span(name.span.start, name.span.start + len(zone))
    return RegionRef(span, zone, holder, zone, "zone", "zone")


def _whole(document: Document, masked: Masked, region: RegionRef, at: int, n_names: int) -> list[RegionRef]:
    """What a region stands for: the members of 江浙沪; 江苏三市 as its three cities where they are named, else as
    unnamed members; itself.
    """
    if region.kind == "composite":
        return _members(document, region)
    counted = _COUNTED.match(masked.words, at + 1)
    if not counted or n_names != 1 or region.kind != "region" or _count(counted) < 2 or not region.code:
        return [region]
    named = _named_inside(document, region.code, counted)
    if named:
        return named
    whole = Span(region.span.start, masked.starts[counted.end()])
    return [replace(region, span=whole, text=whole.of(document.text), kind="underspecified")]


def _members(document: Document, region: RegionRef) -> list[RegionRef]:
    """The provinces that an abbreviation spells out (江浙沪); a region with a name of its own (长三角) as it is."""
    for place in document.places_in(region.span):
        composite = document.gazetteer[place.region_code or ""]
        if composite.level == COMPOSITE and composite.split:
            return [document.region_ref(region.span, member) for member in composite.members]
    return [region]


def _named_inside(document: Document, code: str, counted: re.Match[str]) -> list[RegionRef]:
    """The members of 河南四市 where the article names just so many cities of the province, else none."""
    levels = _UNIT_LEVELS.get(counted.group("unit"), (PREFECTURE, COUNTY))
    named: dict[str, Span] = {}
    for place in document.places:
        inner = place.region_code or ""
        if document.gazetteer[inner].level in levels and document.gazetteer.contains(code, inner):
            named.setdefault(inner, place.span)
    if len(named) != _count(counted):
        return []
    return [document.region_ref(span, inner) for inner, span in named.items()]


def _count(match: re.Match[str]) -> int:
    return number_of(match.group("count"))


def counted_members(document: Document, region: RegionRef, visited: list[RegionRef]) -> list[RegionRef]:
    """The regions visited that 江苏六市 counts: those in the province, if they are just so many; else the region."""
    counted = _COUNTED.search(region.text) if region.kind == "underspecified" else None
    inside = [v for v in visited if counted and v.code and region.code and document.is_or_holds(region.code, v.code)]
    return inside if counted and len(inside) == _count(counted) else [region]


def anaphor_models(words: str, earlier: list[RegionRef], lists: list[list[RegionRef]]) -> list[RegionRef]:
    """What an anaphor stands for among the models of a journey.

    As many as it counts (三市): all, those of its rank, or one of the `lists` in which they were named before, the last
    first. All for 多地 and 兄弟县区; else (当地, 其) the list named last.
    """
    counted = _COUNTED.search(words)
    if counted:
        count, unit = _count(counted), counted.group("unit")
        ranked = [r for r in earlier if unit == "地" or r.level in _UNIT_LEVELS.get(unit, ())]
        for group in (earlier, ranked, *reversed(lists)):
            if len(group) == count:
                return group
        return []
    if re.search("多地|各|兄弟", words) or not lists:
        return list(earlier)
    return lists[-1]
