"""The generations of an output folder over time: what each was, what changed between two, and whether one is whole."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa

from pipeline.tables.commit import OutputError, Retention, Store
from pipeline.tables.commits import Commit
from pipeline.tables.contract import check_duplicates, check_tables
from pipeline.tables.files import entry_of, read_rows
from pipeline.tables.read import read_changes
from pipeline.tables.schema import ALL_TABLES, SCHEMA_VERSION, TABLES, ContractError, conform


@dataclass(frozen=True, slots=True)
class Difference:
    """Rows of a table that one generation has and the other has not; a changed row is in both counts."""

    table: str
    added: int
    removed: int


def history(store: Store) -> list[tuple[Commit, bool]]:
    """Every commit, oldest first, and whether its generation is still kept."""
    kept = set(store.kept())
    newest = max(kept, default=0)
    numbers = sorted(int(path.stem) for path in store.commits.glob("[0-9]*.json"))
    return [(store.commit(number), number in kept) for number in numbers if number <= newest]


def rollback(store: Store, number: int, retention: Retention, say: Callable[[str], None]) -> Commit:
    """Publishes the tables of an earlier generation again, as a new one. Raises OutputError where it is not kept."""
    if store.latest() is None:
        raise OutputError(f"{store.root}: nothing is committed here")
    with store.locked(say):
        if number not in store.kept():
            raise OutputError(f"{store.root}: generation {number} is not kept; there are {_listed(store)}")
        header = {"run_id": new_run_id(), "kind": "rollback", "source": number}
        return store.publish_copy(store.commit(number), header, retention)


def compact(store: Store, retention: Retention, say: Callable[[str], None]) -> Commit | None:
    """Publishes the rows of the newest generation in one file a table; None where they are so already."""
    if store.latest() is None:
        raise OutputError(f"{store.root}: nothing is committed here")
    with store.locked(say):
        latest = store.latest()
        if latest and latest.schema_version == SCHEMA_VERSION and all(len(f) == 1 for f in latest.files.values()):
            return None
        header = {"run_id": new_run_id(), "kind": "compact", "schema_version": SCHEMA_VERSION, "source": None}
        return store.publish_compacted(header, retention)


def difference(store: Store, since: int, until: int) -> list[Difference]:
    """What changed between two generations, by table. Raises FileNotFoundError where one is not kept."""
    changes = ((name, read_changes(name, since, store.root, until)) for name in TABLES)
    return [Difference(name, change.inserted.num_rows, change.deleted.num_rows) for name, change in changes]


def verify(store: Store, number: int | None = None) -> tuple[Commit, list[str]]:
    """The commit of a generation, the newest one if none is named, and all that is wrong with it.

    Files are there, none besides, with their sizes and hashes; every row keeps the contract. Raises OutputError where
    there is no such generation.
    """
    kept = store.kept()
    if not kept:
        raise OutputError(f"{store.root}: nothing is committed here")
    if number is not None and number not in kept:
        raise OutputError(f"{store.root}: generation {number} is not kept; there are {_listed(store)}")
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
        listed = set(entries)
        for path in sorted((folder / name).iterdir()) if (folder / name).is_dir() else ():
            if path.name not in listed:
                yield f"{name}/{path.name}: is no file of this commit"


def _wrong_rows(store: Store, commit: Commit) -> list[str]:
    tables = {
        name: pa.concat_tables(
            [conform(read_rows(path), table) for path in store.files_of(commit, name)] or [table.schema.empty_table()]
        )
        for name, table in ALL_TABLES.items()
    }
    problems = [
        f"{name}: {rows.num_rows:,} rows, the commit says {commit.rows[name]:,}"
        for name, rows in tables.items()
        if name in commit.rows and rows.num_rows != commit.rows[name]
    ]
    try:
        check_tables(tables, frozenset(map(str, tables["regions"].column("region_code").to_pylist())))
        check_duplicates(tables)
        _check_runs(tables)
    except ContractError as error:
        problems.append(str(error))
    return problems


def _check_runs(tables: dict[str, pa.Table]) -> None:
    """Every row was written by a run that is there."""
    runs = set(tables["runs"].column("run_id").to_pylist())
    for name, rows in tables.items():
        for run_id in rows.column("run_id").unique().to_pylist():
            if run_id not in runs:
                raise ContractError(f"{name}.run_id: {run_id!r} is no run")


def new_run_id() -> str:
    """A name for a run, in the order of time as far as the clock goes forward, and never given twice."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def _listed(store: Store) -> str:
    return ", ".join(map(str, store.kept())) or "none"
