"""The records that travel between the stages. Each is frozen; a later stage makes new records, it never changes one.

Offsets are Unicode code points into `Article.text`, end exclusive. Times are aware UTC datetimes.
Ids are hashes of what they name, so that the same input has the same ids on any machine and in any order.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

ID_LENGTH: Final = 16
"""Hexadecimal digits in an id: 64 bits, so that a billion rows meet one collision in about forty tries."""


RELATIONS: Final = ("benchmarks", "learns_from", "visits")
"""From the strongest to the weakest: a link carries the strongest that the text states."""


def record_id(*parts: object) -> str:
    """The id of what `parts` name: 16 hexadecimal digits of SHA-256 over the parts, separated unambiguously."""
    digest = hashlib.sha256()
    for part in parts:
        encoded = str(part).encode("utf-8")
        digest.update(len(encoded).to_bytes(8, "big"))
        digest.update(encoded)
    return digest.hexdigest()[:ID_LENGTH]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of `Article.text`: start and end in code points, end exclusive."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def holds(self, other: Span) -> bool:
        """Whether `other` lies inside this span (a span holds itself)."""
        return self.start <= other.start and other.end <= self.end

    def of(self, text: str) -> str:
        """The words of the span."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Rejection:
    """An input that was not accepted: where it came from, the stage and code of the refusal, and why in words."""

    source_uri: str
    stage: str
    code: str
    detail: str
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """One accepted article. `text` is final: every offset of every later record counts its code points.

    `script` is simplified or traditional; a text in traditional script is read through its simplified form, offset for
    offset.
    """

    source_id: str
    source_uri: str
    text: str
    url: str | None = None
    title: str | None = None
    source_name: str | None = None
    author: str | None = None
    published_at: datetime | None = None
    script: str = "simplified"

    @property
    def content_hash(self) -> str:
        """SHA-256 of the text, hexadecimal."""
        return hashlib.sha256(self.text.encode("utf-8")).hexdigest()

    @property
    def article_id(self) -> str:
        """The id: the same source id with the same text is the same article, wherever it was read from."""
        return record_id("article", self.source_id, self.content_hash)


@dataclass(frozen=True, slots=True)
class Mention:
    """A place, organisation or person in the text.

    `candidates` are the codes of the regions that the words can name, before resolution; `outer` is false for a
    mention inside a longer one (the 太原市 of 太原市委); `method` says how it was found.
    """

    span: Span
    text: str
    label: str
    kind: str
    method: str
    outer: bool = True
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResolvedMention:
    """A mention with its region: `resolution` is resolved, ambiguous, unknown or not_applicable.

    `region_code` is set when and only when the resolution is `resolved`; `rule` names the rule that decided.
    """

    mention: Mention
    resolution: str
    region_code: str | None
    rule: str
    candidates: tuple[str, ...] = ()

    @property
    def span(self) -> Span:
        """Where the mention stands."""
        return self.mention.span


@dataclass(frozen=True, slots=True)
class Home:
    """The region that 我市, 我县 and 全市 mean in an article, and what told it (text, title, publisher, url, none)."""

    region_code: str | None
    method: str


@dataclass(frozen=True, slots=True)
class RegionRef:
    """A region as a link names it: the words, where they stand, and the region they mean.

    For a zone or locality `code` is that of the smallest enclosing division; for composite and foreign it is None.
    """

    span: Span
    text: str
    code: str | None
    name: str
    level: str
    kind: str


@dataclass(frozen=True, slots=True)
class Site:
    """A place or organisation visited under a link."""

    span: Span
    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Visit:
    """Who leads and who receives a delegation, and when, as far as the text says so."""

    leader: str | None = None
    leader_title: str | None = None
    host: str | None = None
    host_title: str | None = None
    visited_from: date | None = None
    visited_to: date | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """One learner-model pair of one article: the strongest relation that the text states, with its evidence."""

    learner: RegionRef
    model: RegionRef
    relation: str
    evidence: Span
    rule: str
    aspects: tuple[str, ...] = ()
    sites: tuple[Site, ...] = ()
    flags: tuple[str, ...] = ()
    visit: Visit = Visit()


@dataclass(frozen=True, slots=True)
class Learner:
    """A region that the article treats as acting; `generic` when it says 对标一流 and names nobody."""

    region_code: str
    region_name: str
    n_links: int
    generic: bool
    evidence: Span


@dataclass(frozen=True, slots=True)
class Extraction:
    """All that was read out of one article."""

    article: Article
    home: Home
    mentions: tuple[ResolvedMention, ...]
    links: tuple[Link, ...]
    learners: tuple[Learner, ...]
