"""A generation in the making: staged files taken in, files of the last one linked or, where rows change, written anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.ingest import input_uri
from pipeline.tables import files
from pipeline.tables.commits import Commit
from pipeline.tables.files import FileEntry, entry_of, link_or_copy, read_rows, remove, sync, write_rows
from pipeline.tables.schema import ALL_TABLES, OF_ARTICLE, SCHEMA_VERSION, ContractError, conform

MARKED: Final = ("articles", "links", "signatures")
"""The tables that have the field `duplicate_of`."""
_MERGED_AT_ONCE: Final = 8
"""Files of one size (within a factor of four) from which on they are merged."""
_LARGE: Final = 2_000_000
"""Bytes from which on a file is not merged: a reprint that changes a row of it has it written anew."""


class OutputError(Exception):
    """The output folder cannot be read or written; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a commit changes in the rows of earlier ones: it leaves out those of these articles, and of these refused
    inputs, and sets `duplicate_of` of these.
    """

    article_ids: frozenset[str] = frozenset()
    input_uris: frozenset[str] = frozenset()
    duplicate_of: Mapping[str, str | None] = field(default_factory=dict)


class Building:
    """A generation in the making: its files, what is known of them, and the folders whose names are to be flushed."""

    def __init__(self, folder: Path, number: int, run_id: str) -> None:
        self._number = number
        self._run_id = run_id
        self._folder = folder
        remove(self._folder)
        self._folder.mkdir()
        self.files: dict[str, dict[str, FileEntry]] = {name: {} for name in ALL_TABLES}
        for name in ALL_TABLES:
            (self._folder / name).mkdir()

    def rows(self) -> dict[str, int]:
        """Rows by table."""
        return {name: sum(entry.n_rows for entry in entries.values()) for name, entries in self.files.items()}

    def add(self, name: str, staged: list[Path]) -> None:
        """Takes in the staged files of a table; a table without any rows gets a file without rows, for its schema."""
        for part, path in enumerate(staged):
            target = self._folder / name / f"{self._run_id}-{part:05d}.parquet"
            link_or_copy(path, target)
            self._note(name, target)
        if not self.files[name]:
            target = self._folder / name / f"{self._run_id}-empty.parquet"
            write_rows(ALL_TABLES[name].schema.empty_table(), target)
            self._note(name, target)

    def copy(self, name: str, of: Commit) -> None:
        """Links the files of a table as they are."""
        for file_name, entry in of.files.get(name, {}).items():
            self._link(name, self._folder.with_name(f"g{of.number:06d}") / name / file_name, entry)

    def carry_over(self, name: str, previous: Commit, changes: Changes) -> None:
        """Links the files of a table; one whose rows change, or that has an older schema, is written anew by another
        name. Signatures of an older schema are no use and are left out.
        """
        if name == "signatures" and previous.schema_version != SCHEMA_VERSION:
            return
        old = self._folder.with_name(f"g{previous.number:06d}") / name
        for file_name, entry in previous.files.get(name, {}).items():
            changed = _changed(name, old / file_name, changes, older=previous.schema_version != SCHEMA_VERSION)
            if changed is None:
                if entry.n_rows:
                    self._link(name, old / file_name, entry)
            elif changed.num_rows:
                target = self._folder / name / self._new_name(file_name)
                write_rows(changed, target)
                if not pq.read_schema(target).equals(ALL_TABLES[name].schema, check_metadata=True):
                    raise ContractError(f"{name}: {file_name} was not written with the schema of the table")
                self._note(name, target)

    def merge_small(self) -> None:
        """Merges files of a table that are of one size, a few at a time, so that their number grows as the digits of the
        number of runs do, and with it what each run links and each reader opens. Large files stay as they are.
        """
        for name, entries in self.files.items():
            by_size: dict[int, list[str]] = {}
            for file_name, entry in entries.items():
                if entry.n_bytes <= _LARGE:
                    by_size.setdefault(entry.n_bytes.bit_length() // 2, []).append(file_name)
            for names in by_size.values():
                if len(names) >= _MERGED_AT_ONCE:
                    self._merge(name, sorted(names))

    def _merge(self, name: str, file_names: list[str]) -> None:
        paths = [self._folder / name / file_name for file_name in file_names]
        target = self._folder / name / f"{self._run_id}-{len(self.files[name]):05d}-merged.parquet"
        merged(paths, name, target)
        for path in paths:
            path.unlink()
            del self.files[name][path.name]
        self._note(name, target)

    def rename_beside_gone(self, previous: Commit | None, *, always: bool = False) -> None:
        """Gives the files of a table new names where one that readers see now is not among them, or `always`.

        A reader that has listed the last generation and looks its files up in this one finds all of them or none. Where it
        found some, pyarrow, pandas and Spark would pass over the others without a word.
        """
        for name, entries in self.files.items():
            seen = previous.files.get(name, {}).keys() if previous else set()
            if always or seen - entries.keys():
                for file_name in sorted(entries if always else seen & entries.keys()):
                    renamed = self._new_name(file_name)
                    (self._folder / name / file_name).rename(self._folder / name / renamed)
                    entries[renamed] = entries.pop(file_name)

    def _new_name(self, file_name: str) -> str:
        """A name that no earlier generation has, for a file that came from one."""
        return f"{file_name.removesuffix('.parquet').split('.g')[0]}.g{self._number:06d}.parquet"

    def _link(self, name: str, path: Path, entry: FileEntry) -> None:
        try:
            link_or_copy(path, self._folder / name / path.name)
        except FileNotFoundError:
            raise OutputError(
                f"{path}: is gone, though its commit lists it; `biaogan verify` tells what else"
            ) from None
        self.files[name][path.name] = entry

    def _note(self, name: str, path: Path) -> None:
        sync(path)
        self.files[name][path.name] = entry_of(path)

    def flush(self) -> None:
        """Flushes the names of all files to the disk."""
        for name in ALL_TABLES:
            sync(self._folder / name)
        sync(self._folder)
        sync(self._folder.parent)


def check_same_rows(before: Commit, after: Commit) -> None:
    """Raises ContractError where a commit that changes no row has other counts."""
    rows = {name: after.rows[name] for name in before.rows}
    if before.rows != rows:
        raise ContractError(f"compacting changed the number of rows: {before.rows} became {rows}")


def merged(paths: list[Path], name: str, target: Path) -> Path:
    """One file with the rows of several, in their order; no more than one of them is in memory."""
    with files.writer(target, ALL_TABLES[name].schema) as file:
        for path in paths:
            file.write_table(conform(read_rows(path), ALL_TABLES[name]))
    return target


def _changed(name: str, path: Path, changes: Changes, *, older: bool) -> pa.Table | None:
    """The rows of a file as a commit changes them; None where it changes none."""
    leaves = _leaving(name, path, changes)
    marked = name in MARKED and bool(changes.duplicate_of) and _holds(path, changes.duplicate_of)
    if leaves is None and not marked and not older:
        return None
    rows = read_rows(path)
    if leaves is not None:
        rows = rows.filter(pc.invert(leaves))
    rows = conform(rows, ALL_TABLES[name])
    return mark_duplicates(rows, changes.duplicate_of) if marked else rows


def _leaving(name: str, path: Path, changes: Changes) -> Any:
    """For each row of a file whether it leaves; None where none does."""
    leaves: Any = None
    if name in OF_ARTICLE and changes.article_ids:
        ids = read_rows(path, ["article_id"]).column("article_id")
        leaves = pc.is_in(ids, value_set=pa.array(sorted(changes.article_ids), pa.string()))
    elif name == "quarantine" and changes.input_uris:
        uris = read_rows(path, ["source_uri"]).column("source_uri")
        leaves = pa.array([input_uri(str(uri)) in changes.input_uris for uri in uris], pa.bool_())
    return leaves if leaves is not None and pc.any(leaves).as_py() else None


def _holds(path: Path, article_ids: Mapping[str, Any]) -> bool:
    ids = read_rows(path, ["article_id"]).column("article_id")
    return bool(pc.any(pc.is_in(ids, value_set=pa.array(sorted(article_ids), pa.string()))).as_py())


def mark_duplicates(rows: pa.Table, duplicate_of: Mapping[str, str | None]) -> pa.Table:
    """Rows of a table that has the field with `duplicate_of` set for these articles, and left as it is for others."""
    ids: list[Any] = rows.column("article_id").to_pylist()
    known = rows.column("duplicate_of").to_pylist()
    marks = [duplicate_of.get(article, mark) for article, mark in zip(ids, known, strict=True)]
    index = rows.column_names.index("duplicate_of")
    return rows.set_column(index, rows.schema.field("duplicate_of"), pa.array(marks, pa.string()))
