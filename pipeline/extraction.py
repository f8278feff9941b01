"""One article through the stages recognise, resolve and link: the function that jobs and Python callers share."""

from __future__ import annotations

import hashlib

from pipeline import ingest, link, recognise, resolve
from pipeline.config import IngestSettings
from pipeline.gazetteer import Gazetteer, gazetteer_hash, load_gazetteer
from pipeline.ingest.limits import InputError
from pipeline.ingest.page import read_page
from pipeline.ingest.text import script_of
from pipeline.ingest.traditional import in_words_of, simplified
from pipeline.records import Article, Extraction
from pipeline.resources import lexicon_hash
from pipeline.tables.schema import SCHEMA_VERSION


def extract_article(article: Article, gazetteer: Gazetteer) -> Extraction:
    """Everything that the stages read out of one article.

    One in traditional script is read through its simplified form, and what was found put back into its own words.
    """
    if article.script == "traditional":
        return in_words_of(article, _extract_simplified(simplified(article), gazetteer))
    return _extract_simplified(article, gazetteer)


def _extract_simplified(article: Article, gazetteer: Gazetteer) -> Extraction:
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
    the first call. Raises ValueError for what is no text: NUL or control characters, halves of surrogate pairs.
    """
    try:
        page = read_page(text)
    except InputError as error:
        raise ValueError(f"the text {error.detail}") from None
    article = Article(
        source_id="text",
        source_uri="text",
        text=page.text,
        url=url,
        title=title or page.title,
        source_name=source_name or page.source_name,
        author=page.author,
        published_at=page.published_at,
        script=script_of(page.text),
    )
    return extract_article(article, load_gazetteer())


def fingerprint(settings: IngestSettings | None = None) -> str:
    """Hash of all that decides the rows of an input: versions of stages and schema, gazetteer, lexicons, tagger, and the
    settings of reading.
    """
    parts = (
        f"schema={SCHEMA_VERSION}",
        (settings or IngestSettings()).model_dump_json(),
        *(f"{stage.__name__}={stage.VERSION}" for stage in (ingest, recognise, resolve, link)),
        gazetteer_hash(),
        lexicon_hash(),
        recognise.tagger_hash(),
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
