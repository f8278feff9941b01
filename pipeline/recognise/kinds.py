"""What kind of place or organisation a name is, by the word that ends it (…有限公司, …小学, …局, …村)."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from pipeline.records import Span
from pipeline.resources import load_lexicon


def kind_of_name(words: str, label: str) -> str:
    """The kind of a name that is not in the gazetteer: site or village; government, company, school, media or
    organisation; person.
    """
    if label == "PER":
        return "person"
    if label == "LOC":
        return "village" if words.endswith(tuple(_lexicon()["places"]["village"])) else "site"
    if words in _lexicon()["known_companies"]["names"]:
        return "company"
    match = _last_words().search(words)
    return _kinds()[match.group()] if match else "organisation"


def ends_as_body(words: str) -> bool:
    """Whether the words end as the name of an organisation does (…局, …供销社, …有限公司)."""
    return _last_words().search(words) is not None


def may_end_body(words: str) -> bool:
    """Whether the last character can end an organisation's name at all (人防办, 图书馆, 公证处)."""
    return words.endswith(tuple(_lexicon()["last_characters"]["organisation"])) or ends_as_body(words)


def is_central_body(words: str) -> bool:
    """Whether the words are the name of a central body of party or state."""
    return words in _lexicon()["central_bodies"]["names"]


def known_organisations(text: str) -> Iterator[tuple[Span, str]]:
    """(span, kind) of the companies and central bodies of the lexicon that the text names, none overlapping another."""
    for match in _known().finditer(text):
        company = match.group() in _lexicon()["known_companies"]["names"]
        yield Span(*match.span()), "company" if company else "government"


def visiting_verbs() -> re.Pattern[str]:
    """The verbs that a list of visited places follows (考察学习 A、B、C)."""
    return _visiting()


@functools.cache
def _known() -> re.Pattern[str]:
    words = (*_lexicon()["known_companies"]["names"], *_lexicon()["central_bodies"]["names"])
    return re.compile("|".join(sorted(map(re.escape, words), key=len, reverse=True)))


@functools.cache
def _visiting() -> re.Pattern[str]:
    verbs = sorted(_lexicon()["places"]["visiting"], key=len, reverse=True)
    return re.compile(f"(?:{'|'.join(verbs)})(?!团|组|队)(?:了|过)?")


@functools.cache
def _kinds() -> dict[str, str]:
    return {word: kind for kind, words in _lexicon()["organisations"].items() for word in words}


@functools.cache
def _last_words() -> re.Pattern[str]:
    words = sorted(_kinds(), key=len, reverse=True)
    return re.compile(f"(?:{'|'.join(map(re.escape, words))})$")


def _lexicon() -> dict[str, dict[str, list[str]]]:
    return load_lexicon("kinds")
