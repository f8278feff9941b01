"""The home of an article: the region that 我市, 我县, 全区 and 来我市 mean in it."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from pipeline.gazetteer import Gazetteer
from pipeline.gazetteer.region import COUNTY, PREFECTURE, PROVINCE
from pipeline.recognise.gazetteer_matches import match_places
from pipeline.records import Article, Home, Mention

_HOME_LEVELS: Final = (PROVINCE, PREFECTURE, COUNTY)
_OWN: Final = re.compile(r"我(省|市|县|区|州|旗)")
_RANK_LEVELS: Final = {"省": (PROVINCE,), "市": (PROVINCE, PREFECTURE, COUNTY), "州": (PREFECTURE,)}
"""The levels at which 我省, 我市 ... speak; 我市 is written of municipalities, prefectures and county-level cities."""


def find_home(article: Article, mentions: list[Mention], gazetteer: Gazetteer) -> Home:
    """The home, told by the publisher, else the title, else the text; `none` where they name no single division.

    The publisher counts first, for the title and text of a visit begin as often with the guest as with the host. The
    text tells it by the division that begins clauses most often, at the rank of 我市 or 我县; a tie tells nothing.
    """
    publisher = _first_division(article.source_name or "", gazetteer)
    if publisher:
        return Home(publisher, "publisher")
    title = _first_division(article.title or "", gazetteer)
    if title:
        return Home(title, "title")
    text = _most_named(article, mentions, gazetteer)
    return Home(text, "text") if text else Home(None, "none")


def _first_division(words: str, gazetteer: Gazetteer) -> str | None:
    """The single division that the words name first, the finest where names follow one another (广东省 | 佛山市)."""
    code: str | None = None
    for match in match_places(words, gazetteer):
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
