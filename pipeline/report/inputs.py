"""What inputs hold, for people: the list of a dry run, and articles as JSONL."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator

from pipeline.config import IngestSettings
from pipeline.ingest import InputFile, Reading, document_uri, read_articles, read_records
from pipeline.ingest.containers import Unreadable
from pipeline.records import Article


def describe_inputs(files: Iterable[InputFile], settings: IngestSettings) -> Iterator[tuple[str, bool]]:
    """(line, true) for each document: what it is read as and how many records it holds; then what cannot be read, and
    the totals. Records are found, not read: one that holds no article is told by a run only.
    """
    totals: Counter[str] = Counter()
    for file in files:
        reading, records = Reading(), Counter[str]()
        refused: list[Unreadable] = []
        for item in read_records([file], settings, reading):
            if isinstance(item, Unreadable):
                refused.append(item)
            else:
                records[document_uri(item.uri)] += 1
        for uri, form in reading.formats.items():
            yield f"{form:8}{records[uri]:>9,} {'record ' if records[uri] == 1 else 'records'}  {uri}", True
            totals[form] += records[uri]
        for item in refused:
            yield f"{'refused':8}{'':>17}  {item.uri}: {item.code}: {item.detail}", True
        totals["refused"] += len(refused)
        for note in reading.notes:
            yield f"{'':8}{'':>17}  {note}", True
    n_records = totals.total() - totals["refused"]
    forms = ", ".join(f"{count:,} {form}" for form, count in sorted(totals.items()) if form != "refused" and count)
    yield f"{n_records:,} records ({forms or 'none'}); {totals['refused']:,} refused", True


def article_lines(files: Iterable[InputFile], settings: IngestSettings) -> Iterator[tuple[str, bool]]:
    """(JSON object, true) for each article; (uri and reason, false) for each input that is none."""
    for item in read_articles(files, settings):
        if isinstance(item, Article):
            said = {
                "id": item.source_id,
                "source_uri": item.source_uri,
                "url": item.url,
                "title": item.title,
                "source": item.source_name,
                "author": item.author,
                "published": item.published_at.isoformat() if item.published_at else None,
                "text": item.text,
            }
            yield json.dumps({key: value for key, value in said.items() if value is not None}, ensure_ascii=False), True
        else:
            yield f"biaogan: {item.source_uri}: {item.code}: {item.detail}", False
