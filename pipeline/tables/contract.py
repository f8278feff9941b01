"""What every batch of rows must keep before it is published; a batch that breaks it is never seen by a reader."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.records import RELATIONS
from pipeline.tables.schema import (
    FLAGS,
    HOME_METHODS,
    LABELS,
    MODEL_KINDS,
    RESOLUTIONS,
    TABLES,
    ContractError,
    Table,
)


def check_batch(files: dict[str, list[Path]], region_codes: frozenset[str]) -> None:
    """Re-opens the Parquet files of one batch, by table, and checks them.

    Types, keys, lists of values, that each row's article and link are in the batch and its regions exist, and
    that every surface stands in its article at its offsets. Raises ContractError. `region_codes` are all that exist.
    """
    batch = {name: _read(TABLES[name], paths) for name, paths in files.items() if paths}
    for name, rows in batch.items():
        _check_key(TABLES[name], rows)
        for column, allowed in _VALUES.get(name, {}).items():
            _check_values(name, column, rows.column(column), allowed)
        for column in _REGION_FIELDS.get(name, ()):
            _check_values(name, column, rows.column(column), region_codes)
    if "articles" in batch:
        texts = dict(zip(_list(batch["articles"], "article_id"), _list(batch["articles"], "text"), strict=True))
        links = frozenset(_list(batch["links"], "link_id")) if "links" in batch else frozenset()
        for name, rows in batch.items():
            if name in _OF_ARTICLE:
                _check_values(name, "article_id", rows.column("article_id"), texts.keys())
                _check_spans(TABLES[name], rows, texts)
            if name == "sites":
                _check_values(name, "link_id", rows.column("link_id"), links)


_OF_ARTICLE: Final = ("mentions", "links", "sites", "learners")
_VALUES: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "articles": {"home_method": HOME_METHODS},
    "mentions": {"label": LABELS, "resolution": RESOLUTIONS},
    "links": {"relation": RELATIONS, "model_kind": MODEL_KINDS},
    "sites": {"label": LABELS},
}
_WORDS_OF_TEXT: Final = ("aspects", "leader", "leader_title", "host", "host_title")
_REGION_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "articles": ("home_code",),
    "mentions": ("region_code",),
    "links": ("learner_code", "model_code"),
    "learners": ("region_code",),
}


def _read(table: Table, paths: list[Path]) -> pa.Table:
    parts = []
    for path in paths:
        part = pq.ParquetFile(path).read()
        if not part.schema.equals(table.schema, check_metadata=True):
            raise ContractError(f"{table.name}: {path.name} does not have the schema of the table")
        parts.append(part)
    return pa.concat_tables(parts)


def _check_key(table: Table, rows: pa.Table) -> None:
    if rows.num_rows and rows.select(list(table.key)).group_by(list(table.key)).aggregate([]).num_rows != rows.num_rows:
        raise ContractError(f"{table.name}: two rows have the same {', '.join(table.key)}")


def _check_values(
    name: str, column: str, values: pa.ChunkedArray[pa.Scalar[pa.DataType]], allowed: Iterable[str]
) -> None:
    known = pa.array(sorted(allowed), pa.string())
    strange = pc.filter(values, pc.and_(pc.is_valid(values), pc.invert(pc.is_in(values, value_set=known))))
    if len(strange):
        raise ContractError(f"{name}.{column}: {strange[0].as_py()!r} is not one of the {len(known)} known values")


def _check_spans(table: Table, rows: pa.Table, texts: dict[str, str]) -> None:
    articles = _list(rows, "article_id")
    for surface, start, end in table.spans:
        spans = zip(articles, _list(rows, surface), _list(rows, start), _list(rows, end), strict=True)
        for article, words, first, after in spans:
            if texts[article][first:after] != words or first < 0 or not words:
                raise ContractError(f"{table.name}.{surface}: {words!r} does not stand at {first}-{after} of {article}")
    if table.name == "links":
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
