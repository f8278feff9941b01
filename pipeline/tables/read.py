"""Reading the committed tables: the snapshot is resolved once, so that a commit in between changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from pipeline.tables.commit import OutputError, Store
from pipeline.tables.files import read_rows
from pipeline.tables.schema import SCHEMA_VERSION, TABLES, Table, conform

_ATTEMPTS: Final = 5
_PROVENANCE: Final = ("run_id", "schema_version")


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened to the rows of a table between two generations.

    A row that was changed is among the deleted as it was and among the inserted as it is. A row that was made anew and
    is the same, run and schema version aside, is in neither. `since` of the next reading is `until` of this one.
    """

    inserted: pa.Table
    deleted: pa.Table
    since: int
    until: int


def read_table(name: str, root: str | Path = "data/processed", generation: int | None = None) -> pa.Table:
    """The rows of table `name` in the newest generation under `root`, or in that of this number, with the schema of
    `biaogan schema`; of rows written under an older schema fields that came later are null or have their default.

    Raises KeyError for a name that is no table, FileNotFoundError where nothing is committed yet or the generation is
    no longer kept.
    """
    return read_tables([name], root, generation)[name]


def read_tables(
    names: Iterable[str], root: str | Path = "data/processed", generation: int | None = None
) -> dict[str, pa.Table]:
    """The rows of several tables, all of one generation, by name. As `read_table` besides."""
    tables = [_table(name) for name in names]
    for attempt in range(_ATTEMPTS):
        store = Store(Path(root))
        number = _number(store, generation)
        try:
            return {table.name: _rows(_paths(store, number, table.name), table) for table in tables}
        except FileNotFoundError:
            # The newest generation was retired before it was read: there is a newer one.
            if generation is not None or attempt == _ATTEMPTS - 1:
                raise
    raise AssertionError("the last attempt returns or raises")


def table_files(name: str, root: str | Path = "data/processed", generation: int | None = None) -> list[Path]:
    """The Parquet files of table `name` in one generation, for readers that open them themselves, a part at a time or on
    several machines. They stay as they are for as long as the generation is kept. Raises as `read_table` does.
    """
    store = Store(Path(root))
    return _paths(store, _number(store, generation), _table(name).name)


def read_changes(name: str, since: int, root: str | Path = "data/processed", until: int | None = None) -> Changes:
    """The rows of table `name` that were inserted and deleted after generation `since`, up to `until` or the newest.

    `since` 0 is before the first commit: all rows are inserted. Only files that differ are read. Raises KeyError,
    FileNotFoundError as `read_table` does, TypeError where `since` is no number.
    """
    table = _table(name)
    if isinstance(since, bool) or not isinstance(since, int):
        raise TypeError(f"since: {since!r} is no number of a generation; 0 is before the first")
    store = Store(Path(root))
    newest = _number(store, until)
    before = _files(store, since, name) if since else {}
    after = _files(store, newest, name)
    same = set(before.values()) & set(after.values())  # by content: a file may have another name in each generation
    old = _rows([store.generation(since) / name / file for file in sorted(before) if before[file] not in same], table)
    new = _rows([store.generation(newest) / name / file for file in sorted(after) if after[file] not in same], table)
    old_rows, new_rows = _contents(old, table), _contents(new, table)
    known, present = dict(old_rows), dict(new_rows)
    gone = [number for number, (key, row) in enumerate(old_rows) if present.get(key) != row]
    come = [number for number, (key, row) in enumerate(new_rows) if known.get(key) != row]
    return Changes(
        inserted=new.take(pa.array(come, pa.int64())),
        deleted=old.take(pa.array(gone, pa.int64())),
        since=since,
        until=newest,
    )


def generation_number(root: Path, generation: int | None = None) -> int:
    """The number of the newest generation, or this one where it is kept. Raises FileNotFoundError as `read_table` does."""
    return _number(Store(root), generation)


def _table(name: str) -> Table:
    if name not in TABLES:
        raise KeyError(f"{name!r} is no table; the tables are {', '.join(TABLES)}")
    return TABLES[name]


def _number(store: Store, generation: int | None) -> int:
    if generation is not None and (isinstance(generation, bool) or not isinstance(generation, int)):
        raise TypeError(f"{generation!r} is no number of a generation")
    try:
        kept = store.kept()
    except OutputError as error:
        raise FileNotFoundError(str(error)) from error
    if not kept:
        raise FileNotFoundError(
            f"{store.root}: no tables are committed here; `biaogan run --output {store.root}` writes them"
        )
    if generation is None:
        return kept[-1]
    if generation not in kept:
        raise FileNotFoundError(
            f"{store.root}: generation {generation} is not kept; there are {', '.join(map(str, kept))}"
        )
    return generation


def _paths(store: Store, number: int, name: str) -> list[Path]:
    return [store.generation(number) / name / file for file in sorted(_files(store, number, name))]


def _files(store: Store, number: int, name: str) -> dict[str, str]:
    _number(store, number)
    try:
        files = store.commit(number).files
        if not files:
            raise FileNotFoundError(f"{store.root}: generation {number} is no longer kept")
        return {file: entry.sha256 for file, entry in files.get(name, {}).items()}
    except OutputError as error:
        raise FileNotFoundError(str(error)) from error


def _rows(paths: list[Path], table: Table) -> pa.Table:
    if not paths:
        return table.schema.empty_table()
    if all(_version(path) == SCHEMA_VERSION for path in paths):
        return ds.dataset([str(path) for path in paths], schema=table.schema, format="parquet").to_table()
    return pa.concat_tables([conform(read_rows(path), table) for path in paths])


def _version(path: Path) -> int:
    return int((pq.read_schema(path).metadata or {}).get(b"schema_version", 0))


def _contents(rows: pa.Table, table: Table) -> list[tuple[Any, str]]:
    """(key, all that the row says, its provenance aside) of each row."""
    said = rows.drop_columns([name for name in _PROVENANCE if name not in table.key and name in rows.column_names])
    return [(_key(row, table.key), repr(row)) for row in said.to_pylist()]


def _key(row: dict[str, Any], names: Iterable[str]) -> tuple[Any, ...]:
    return tuple(row[name] for name in names)
