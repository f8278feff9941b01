"""One article through the stages recognise, resolve and link: the function that jobs and Python callers share."""

from __future__ import annotations

import hashlib

from pipeline import ingest, link, recognise, resolve
from pipeline.gazetteer import Gazetteer, gazetteer_hash, load_gazetteer
from pipeline.ingest.page import read_page
from pipeline.records import Article, Extraction
from pipeline.resources import lexicon_hash


def extract_article(article: Article, gazetteer: Gazetteer) -> Extraction:
    """Everything that the stages read out of one article."""
    mentions = recognise.find_mentions(article, gazetteer)
    home = resolve.find_home(article, mentions, gazetteer)
    resolved = resolve.resolve_mentions(article, mentions, home, gazetteer)
    links, learners = link.find_links(article, resolved, home, gazetteer)
    return Extraction(article, home, tuple(resolved), tuple(links), tuple(learners))


def extract(
    text: str, *, title: str | None = None, source_name: str | None = None, url: str | None = None
) -> Extraction:
    """The records of one article given as text, a pasted page included: its home, mentions, links and learners.

    Offsets count code points of `result.article.text`, which is the text without page chrome. Loads the gazetteer on
    the first call. Raises ValueError for a text that is no valid Unicode.
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(f"the text holds a lone surrogate at code point {error.start}; decode it anew") from None
    page = read_page(text)
    article = Article(
        source_id="text",
        source_uri="text",
        text=page.text,
        url=url,
        title=title or page.title,
        source_name=source_name or page.source_name,
        author=page.author,
        published_at=page.published_at,
    )
    return extract_article(article, load_gazetteer())


def fingerprint() -> str:
    """Hash of all that decides what the stages make of a text: their versions, gazetteer, lexicons and tagger."""
    parts = (
        *(f"{stage.__name__}={stage.VERSION}" for stage in (ingest, recognise, resolve, link)),
        gazetteer_hash(),
        lexicon_hash(),
        recognise.tagger_hash(),
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
