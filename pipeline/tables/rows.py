"""Records to rows: what one article yields, as the dictionaries of its tables' fields, and rows to staged files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.gazetteer import Gazetteer
from pipeline.gazetteer.region import Region
from pipeline.ingest import signature_of
from pipeline.records import Article, Extraction, Home, Link, Rejection, ResolvedMention, record_id
from pipeline.tables.files import write_rows
from pipeline.tables.schema import ALL_TABLES, ContractError, check_nulls

Row = dict[str, Any]


def stage_rows(name: str, rows: list[Row], path: Path) -> None:
    """Writes rows of table `name` as one Parquet file. Raises ContractError for a wrong type or a null."""
    schema = ALL_TABLES[name].schema
    try:
        table = pa.Table.from_pylist(rows, schema=schema)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise ContractError(f"{name}: {error}") from error
    check_nulls(table, ALL_TABLES[name])
    write_rows(table, path)


def extraction_rows(extraction: Extraction, gazetteer: Gazetteer) -> Iterator[tuple[str, Row]]:
    """(table name, row without provenance) of everything read out of one article."""
    article = extraction.article
    yield "articles", _article_row(article, extraction.home, gazetteer)
    yield "signatures", signature_row(article.article_id, article.text, article.published_at, article.source_uri)
    for mention in extraction.mentions:
        yield "mentions", _mention_row(article, mention)
    for link in extraction.links:
        row = _link_row(article, link)
        yield "links", row
        for site in link.sites:
            yield (
                "sites",
                {
                    "link_id": row["link_id"],
                    "article_id": article.article_id,
                    "text": site.text,
                    "start": site.span.start,
                    "end": site.span.end,
                    "label": site.label,
                },
            )
    for learner in extraction.learners:
        yield (
            "learners",
            {
                "article_id": article.article_id,
                "region_code": learner.region_code,
                "region_name": learner.region_name,
                "n_links": learner.n_links,
                "generic": learner.generic,
                "evidence": learner.evidence.of(article.text),
                "evidence_start": learner.evidence.start,
                "evidence_end": learner.evidence.end,
            },
        )


def rejection_row(rejection: Rejection, at: datetime) -> Row:
    """The row of `quarantine`."""
    return {
        "source_uri": rejection.source_uri,
        "stage": rejection.stage,
        "code": rejection.code,
        "detail": rejection.detail,
        "excerpt": rejection.excerpt,
        "at": at,
    }


def region_rows(regions: Iterable[Region]) -> Iterator[Row]:
    """The rows of `regions`."""
    for region in regions:
        yield {
            "region_code": region.region_code,
            "name": region.name,
            "short_name": region.short_name,
            "level": region.level,
            "parent_code": region.parent_code,
            "province_code": region.province_code,
            "prefecture_code": region.prefecture_code,
            "members": list(region.members),
            "lon": region.lon,
            "lat": region.lat,
            "valid_from": region.valid_from,
            "valid_to": region.valid_to,
            "successor_codes": list(region.successor_codes),
            "former_names": list(region.former_names),
        }


def _article_row(article: Article, home: Home, gazetteer: Gazetteer) -> Row:
    region = gazetteer.get(home.region_code)
    return {
        "article_id": article.article_id,
        "source_id": article.source_id,
        "source_uri": article.source_uri,
        "url": article.url,
        "title": article.title,
        "source_name": article.source_name,
        "author": article.author,
        "published_at": article.published_at,
        "text": article.text,
        "n_chars": len(article.text),
        "content_hash": article.content_hash,
        "home_code": home.region_code,
        "home_name": region.name if region else None,
        "home_method": home.method,
        "duplicate_of": None,  # known when all articles are
        "script": article.script,
    }


def _mention_row(article: Article, resolved: ResolvedMention) -> Row:
    mention = resolved.mention
    start, end = mention.span.start, mention.span.end
    return {
        "mention_id": record_id("mention", article.article_id, start, end, mention.label),
        "article_id": article.article_id,
        "start": start,
        "end": end,
        "text": mention.text,
        "label": mention.label,
        "outer": mention.outer,
        "kind": mention.kind,
        "region_code": resolved.region_code,
        "resolution": resolved.resolution,
        "candidates": list(resolved.candidates),
        "method": f"{mention.method}/{resolved.rule}" if resolved.rule else mention.method,
    }


def _link_row(article: Article, link: Link) -> Row:
    learner, model, visit = link.learner, link.model, link.visit
    return {
        "link_id": record_id("link", article.article_id, learner.code, model.kind, model.code, model.name),
        "article_id": article.article_id,
        "published_at": article.published_at,
        "learner_code": learner.code,
        "learner_name": learner.name,
        "learner_level": learner.level,
        "learner_text": learner.text,
        "learner_start": learner.span.start,
        "learner_end": learner.span.end,
        "model_code": model.code,
        "model_name": model.name,
        "model_level": model.level,
        "model_kind": model.kind,
        "model_text": model.text,
        "model_start": model.span.start,
        "model_end": model.span.end,
        "relation": link.relation,
        "aspects": list(link.aspects),
        "flags": list(link.flags),
        "evidence": link.evidence.of(article.text),
        "evidence_start": link.evidence.start,
        "evidence_end": link.evidence.end,
        "rule": link.rule,
        "leader": visit.leader,
        "leader_title": visit.leader_title,
        "host": visit.host,
        "host_title": visit.host_title,
        "visited_from": visit.visited_from,
        "visited_to": visit.visited_to,
        "days": visit.days,
        "duplicate_of": None,  # known when all articles are
    }


def signature_row(article_id: str, text: str, published_at: datetime | None, source_uri: str) -> Row:
    """The row of `signatures` of an article."""
    signature = signature_of(article_id, text, published_at)
    return {
        "article_id": article_id,
        "published_at": published_at,
        "source_uri": source_uri,
        "duplicate_of": None,
        "n_shingles": signature.n_shingles,
        "minhash": signature.minhash,
        "bands": signature.bands,
    }
