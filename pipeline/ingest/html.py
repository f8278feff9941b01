"""An HTML page: its article as lines, and what its tags and visible lines say of title, time, source and author.

The containers in which the common systems of Chinese sites put an article are known by name (`html.toml`); where none
of them is there, trafilatura finds the body. Which of the two, `benchmarks/pages.py` measures.
"""

from __future__ import annotations

import copy
import functools
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import lxml.etree as etree

from pipeline.ingest.charset import UndecodableError, declared_charset, decode_page
from pipeline.ingest.limits import InputError
from pipeline.ingest.metadata import Names, address_of, find_title, squeezed, told_by_tags
from pipeline.ingest.page import (
    HEAD_LINES,
    Page,
    before_end,
    dateline,
    fields_of,
    lines_of,
    split_fields,
)
from pipeline.ingest.text import clean
from pipeline.ingest.times import BEIJING, parse_time
from pipeline.resources import load_lexicon

_BLOCKS: Final = frozenset(load_lexicon("html")["elements"]["blocks"])
_CELLS: Final = frozenset(("td", "th"))
_UNSEEN: Final = frozenset(load_lexicon("html")["elements"]["unseen"])
_HIDDEN: Final = re.compile(r"display\s{0,3}:\s{0,3}none", re.IGNORECASE)
_LEAST: Final = 30
"""Characters that a container must hold to be taken for the article."""
_LINKED: Final = 0.5
"""Share of its characters inside links from which on a container is a list of links."""
_ELEMENTS: Final = 20_000
"""Elements of a page up to which trafilatura is asked: it walks over them many times, 100,000 take it 8 s. News pages have
some 2,000."""
_LONG_TAG: Final = re.compile(r"<[A-Za-z][^<>]{20000,}")
_ATTRIBUTES: Final = 3_000
"""Attributes of one element up to which a page is parsed: libxml2 compares each with all others, 20,000 take it 5 s."""
_HEAD_REACH: Final = 15
"""Lines before the article's first one, and after its last, among which the line of fields is looked for."""


def read_html(content: bytes | str, charset: str | None = None) -> tuple[Page, str | None]:
    """The page's article and what it says of itself, and the address that it names for itself, if any.

    `charset` is the one that the server named. The article has its title as first line, as a pasted page has. Raises
    UndecodableError, and InputError where the page is nested too deep or holds what no text holds.
    """
    broken = False
    if isinstance(content, bytes):
        markup, broken = decode_page(content, charset or declared_charset(content))
    else:
        markup = clean(content) if any("\ud800" <= c <= "\udfff" for c in content) else content
    markup = markup.removeprefix("\ufeff")
    if "\x00" in markup:
        raise InputError("null_bytes", "holds NUL characters")
    tree = _parse(markup)
    names = Names(tree)
    told = told_by_tags(tree, names)
    all_lines = _clean_lines(_lines(tree, pruned=False))
    body = _article_lines(tree, names)
    title = find_title(tree, names, told, all_lines, body)
    lines, edges = split_fields(body)
    visible = dateline(lines) | fields_of(_around(all_lines, body)) | edges
    lines = before_end(_after_title(lines, title) if title else lines)
    if title:
        lines.insert(0, title)
    page = Page(
        text="\n".join(lines),
        title=title,
        published_at=_more_exact(parse_time(told.get("published", "")), parse_time(visible.get("published", ""))),
        source_name=told.get("source") or visible.get("source") or told.get("site"),
        author=told.get("author") or visible.get("author") or told.get("editor") or visible.get("editor"),
    )
    if broken and any("\ufffd" in value for value in (page.text, page.title, page.source_name, page.author) if value):
        raise UndecodableError("a byte of the article is in no charset that is tried")
    return page, address_of(told)


def looks_like_html(head: bytes) -> bool:
    """Whether the first bytes of a document are those of an HTML page."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        start = head.replace(b"\x00", b"")[2:].lstrip().lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<meta ")) or (
        start.startswith((b"<!--", b"<?xml", b"<!doctype")) and (b"<html" in start or b"<body" in start)
    )


def _parse(markup: str) -> Any:
    for tag in _LONG_TAG.finditer(markup):
        if max(tag.group().count("="), len(tag.group().split())) > _ATTRIBUTES:
            raise InputError("invalid_html", f"an element with more than {_ATTRIBUTES:,} attributes")
    # lxml reads bytes by the charset that it is told, whatever the page's own tag says.
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        tree = etree.fromstring(markup.encode("utf-8", "surrogatepass"), parser)
    except (etree.XMLSyntaxError, ValueError, UnicodeEncodeError) as error:
        raise InputError("invalid_html", str(error)[:200]) from None
    if any("depth" in entry.message.lower() for entry in parser.error_log):
        raise InputError("nested_too_deep", "elements are nested deeper than 2,048")
    if tree is None:
        raise InputError("empty", "the page has no elements")
    return tree


def _article_lines(tree: Any, names: Names) -> list[str]:
    container = _container(names)
    if container is not None:
        return _clean_lines(_lines(container, pruned=True))
    found = _clean_lines(_trafilatura(tree)) if names.n_elements <= _ELEMENTS else []
    return found or _clean_lines(_lines(tree, pruned=True))


def _container(names: Names) -> Any:
    """The element in which a known system puts its article, None where no such element holds a text."""
    for selector in load_lexicon("html")["article"]["containers"]:
        best, most = None, _LEAST - 1
        for element in names.of(selector):
            n_characters, n_linked = _lengths(element)
            if n_characters > most and n_linked < _LINKED * n_characters:
                best, most = element, n_characters
        if best is not None:
            return best
    return None


def _lengths(element: Any) -> tuple[int, int]:
    """Characters of an element's text, and those of them inside links."""
    n_characters = sum(len(text.strip()) for text in element.itertext("*"))
    return n_characters, sum(len(text.strip()) for link in element.iter("a") for text in link.itertext("*"))


def _trafilatura(tree: Any) -> Iterator[str]:
    """The body as trafilatura finds it, after what is surely no article has been taken out."""
    import trafilatura

    pruned = copy.deepcopy(tree)
    for element in [e for e in pruned.iter("*") if e is not pruned and e.tag != "body" and _is_aside(e)]:
        element.clear(keep_tail=True)  # emptied, not taken out: the text behind it is its parent's
    # Given elements, trafilatura asks for those of lxml.html.
    markup = etree.tostring(pruned, encoding="unicode", method="html")
    found = trafilatura.extract(markup, fast=True, include_comments=False, include_tables=True, deduplicate=False)
    yield from (line.strip("|- ") for line in (found or "").splitlines())


def _lines(root: Any, *, pruned: bool) -> Iterator[str]:
    """The text of an element, a block a line, cells of a table parted by a blank. Iterative: pages nest deeply.

    `pruned` leaves out what shares, relates and navigates.
    """
    words: list[str] = []
    skipped: Any = None
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag
        if not isinstance(tag, str):
            continue
        if event == "start":
            if skipped is None and (tag in _UNSEEN or _is_hidden(element) or (pruned and _is_aside(element))):
                skipped = element if element is not root else None
            if skipped is not None:
                continue
            if tag in _BLOCKS:
                yield from _flush(words)
            elif tag in _CELLS:
                words.append(" ")
            if element.text:
                words.append(element.text)
        else:
            if skipped is None and tag in _BLOCKS:
                yield from _flush(words)
            if skipped is element:
                skipped = None
            if skipped is None and element.tail and element is not root:
                words.append(element.tail)
    yield from _flush(words)


def _flush(words: list[str]) -> Iterator[str]:
    line = " ".join("".join(words).split())
    words.clear()
    if line:
        yield line


def _clean_lines(lines: Iterator[str]) -> list[str]:
    return lines_of(clean("\n".join(lines)))


def _is_hidden(element: Any) -> bool:
    style = element.get("style")
    # WeChat hides the whole article until its script runs.
    return bool(style) and len(style) < 500 and bool(_HIDDEN.search(style)) and element.get("id") != "js_content"


def _is_aside(element: Any) -> bool:
    """Whether an element navigates, relates or shares, by its tag or by the words of its class and id."""
    if element.tag in ("nav", "footer", "aside"):
        return True
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return len(names) > 1 and len(names) < 300 and _aside_pattern().search(names) is not None


def _around(lines: list[str], body: list[str]) -> list[str]:
    """The page's lines before and after its article, near it; the whole page's first where the article is not found."""
    if not body:
        return lines[: 2 * HEAD_LINES]
    first = next((i for i, line in enumerate(lines) if line == body[0]), None)
    if first is None:
        return [line for line in lines[: 4 * HEAD_LINES] if len(line) < 200]
    last = max((i for i, line in enumerate(lines) if line == body[-1]), default=first)
    return lines[max(0, first - _HEAD_REACH) : first] + lines[last + 1 : last + 1 + _HEAD_REACH]


def _more_exact(told: datetime | None, visible: datetime | None) -> datetime | None:
    """The time of the tags, but the visible one where that has a time of the same day and the tags have the day alone."""
    if told is None or visible is None:
        return told or visible
    day, shown = told.astimezone(BEIJING), visible.astimezone(BEIJING)
    only_day = (day.hour, day.minute, day.second) == (0, 0, 0)
    return visible if only_day and day.date() == shown.date() else told


def _after_title(lines: list[str], title: str) -> list[str]:
    """The lines behind the one that is the title, where one of the first is; else all."""
    wanted = squeezed(title)
    for number, line in enumerate(lines[:_HEAD_REACH]):
        if squeezed(line) == wanted:
            return lines[number + 1 :]
    return lines


@functools.cache
def _aside_pattern() -> re.Pattern[str]:
    words = "|".join(load_lexicon("html")["aside"]["words"])
    return re.compile(rf"(?:^|[\s_\-])(?:{words})(?:$|[\s_\-\d])", re.IGNORECASE)
