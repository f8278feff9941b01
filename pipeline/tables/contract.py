"""What rows must keep before they are published; rows that break it are never seen by a reader.

Checked on the Parquet files, re-opened: for the files of a run before its commit (`check_batch`), for a run's counts
against the last commit (`check_counts`), for a whole generation by `biaogan verify` (`check_tables`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.records import RELATIONS
from pipeline.rejections import CODES
from pipeline.tables.commits import Commit
from pipeline.tables.files import read_rows
from pipeline.tables.schema import (
    ALL_TABLES,
    FLAGS,
    HOME_METHODS,
    LABELS,
    MENTION_KINDS,
    MODEL_KINDS,
    OF_ARTICLE,
    RESOLUTIONS,
    SCRIPTS,
    ContractError,
    Table,
    check_nulls,
)

_VALUES: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "articles": {"home_method": HOME_METHODS, "script": SCRIPTS},
    "mentions": {"label": LABELS, "resolution": RESOLUTIONS, "kind": MENTION_KINDS},
    "links": {"relation": RELATIONS, "model_kind": MODEL_KINDS},
    "sites": {"label": LABELS},
    "quarantine": {"code": tuple(CODES)},
}
_WORDS_OF_TEXT: Final = ("aspects", "leader", "leader_title", "host", "host_title")
_REGION_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "articles": ("home_code",),
    "mentions": ("region_code",),
    "links": ("learner_code", "model_code"),
    "learners": ("region_code",),
}
_FIRST_TIME: Final = datetime(1949, 1, 1, tzinfo=UTC)
_LAST_TIME: Final = datetime(2100, 1, 1, tzinfo=UTC)
_FEW: Final = 50
"""Articles, or rows, below which counts say nothing."""


def check_batch(files: dict[str, list[Path]], region_codes: frozenset[str]) -> None:
    """Re-opens the Parquet files of one batch, by table, and checks them. The articles of its rows are in the batch.

    Raises ContractError. `region_codes` are all that exist.
    """
    check_tables({name: _read(ALL_TABLES[name], paths) for name, paths in files.items() if paths}, region_codes)


def check_tables(tables: Mapping[str, pa.Table], region_codes: frozenset[str]) -> None:
    """Checks rows by table: keys, lists of values, times, that each row's article and link are among them and its regions
    exist, and that every surface stands in its article at its offsets. Raises ContractError.
    """
    for name, rows in tables.items():
        _check_key(ALL_TABLES[name], rows)
        for column, allowed in _VALUES.get(name, {}).items():
            _check_values(name, column, rows.column(column), allowed)
        for column in _REGION_FIELDS.get(name, ()):
            _check_values(name, column, rows.column(column), region_codes)
        for field in rows.schema:
            _check_times(name, field.name, rows.column(field.name))
    if "articles" not in tables:
        return
    texts = dict(zip(_list(tables["articles"], "article_id"), _list(tables["articles"], "text"), strict=True))
    _check_articles(tables["articles"])
    links = frozenset(_list(tables["links"], "link_id")) if "links" in tables else frozenset()
    for name, rows in tables.items():
        if name in OF_ARTICLE and name != "articles":
            _check_values(name, "article_id", rows.column("article_id"), texts.keys())
            _check_spans(ALL_TABLES[name], rows, texts)
        if name == "sites":
            _check_values(name, "link_id", rows.column("link_id"), links)
        if name == "links":
            _check_links(rows, texts)


def check_duplicates(tables: Mapping[str, pa.Table]) -> None:
    """Checks that each reprint points to a first article that is there, and each link says what its article says."""
    of_article = dict(
        zip(_list(tables["articles"], "article_id"), _list(tables["articles"], "duplicate_of"), strict=True)
    )
    for article, first in of_article.items():
        if first is not None and (first not in of_article or of_article[first] is not None):
            raise ContractError(f"articles.duplicate_of: {first!r} of {article} is no first article")
    for article, first in zip(
        _list(tables["links"], "article_id"), _list(tables["links"], "duplicate_of"), strict=True
    ):
        if of_article.get(article) != first:
            raise ContractError(
                f"links.duplicate_of: of {article} it is {first!r}, in articles {of_article.get(article)!r}"
            )


def check_counts(previous: Commit | None, made: Commit, batch: Mapping[str, int], largest_fall: float) -> None:
    """Checks a commit's rows against those of the last one, before it is published.

    Neither may a table lose more than the share `largest_fall` of its rows, nor may the articles of this run have so many
    fewer links or mentions each than those before; fewer than fifty say nothing. `batch` are this run's rows by table.
    Raises ContractError, which says what fell.
    """
    if previous is None or largest_fall >= 1:
        return
    for name in ("articles", "mentions", "links", "sites"):
        before, after = previous.rows.get(name, 0), made.rows[name]
        if before >= _FEW and after < (1 - largest_fall) * before:
            raise ContractError(
                f"{name}: {before:,} rows would become {after:,}, a fall of {1 - after / before:.0%}, more than the "
                f"{largest_fall:.0%} of [contract] largest_fall; nothing was published"
            )
    for name in ("mentions", "links"):
        articles_before, articles_now = previous.rows.get("articles", 0), batch.get("articles", 0)
        if articles_before < _FEW or articles_now < _FEW:
            continue
        rate, now = previous.rows.get(name, 0) / articles_before, batch.get(name, 0) / articles_now
        if rate * articles_now < _FEW:  # so few are expected of this run that none says little
            continue
        if now < (1 - largest_fall) * rate:
            raise ContractError(
                f"{name}: {now:.3f} an article in the {articles_now:,} articles of this run, {rate:.3f} before: a fall of "
                f"{1 - now / rate:.0%}, more than the {largest_fall:.0%} of [contract] largest_fall; nothing was published"
            )


def _read(table: Table, paths: list[Path]) -> pa.Table:
    parts = []
    for path in paths:
        part = read_rows(path)
        if not part.schema.equals(table.schema, check_metadata=True):
            raise ContractError(f"{table.name}: {path.name} does not have the schema of the table")
        check_nulls(part, table)
        parts.append(part)
    return pa.concat_tables(parts)


def _check_key(table: Table, rows: pa.Table) -> None:
    if rows.num_rows and rows.select(list(table.key)).group_by(list(table.key)).aggregate([]).num_rows != rows.num_rows:
        raise ContractError(f"{table.name}: two rows have the same {', '.join(table.key)}")


def _check_values(name: str, column: str, values: pa.ChunkedArray[Any], allowed: Collection[str]) -> None:
    strange = sorted({value for value in values.unique().to_pylist() if value is not None and value not in allowed})
    if strange:
        raise ContractError(f"{name}.{column}: {strange[0]!r} is not one of the {len(allowed)} known values")


def _check_times(name: str, column: str, values: pa.ChunkedArray[Any]) -> None:
    if not (pa.types.is_timestamp(values.type) or pa.types.is_date(values.type)) or values.null_count == len(values):
        return
    found: Any = pc.min_max(values).as_py()
    for value in (found["min"], found["max"]):
        moment = value if isinstance(value, datetime) else datetime.combine(value, datetime.min.time(), UTC)
        if not isinstance(value, date) or not _FIRST_TIME <= moment <= _LAST_TIME:
            raise ContractError(f"{name}.{column}: {value} is not between 1949 and 2100")


def _check_articles(rows: pa.Table) -> None:
    columns = (_list(rows, name) for name in ("article_id", "text", "n_chars", "content_hash"))
    for article, text, n_chars, content_hash in zip(*columns, strict=True):
        if len(text) != n_chars:
            raise ContractError(f"articles.n_chars: {n_chars} of {article}, which has {len(text)} characters")
        if hashlib.sha256(text.encode()).hexdigest() != content_hash:
            raise ContractError(f"articles.content_hash: that of {article} is not that of its text")


def _check_spans(table: Table, rows: pa.Table, texts: dict[str, str]) -> None:
    articles = _list(rows, "article_id")
    for surface, start, end in table.spans:
        spans = zip(articles, _list(rows, surface), _list(rows, start), _list(rows, end), strict=True)
        for article, words, first, after in spans:
            if texts[article][first:after] != words or first < 0 or not words:
                raise ContractError(f"{table.name}.{surface}: {words!r} does not stand at {first}-{after} of {article}")


def _check_links(rows: pa.Table, texts: dict[str, str]) -> None:
    articles = _list(rows, "article_id")
    flags: Iterator[str] = (flag for row in _list(rows, "flags") for flag in row)
    _all(flags, lambda flag: flag in FLAGS, "links.flags")
    for column in _WORDS_OF_TEXT:
        for article, words in zip(articles, _list(rows, column), strict=True):
            parts = words if isinstance(words, list) else [words] if words is not None else []
            _all(parts, lambda part, text=texts[article]: part in text, f"links.{column}")  # type: ignore[misc]
    for first, last in zip(_list(rows, "visited_from"), _list(rows, "visited_to"), strict=True):
        if last is not None and (first is None or first > last):
            raise ContractError(f"links.visited_to: {last} is before {first}, the first day")


def _all(values: Iterable[str], holds: Callable[[str], bool], where: str) -> None:
    for value in values:
        if not holds(value):
            raise ContractError(f"{where}: {value!r} is not in the text or not a known value")


def _list(rows: pa.Table, column: str) -> list:  # type: ignore[type-arg]
    return rows.column(column).to_pylist()
