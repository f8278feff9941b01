"""What an HTML page says of itself in its tags: title, time, source, author, site and address.

Meta tags by the names that Chinese government sites must use (ArticleTitle, PubDate, ContentSource …), Open Graph, JSON-LD,
and the elements of known systems; where each is looked for stands in `html.toml`, in order.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import lxml.etree as etree

from pipeline.ingest.page import HEAD_LINES, is_chrome, is_publisher, labelled_fields
from pipeline.ingest.text import clean
from pipeline.ingest.times import parse_time
from pipeline.resources import load_lexicon


def told_by_tags(tree: Any, names: Names) -> dict[str, str]:
    """What meta tags, JSON-LD and known elements say, by role: title, published, source, author, editor, site, url."""
    lexicon = load_lexicon("html")
    tags: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = (meta.get("name") or meta.get("property") or meta.get("itemprop") or "").strip().lower()
        content = _one_line(meta.get("content"))
        if name and content:
            tags.setdefault(name, content)
    linked = _linked_data(tree)
    told: dict[str, str] = {}
    for role, sources in lexicon["metadata"].items():
        for source in sources:
            kind, _, name = source.partition(":")
            if kind == "meta":
                value = tags.get(name.lower(), "")
            elif kind == "json-ld":
                value = linked.get(name, "")
            elif kind == "wechat":
                value = _script_value(tree, name) if names.of("#js_content") else ""
            elif kind == "link":
                value = next((e.get("href") or "" for e in tree.iter("link") if e.get("rel") == name), "")
            else:
                value = _element_text(names, name)
            value = labelled.get(role, "") if (labelled := labelled_fields(value)) else value
            if value and _is_value(role, value) and not (role in ("author", "editor") and _names_site(value, tree)):
                told[role] = value
                break
    return told


def _is_value(role: str, value: str) -> bool:
    if role == "published":
        return parse_time(value) is not None
    if role == "title":
        return len(value) <= 200
    # Sites put the number of an account where the author's name belongs.
    return len(value) <= 300 if role == "url" else len(value) <= 40 and not value.isdigit()


def _names_site(value: str, tree: Any) -> bool:
    """Whether what a tag gives for the author is the site, or the maker of its software: no Chinese name of a person."""
    of_window = "".join(next(iter(tree.iter("title")), etree.Element("title")).itertext("*"))
    return not re.search("[\u4e00-\u9fff]", value) or is_publisher(value) or value in of_window


def _one_line(words: str | None) -> str:
    return " ".join(clean(words).split()) if words and "\x00" not in words else ""


def _linked_data(tree: Any) -> dict[str, str]:
    """The values of the first article in the page's JSON-LD: headline, datePublished, author, publisher."""
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or ""):
            continue
        try:
            found = json.loads(script.text or "")
        except (ValueError, RecursionError):
            continue
        for item in _json_objects(found):
            if "headline" in item or "datePublished" in item:
                return {key: value for key, value in ((k, _json_name(v)) for k, v in item.items()) if value}
    return {}


def _json_objects(found: Any) -> Iterator[dict[str, Any]]:
    for item in found if isinstance(found, list) else [found]:
        if isinstance(item, dict):
            yield item
            graph = item.get("@graph")
            yield from (part for part in graph if isinstance(part, dict)) if isinstance(graph, list) else ()


def _json_name(value: Any) -> str:
    """A JSON-LD value as words: a string, the name of an object, or those of a list of them."""
    if isinstance(value, list):
        return " ".join(filter(None, map(_json_name, value)))
    if isinstance(value, dict):
        value = value.get("name")
    return _one_line(value) if isinstance(value, str) else ""


def _script_value(tree: Any, name: str) -> str:
    """The string or number that a script assigns to a variable (WeChat: var ct = "1555555555")."""
    pattern = re.compile(rf"""\b{re.escape(name)}\s{{0,4}}[=:]\s{{0,4}}["']?([^"';,\n]{{1,80}})""")
    for script in tree.iter("script"):
        if script.text and name in script.text and (found := pattern.search(script.text)):
            return _one_line(found.group(1))
    return ""


def _element_text(names: Names, selector: str) -> str:
    for element in names.of(selector):
        if words := _one_line("".join(element.itertext("*"))):
            return words
    return ""


def find_title(tree: Any, names: Names, told: dict[str, str], lines: list[str], body: list[str]) -> str | None:
    """The title: of a tag for it; else the line of the page that its window's title holds; else that without the site."""
    if told.get("title"):
        return _without_site(told["title"], told.get("site"))
    of_window = _one_line("".join(next(iter(tree.iter("title")), etree.Element("title")).itertext("*")))
    window = squeezed(of_window)
    shown = [line for line in lines[: 10 * HEAD_LINES] if 6 <= len(line) <= 120 and squeezed(line) in window]
    if shown and not is_chrome(best := max(shown, key=len)):
        return best
    marked = _element_text(names, load_lexicon("html")["title"]["elements"])
    if marked and len(marked) <= 120:
        return marked
    if of_window and len(parts := _without_site(of_window, told.get("site"))) > 6:
        return parts
    headings = (_one_line("".join(e.itertext("*"))) for tag in ("h1", "h2", "h3") for e in names.of(tag))
    long_enough = [heading for heading in headings if 6 <= len(heading) <= 80 and not is_chrome(heading)]
    if long_enough:
        return long_enough[0]
    return of_window or (body[0] if body and len(body[0]) <= 60 else None)


def _without_site(title: str, site: str | None) -> str:
    """The title without the name of site and column behind it: 标题_要闻_某市人民政府."""
    if site and title.endswith(site):
        title = title[: -len(site)].rstrip(" -_|—–·>»")
    parts = re.split(r"\s?[_|]\s?|\s[-–—]{1,2}\s|--|-(?=[\u4e00-\u9fff]{2,20}(?:网|政府|门户网站|日报)$)", title)
    return parts[0].strip() or title


def squeezed(words: str) -> str:
    """The words without white space, as titles are compared."""
    return "".join(words.split())


def address_of(told: dict[str, str]) -> str | None:
    """The page's own absolute address, None where its tags name none."""
    url = told.get("url", "")
    if url.startswith("//"):
        url = f"http:{url}"
    if not url.startswith(("http://", "https://")) and told.get("domain"):
        domain = told["domain"] if "://" in told["domain"] else f"http://{told['domain']}"
        try:
            url = urljoin(domain, url) if url else ""
        except ValueError:  # a domain such as [x
            return None
    return url if url.startswith(("http://", "https://")) else None


class Names:
    """The elements of a page by tag, id and class, names in lower case; found in one walk, for a page is asked often."""

    def __init__(self, tree: Any) -> None:
        self._found: dict[str, list[Any]] = {}
        self.n_elements = 0
        for element in tree.iter("*"):
            self.n_elements += 1
            self._found.setdefault(element.tag, []).append(element)
            if name := element.get("id"):
                self._found.setdefault(f"#{name.strip().lower()}", []).append(element)
            if names := element.get("class"):
                for name in set(names.lower().split()[:20]):
                    self._found.setdefault(f".{name}", []).append(element)

    def of(self, selector: str) -> list[Any]:
        """The elements of a selector of the lexicon: #id, .class, tag, several with comma between."""
        return [element for name in _names_of(selector) for element in self._found.get(name, ())]


@functools.cache
def _names_of(selector: str) -> tuple[str, ...]:
    return tuple(name.strip().lower() for name in selector.split(","))
