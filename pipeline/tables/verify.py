"""Whether a generation is what its commit says: its files, and every rule of the contract, for some articles at a time."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.tables.commit import OutputError, Store
from pipeline.tables.commits import Commit
from pipeline.tables.contract import check_duplicates, check_tables
from pipeline.tables.files import entry_of, read_group, read_rows
from pipeline.tables.schema import ALL_TABLES, OF_ARTICLE, SCHEMA_VERSION, ContractError, check_nulls, conform

_Group = tuple[Path, int]
"""A row group: a file and its number in it."""
_NO_ARTICLE: Final = tuple(name for name in ALL_TABLES if name not in OF_ARTICLE)


def verify(store: Store, number: int | None = None) -> tuple[Commit, list[str]]:
    """The commit of a generation, the newest one if none is named, and all that is wrong with it.

    Files are there, none besides, with their sizes and hashes; every row keeps the contract. In memory are the articles of
    one row group with all that was read out of them, and the ids of all. Raises OutputError where there is no such
    generation.
    """
    kept = store.kept()
    if not kept:
        raise OutputError(f"{store.root}: nothing is committed here")
    if number is not None and number not in kept:
        listed = ", ".join(map(str, kept))
        raise OutputError(f"{store.root}: generation {number} is not kept; there are {listed}")
    commit = store.commit(number or kept[-1])
    problems = list(_wrong_files(store, commit))
    if not problems:
        problems += _wrong_rows(store, commit)
    return commit, problems


def _wrong_files(store: Store, commit: Commit) -> Iterator[str]:
    folder = store.generation(commit.number)
    for name in ALL_TABLES:
        entries = commit.files.get(name, {})
        for file_name, entry in sorted(entries.items()):
            path = folder / name / file_name
            try:
                found = entry_of(path)
            except FileNotFoundError:
                yield f"{name}/{file_name}: is missing"
            except (OSError, pa.ArrowException) as error:
                yield f"{name}/{file_name}: cannot be read: {error}"
            else:
                if found != entry:
                    yield f"{name}/{file_name}: is not the file that was committed (its SHA-256 is {found.sha256[:16]}…)"
        for path in sorted((folder / name).iterdir()) if (folder / name).is_dir() else ():
            if path.name not in entries:
                yield f"{name}/{path.name}: is no file of this commit"


def _wrong_rows(store: Store, commit: Commit) -> Iterator[str]:
    for name, said in commit.rows.items():
        there = sum(entry.n_rows for entry in commit.files.get(name, {}).values())
        if there != said:
            yield f"{name}: {there:,} rows, the commit says {said:,}"
    files = {name: store.files_of(commit, name) for name in ALL_TABLES}
    regions = _columns("regions", files["regions"], ["region_code"])
    region_codes = frozenset(map(str, regions.column("region_code").to_pylist()))
    try:
        _check_runs(files)
        marks = {
            name: _columns(name, files[name], ["article_id", "duplicate_of"])
            for name in ("articles", "links", "signatures")
        }
        check_duplicates(marks)
        for name in _NO_ARTICLE:
            check_tables({name: _rows(name, [read_rows(path) for path in files[name]])}, region_codes)
        for tables in _by_articles(files):
            check_tables(tables, region_codes)
        if commit.schema_version == SCHEMA_VERSION:
            _check_signatures(marks)
    except ContractError as error:
        yield str(error)


def _by_articles(files: dict[str, list[Path]]) -> Iterator[dict[str, pa.Table]]:
    """All rows of the articles of one row group, by table, for one row group after the other.

    Raises ContractError where an article is there twice, or a row is of none.
    """
    ids = _columns("articles", files["articles"], ["article_id"]).column("article_id")
    if len(ids.unique()) != len(ids):
        raise ContractError("articles: two rows have the same article_id")
    groups = list(_groups(files["articles"]))
    ends = np.cumsum([pq.read_metadata(path).row_group(n).num_rows for path, n in groups])
    of_group: list[dict[str, list[_Group]]] = [defaultdict(list) for _ in groups]
    others = [name for name in OF_ARTICLE if name != "articles"]
    for name in others:
        for path, n in _groups(files[name]):
            of_rows: Any = read_group(path, n, ["article_id"]).column("article_id").unique()
            places: Any = pc.index_in(of_rows, value_set=ids.combine_chunks())
            if places.null_count:
                stray = of_rows.filter(pc.is_null(places))[0]
                raise ContractError(f"{name}.article_id: {str(stray)!r} is no article")
            for group in np.unique(np.searchsorted(ends, places.to_numpy(), side="right")):
                of_group[group][name].append((path, n))
    read = functools.lru_cache(maxsize=2 * len(others))(read_group)  # neighbours are of the same groups
    for (path, n), held in zip(groups, of_group, strict=True):
        articles = _rows("articles", [read_group(path, n)])
        wanted = articles.column("article_id").combine_chunks()
        tables = {"articles": articles}
        for name in others:
            rows = (read(*group) for group in held[name])
            tables[name] = _rows(name, [r.filter(pc.is_in(r.column("article_id"), value_set=wanted)) for r in rows])
        yield tables


def _groups(paths: list[Path]) -> Iterator[_Group]:
    return ((path, n) for path in paths for n in range(pq.read_metadata(path).num_row_groups))


def _rows(name: str, parts: list[pa.Table]) -> pa.Table:
    """Rows of a table of one schema. Raises ContractError for a null where none may be; a field that came later is null."""
    table = ALL_TABLES[name]
    for part in parts:
        check_nulls(part, table)
    return pa.concat_tables([table.schema.empty_table(), *(conform(part, table) for part in parts)])


def _columns(name: str, paths: list[Path], columns: list[str]) -> pa.Table:
    """Some columns of a table; of an older schema without one of them, nulls."""
    parts = [read_rows(path, columns) for path in paths]
    schema = pa.schema([ALL_TABLES[name].schema.field(column).with_nullable(True) for column in columns])
    return pa.concat_tables([schema.empty_table(), *parts], promote_options="default").select(columns)


def _check_signatures(marks: dict[str, pa.Table]) -> None:
    if _pairs(marks["articles"]) != _pairs(marks["signatures"]):
        raise ContractError("signatures: not of the same articles, or not with the same duplicate_of, as articles")


def _pairs(rows: pa.Table) -> list[tuple[str, str]]:
    return sorted((str(row["article_id"]), str(row["duplicate_of"])) for row in rows.to_pylist())


def _check_runs(files: dict[str, list[Path]]) -> None:
    """Every row was written by a run that is there."""
    runs = set(_columns("runs", files["runs"], ["run_id"]).column("run_id").to_pylist())
    for name, paths in files.items():
        for path in paths:
            for run_id in read_rows(path, ["run_id"]).column("run_id").unique().to_pylist():
                if run_id not in runs:
                    raise ContractError(f"{name}.run_id: {run_id!r} is no run")
