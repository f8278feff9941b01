"""Articles in traditional script: read through their simplified form, and what was found said in their own words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pipeline.ingest.text import to_simplified
from pipeline.records import Article, Extraction, Link, RegionRef, ResolvedMention, Site, Span


def simplified(article: Article) -> Article:
    """The article in simplified characters, one for one: every offset stays."""

    def turned(words: str | None) -> str | None:
        return to_simplified(words) if words else words

    return replace(
        article,
        text=to_simplified(article.text),
        title=turned(article.title),
        source_name=turned(article.source_name),
        author=turned(article.author),
    )


def in_words_of(article: Article, found: Extraction) -> Extraction:
    """What was found in the simplified form of `article`, in the words of the article itself."""
    read, written = found.article.text, article.text

    def near(words: str, place: Span) -> str:
        """Words that carry no offsets, as they are written at or after a place, else where they first stand."""
        at = read.find(words, place.start)
        at = at if at >= 0 else read.find(words)
        return written[at : at + len(words)] if at >= 0 else words

    def region(ref: RegionRef) -> RegionRef:
        text = ref.span.of(written)
        return replace(
            ref, text=text, name=text if ref.kind in ("zone", "locality") and ref.name == ref.text else ref.name
        )

    def mentions() -> Iterable[ResolvedMention]:
        for resolved in found.mentions:
            text = resolved.span.of(written)
            yield replace(resolved, mention=replace(resolved.mention, text=text))

    def link(made: Link) -> Link:
        def at(words: str | None) -> str | None:
            return near(words, made.evidence) if words else words

        visit = replace(
            made.visit,
            leader=at(made.visit.leader),
            leader_title=at(made.visit.leader_title),
            host=at(made.visit.host),
            host_title=at(made.visit.host_title),
        )
        return replace(
            made,
            learner=region(made.learner),
            model=region(made.model),
            aspects=tuple(near(aspect, made.evidence) for aspect in made.aspects),
            sites=tuple(_site(site, written) for site in made.sites),
            visit=visit,
        )

    return Extraction(article, found.home, tuple(mentions()), tuple(map(link, found.links)), found.learners)


def _site(site: Site, written: str) -> Site:
    return replace(site, text=site.span.of(written))
