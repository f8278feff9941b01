"""The home of an article: the region that 我市, 我县, 全区 and 来我市 mean in it."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from pipeline.gazetteer import Gazetteer
from pipeline.gazetteer.region import COUNTY, PREFECTURE, PROVINCE
from pipeline.recognise.gazetteer_matches import match_places
from pipeline.records import Article, Home, Mention
from pipeline.resolve.hosts import county_of_url

_HOME_LEVELS: Final = (PROVINCE, PREFECTURE, COUNTY)
_OWN: Final = re.compile(r"我(省|市|县|区|州|旗)")
_RANK_OF_WORDS: Final = re.compile(r"^(?:我们?|全|本)?(自治区|省|市|县|区|州|旗)")
_RANK_LEVELS: Final = {
    "省": (PROVINCE,),
    "自治区": (PROVINCE,),
    "市": (PROVINCE, PREFECTURE, COUNTY),
    "州": (PREFECTURE,),
}
"""The levels at which 我省, 我市 ... speak; 我市 is written of municipalities, prefectures and county-level cities."""
_SPEAKS: Final = re.compile(
    r"(?<![\u4e00-\u9fff])(省|市|县|区|州|旗)(?:委|政府|人大|政协|党政|长|直|领导)|我(省|市|县|区|州|旗)|全(县|区|旗)"
)
"""Words by which an article speaks of its home's rank: 我县, 县委 and 区长 at the beginning of a clause, 全区."""
_BODY_BEHIND: Final = re.compile(r"领导|委|人民政府|政府|人大|政协|党政|召开|举行|举办")
_LEADERS: Final = re.compile(r"党政代表团|代表团|委|政府")
_TAKES_PLACE: Final = ("赴", "到", "往", "在", "来自", "考察", "调研", "走进")
_GOES: Final = re.compile(r"赴|前往")
_MOVES: Final = re.compile(r"赴|前往|来(?=[\u4e00-\u9fff]{1,20}(?:考察|学习|观摩|参观|调研|交流))")
_MASTHEAD: Final = re.compile(
    r"[-_—|]\s*(?:中共)?([\u4e00-\u9fff]{2,16}?)(?:人民政府|党政)(?:公众|门户)*(?:信息)?(?:网站?)?(?=[。\s_|\-]|$)"
)
_LEAD: Final = 200
"""Code points of an article in which its subject is named."""


def find_home(article: Article, mentions: list[Mention], gazetteer: Gazetteer) -> Home:
    """The home, told by url and publisher, refined by the text, else by the title, else by the text; `none` otherwise.

    The publisher counts before the text, for the text of a visit begins as often with the guest as with the host. But
    the site of a city carries its counties' news: the url (yangshan.gov.cn) or the text (我县; 博爱县召开 ...) then
    tell the county; and where 我省 speaks, it is the province.
    """
    publisher = _first_division(article.source_name or "", gazetteer)
    masthead = _masthead(article, gazetteer)
    if masthead and masthead != publisher and not (publisher and gazetteer.contains(masthead, publisher)):
        return Home(masthead, "text")
    if publisher:
        sender = _sender_to(publisher, article, gazetteer)
        return Home(sender, "title") if sender else _refined(publisher, article, mentions, gazetteer)
    title = _first_division(article.title or "", gazetteer)
    if title:
        return Home(title, "title")
    text = _most_named(article, mentions, gazetteer)
    return Home(text, "text") if text else Home(None, "none")


def _masthead(article: Article, gazetteer: Gazetteer) -> str | None:
    """The division whose government's page it is, where the name of the page stands in the text (… - 贡井区人民政府),
    unless the text speaks for a city or province around it.
    """
    match = _MASTHEAD.search(article.text, 0, 2 * _LEAD)
    code = _first_division(match.group(1), gazetteer) if match else None
    if code is None:
        return None
    rank = _rank_that_speaks(article)
    return None if rank in ("省", "市") and not gazetteer[code].name.endswith(rank) else code


def _refined(publisher: str, article: Article, mentions: list[Mention], gazetteer: Gazetteer) -> Home:
    """The publisher, or the division in it, or around it, that the article itself speaks for."""
    rank = _rank_that_speaks(article)
    province = gazetteer[publisher].province_code
    if rank == "省" and province and publisher != province:
        return Home(province, "text")
    if article.url and gazetteer[publisher].level != COUNTY:
        county = county_of_url(article.url, publisher, gazetteer)
        if county and (rank != "市" or gazetteer[county].name.endswith("市")):
            return Home(county, "url")
    if province and publisher != province and _begins_with_delegation_of(province, article, mentions):
        return Home(province, "text")
    inner = _inner_subject(publisher, rank, article, mentions, gazetteer)
    if inner and gazetteer[publisher].level == PROVINCE and rank == "市" and gazetteer[inner].level == COUNTY:
        city = gazetteer[inner].prefecture_code
        inner = city if city and not gazetteer[inner].name.endswith("市") else inner
    return Home(inner, "text") if inner else Home(publisher, "publisher")


def _sender_to(publisher: str, article: Article, gazetteer: Gazetteer) -> str | None:
    """The division whose people the title sends to the publisher (马鞍山市领导赴合肥): the text is the sender's."""
    match = _GOES.search(article.title or "")
    if not match:
        return None
    words = article.title or ""
    sender = _first_division(words[: match.start()], gazetteer)
    visited = {code for m in match_places(words[match.end() :], gazetteer) for code in m.codes}
    if not sender or publisher not in visited or sender == publisher or gazetteer.contains(publisher, sender):
        return None
    return None if gazetteer.contains(sender, publisher) else sender


def _moves(article: Article, mentions: list[Mention]) -> tuple[set[str], set[str]]:
    """(codes elsewhere, codes at home) in title and lead: before 来 stand guests, who come from elsewhere, behind 赴 is
    elsewhere, too; behind 来 is home.
    """
    text = article.text
    elsewhere: set[str] = set()
    here: set[str] = set()
    for match in _MOVES.finditer(text, 0, _LEAD):
        begin = max(text.rfind(mark, 0, match.start()) for mark in "\n。，,；") + 1
        end = min((at for mark in "\n。；，," if (at := text.find(mark, match.end())) >= 0), default=len(text))
        for mention in mentions:
            start = mention.span.start
            if match.group() == "来" and start == match.end():
                here.update(mention.candidates)
            elif begin <= start < match.start() if match.group() == "来" else match.end() <= start < end:
                elsewhere.update(mention.candidates)
    return elsewhere - here, here


def _begins_with_delegation_of(code: str, article: Article, mentions: list[Mention]) -> bool:
    """Whether the article begins with the region's own leaders: 辽宁省党政代表团赴 ..."""
    return any(
        mention.span.start == 0 and code in mention.candidates and _LEADERS.match(article.text, mention.span.end)
        for mention in mentions
    )


def _rank_that_speaks(article: Article) -> str | None:
    """The rank of the home as the article writes it, most often in the title and the lead; None where it does not."""
    title = article.title or ""
    counts: Counter[str] = Counter()
    for words, weight in ((title, 3), (article.text[:_LEAD], 2), (article.text[_LEAD:], 1)):
        for match in _SPEAKS.finditer(words):
            rank = next(group for group in match.groups() if group)
            own = match.group().startswith("我")
            # The province's leaders act in the news of its cities, whose home it is not.
            if rank != "省" or own or (words is title and match.start() == 0):
                counts[rank] += weight * (3 if own else 1)
    return counts.most_common(1)[0][0] if counts else None


def _inner_subject(
    publisher: str, rank: str | None, article: Article, mentions: list[Mention], gazetteer: Gazetteer
) -> str | None:
    """The division inside the publisher for which the article speaks, where the publisher itself does not act in it."""
    scores: Counter[str] = Counter()
    own = 0
    speaks = rank in ("县", "区", "旗")
    says_our = any(match.group(1) == rank for match in _OWN.finditer(article.text))
    title_length = len(article.title or "") if article.text.startswith((article.title or "")[:8] or "\n") else 0
    elsewhere, here = _moves(article, mentions)
    for mention in mentions:
        codes = [code for code in _divisions(mention.candidates, gazetteer) if code not in elsewhere]
        start, end = mention.span.start, mention.span.end
        weight = 0
        if start == 0 and title_length:
            weight = 4
        elif _stands_as_subject(article.text, start):
            weight = 2 if start < _LEAD else 1
        if _BODY_BEHIND.match(article.text, end):
            weight += 2 if start < _LEAD else 1
        if publisher in codes:
            own += weight
        inner = [code for code in codes if gazetteer.contains(publisher, code)]
        if len(inner) == 1:
            weight += 2 if inner[0] in here and start < _LEAD else 0
            visited = article.text[:start].endswith(_TAKES_PLACE)
            scores[inner[0]] += weight + (1 if speaks and (says_our or not visited) else 0)
    if not scores:
        return None
    (code, score), *others = scores.most_common(2)
    if others and others[0][1] == score:
        return None
    if speaks and score and gazetteer[code].level == COUNTY:
        return code
    return code if score >= 4 and score > own else None


def _first_division(words: str, gazetteer: Gazetteer) -> str | None:
    """The single division that the words name first, the finest where names follow one another (广东省 | 佛山市); what
    stands behind 赴 and the like is visited, and no home.
    """
    code: str | None = None
    for match in match_places(words, gazetteer):
        if words[: match.span.start].endswith(_TAKES_PLACE):
            break
        candidates = _divisions(match.codes, gazetteer)
        if code:
            inside = [candidate for candidate in candidates if gazetteer.contains(code, candidate)]
            if len(inside) == 1:
                code = inside[0]
            continue
        code = _single(candidates, gazetteer)
    return code


def _most_named(article: Article, mentions: list[Mention], gazetteer: Gazetteer) -> str | None:
    own = _OWN.search(article.text)
    levels = _RANK_LEVELS.get(own.group(1), (COUNTY,)) if own else _HOME_LEVELS
    counts: Counter[str] = Counter()
    for mention in mentions:
        if not _stands_as_subject(article.text, mention.span.start):
            continue
        code = _single(
            [c for c in _divisions(mention.candidates, gazetteer) if gazetteer[c].level in levels], gazetteer
        )
        if code:
            counts[code] += 1
    first = counts.most_common(2)
    if not first or (len(first) == 2 and first[0][1] == first[1][1]):
        return None
    return first[0][0]


def _stands_as_subject(text: str, start: int) -> bool:
    """Whether a place begins a line or clause: one behind 赴, 对标 or 学习 is as likely a model as the home."""
    return start == 0 or text[start - 1] in "\n。！？!?;；,，:： \u3000"


def _divisions(codes: tuple[str, ...], gazetteer: Gazetteer) -> list[str]:
    return [code for code in codes if gazetteer[code].level in _HOME_LEVELS and gazetteer[code].in_force]


def _single(codes: list[str], gazetteer: Gazetteer) -> str | None:
    """The only candidate, or the only one at the highest level (吉林 as a publisher is the province)."""
    for level in _HOME_LEVELS:
        here = [code for code in codes if gazetteer[code].level == level]
        if here:
            return here[0] if len(here) == 1 else None
    return None


def home_at_rank(words: str, home: Home, gazetteer: Gazetteer) -> str | None:
    """The region that words without a name (我省, 市党政代表团, 县委) mean: the home, or what holds it at their rank.

    我市 in the news of a district means the district's city; words of no rank (代表团) mean the home. None where
    nothing has that rank: 我县 in the news of a province.
    """
    if not home.region_code:
        return None
    match = _RANK_OF_WORDS.search(words)
    rank = match.group(1) if match else None
    levels = _RANK_LEVELS.get(rank, (COUNTY,)) if rank else _HOME_LEVELS
    own = gazetteer[home.region_code]
    if rank in ("区", "自治区") and own.name.endswith("自治区"):
        return own.region_code
    if own.level in levels and (rank != "市" or own.level == PREFECTURE or own.name.endswith("市")):
        return own.region_code
    return next((code for code in gazetteer.ancestors(own.region_code) if gazetteer[code].level in levels), None)
