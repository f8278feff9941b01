"""The tables elsewhere: Delta tables for lakehouses, CSV for spreadsheets, a DuckDB database for SQL.

Each export is of one generation, whole: it is made beside its target and moved there when it is done; Delta tables get a
new version each.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from pipeline.tables.commit import OutputError
from pipeline.tables.files import remove
from pipeline.tables.read import generation_number, read_table
from pipeline.tables.schema import TABLES

_RISKY: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection)."""


class MissingExtraError(Exception):
    """The library that an export needs is not installed."""


def export_tables(to: str, root: Path, target: Path, generation: int | None = None) -> dict[str, int]:
    """Writes all tables of a generation to `target` and returns their rows. Raises FileNotFoundError where there are none,
    OutputError, MissingExtraError, OSError.
    """
    inside, own = target.resolve(), root.resolve()
    if not target.name or inside == own or inside.is_relative_to(own):
        raise OutputError(f"{target}: name a place outside of the folder of the tables")
    number = generation_number(root, generation)  # one snapshot for all tables, and none made where there is none
    tables = ((name, read_table(name, root, number)) for name in TABLES)
    return _WRITERS[to](tables, target)


def _to_csv(tables: Iterator[tuple[str, pa.Table]], target: Path) -> dict[str, int]:
    """A file a table, UTF-8 with a byte-order mark and CRLF, so that Excel opens Chinese; lists as JSON, times in ISO 8601.

    A cell that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    target.mkdir(parents=True, exist_ok=True)
    rows: dict[str, int] = {}
    made = {name: target / f".{name}.csv.tmp" for name in TABLES}
    try:
        for name, table in tables:
            try:
                with made[name].open("w", encoding="utf-8-sig", newline="") as file:
                    writer = csv.writer(file)
                    writer.writerow(table.column_names)
                    for batch in table.to_batches(max_chunksize=1_000):
                        writer.writerows([_cell(value) for value in row.values()] for row in batch.to_pylist())
            except OSError as error:
                raise OutputError(f"{target / name}.csv: cannot be written: {error.strerror or error}") from error
            rows[name] = table.num_rows
        for name, temporary in made.items():
            temporary.replace(target / f"{name}.csv")
    finally:
        for temporary in made.values():
            remove(temporary)
    return rows


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False) if value else ""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_RISKY) else value
    return value


def _to_delta(tables: Iterator[tuple[str, pa.Table]], target: Path) -> dict[str, int]:
    """A Delta table a table; each export overwrites the rows and keeps the version before."""
    try:
        import deltalake
        import deltalake.exceptions
    except ImportError:
        raise MissingExtraError("deltalake is not installed: pip install 'biaogan[delta]'") from None
    rows = {}
    for name, table in tables:
        folder = target / name
        folder.mkdir(parents=True, exist_ok=True)
        try:
            deltalake.write_deltalake(str(folder), table, mode="overwrite", schema_mode="overwrite")
        except deltalake.exceptions.DeltaError as error:
            raise OutputError(f"{folder}: {str(error)[:200]}") from None
        rows[name] = table.num_rows
    return rows


def _to_duckdb(tables: Iterator[tuple[str, pa.Table]], target: Path) -> dict[str, int]:
    """A database file with a table each, made beside the old one and put in its place."""
    try:
        import duckdb
    except ImportError:
        raise MissingExtraError("duckdb is not installed: pip install 'biaogan[duckdb]'") from None
    if target.is_dir():
        raise OutputError(f"{target}: is a folder; name a file for the database")
    if target.is_file() and not _is_duckdb(target):
        raise OutputError(f"{target}: is there, and is no DuckDB database")
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    remove(temporary)
    rows = {}
    try:
        with duckdb.connect(str(temporary)) as database:
            for name, table in tables:
                database.register("rows_of_the_table", table)
                database.execute(f'create table "{name}" as select * from rows_of_the_table')
                database.unregister("rows_of_the_table")
                rows[name] = table.num_rows
        temporary.replace(target)
    except duckdb.Error as error:
        raise OutputError(f"{target}: {str(error).splitlines()[0]}") from None
    finally:
        remove(temporary)
        remove(temporary.with_name(f"{temporary.name}.wal"))
    return rows


def _is_duckdb(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(12)[8:] == b"DUCK"


_WRITERS: Final[dict[str, Callable[[Iterator[tuple[str, pa.Table]], Path], dict[str, int]]]] = {
    "delta": _to_delta,
    "csv": _to_csv,
    "duckdb": _to_duckdb,
}
FORMATS: Final = tuple(_WRITERS)
