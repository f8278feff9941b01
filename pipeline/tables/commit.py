"""The commit: a run's rows become a new generation of all tables, published by one rename.

    <root>/links -> _current/links              what people open
    <root>/_current -> _generations/g000007     replaced at once by os.replace
    <root>/_generations/g000007/links/batch=<run>/part-00000.parquet
    <root>/_commits/000007.json                 who, when, hashes, rows, inputs
    <root>/_staging/<run>/                      files of a run that is not committed yet
    <root>/_lock                                held while a run writes

A new generation holds hard links to the files that did not change, so nothing that a reader sees is ever written to.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import socket
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.tables.rows import COMPRESSION
from pipeline.tables.schema import SCHEMA_VERSION, TABLES

_GENERATION: Final = "g" + "[0-9]" * 6
_OF_ARTICLE: Final = ("articles", "mentions", "links", "sites", "learners")


class OutputError(Exception):
    """The output folder cannot be written; nothing was changed."""


class LockedError(Exception):
    """Another run holds the lock of the output folder."""


@dataclass(frozen=True, slots=True)
class Commit:
    """What `_commits/<number>.json` says: the run, its time, hashes, rows by table, and every live input."""

    number: int
    run_id: str
    committed_at: str
    fingerprint: str
    gazetteer_hash: str
    schema_version: int
    rows: dict[str, int]
    inputs: dict[str, str]
    """uri of the input file -> hash of its bytes and of all that read them, for all inputs whose rows are held."""

    def to_json(self) -> str:
        """The commit as a JSON object, one key a line."""
        return json.dumps({name: getattr(self, name) for name in self.__slots__}, ensure_ascii=False, indent=1) + "\n"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Rows of earlier generations that a commit leaves out: those of these articles, and of these refused inputs."""

    article_ids: frozenset[str] = frozenset()
    input_uris: frozenset[str] = frozenset()


class Store:
    """The output folder of runs. Paths that begin with an underscore are its own; the others are links for readers."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.generations = root / "_generations"
        self.commits = root / "_commits"
        self.staging = root / "_staging"

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Holds the lock; sweeps what killed runs left. Raises LockedError, or OutputError where it cannot write."""
        try:
            for folder in (self.root, self.generations, self.commits, self.staging):
                folder.mkdir(parents=True, exist_ok=True)
            for name in TABLES:
                if (self.root / name).exists() and not (self.root / name).is_symlink():
                    raise OutputError(f"{self.root / name}: stands where the table {name} belongs")
            handle = (self.root / "_lock").open("a+", encoding="utf-8")
        except OSError as error:
            raise OutputError(f"{self.root}: cannot be written: {error.strerror or error}") from error
        with handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                handle.seek(0)
                raise LockedError(f"{self.root}: another run holds the lock: {handle.read().strip()}") from None
            except OSError as error:
                raise OutputError(f"{self.root}: cannot be locked: {error.strerror or error}") from error
            handle.truncate(0)
            owner = {"pid": os.getpid(), "host": socket.gethostname(), "since": datetime.now(UTC).isoformat()}
            handle.write(json.dumps(owner) + "\n")
            handle.flush()
            self._sweep()
            yield

    def latest(self) -> Commit | None:
        """The commit that readers see, None before the first."""
        current = self.root / "_current"
        if not current.is_symlink():
            return None
        path = self.commits / f"{_generation_number(current.readlink()):06d}.json"
        try:
            return Commit(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise OutputError(f"{path}: is not the commit file that it should be: {error}") from error

    def check_schema(self, previous: Commit | None, uris: Container[str]) -> None:
        """Raises OutputError where tables of another schema hold inputs that the run does not read again."""
        if previous and previous.schema_version != SCHEMA_VERSION and any(uri not in uris for uri in previous.inputs):
            raise OutputError(
                f"{self.root}: written with schema version {previous.schema_version}, this is {SCHEMA_VERSION}; "
                "name all inputs that it holds, or another folder"
            )

    def stage(self, run_id: str) -> Path:
        """An empty folder for the files of a run, on the same file system as the tables."""
        folder = self.staging / run_id
        folder.mkdir()
        return folder

    def article_sources(self) -> list[tuple[str, str]]:
        """(article_id, source_uri) of every article that readers see."""
        return self._columns("articles", "article_id", "source_uri")

    def article_ids_of(self, input_uris: Container[str]) -> list[str]:
        """The articles that readers see which came from these input files."""
        return [article for article, uri in self.article_sources() if input_uri(uri) in input_uris]

    def inputs_with_repeats(self) -> set[str]:
        """The input files with a record that was quarantined because its article was there already."""
        return {input_uri(uri) for uri, code in self._columns("quarantine", "source_uri", "code") if code == "repeated"}

    def _columns(self, table: str, first: str, second: str) -> list[tuple[str, str]]:
        rows: list[tuple[str, str]] = []
        for path in sorted((self.root / "_current" / table).glob("*/*.parquet")):
            columns = pq.read_table(path, columns=[first, second], partitioning=None).to_pydict()
            rows += zip(columns[first], columns[second], strict=True)
        return rows

    def publish(self, batch: dict[str, list[Path]], commit: dict[str, Any], withdrawn: Withdrawal, keep: int) -> Commit:
        """Makes a generation of the last one, less `withdrawn`, plus the staged files of `batch`, and publishes it.

        `commit` has the fields of Commit but number, rows and committed_at. `keep` generations stay readable. Tables of
        which `batch` says [] or nothing are carried over; `regions` is replaced where the batch holds it.
        """
        previous = self.latest()
        number = previous.number + 1 if previous else 1
        generation = self.generations / f"g{number:06d}"
        shutil.rmtree(generation, ignore_errors=True)
        rows: dict[str, int] = {}
        for name in TABLES:
            folder = generation / name
            folder.mkdir(parents=True)
            fresh = batch.get(name, [])
            if previous and not (name == "regions" and fresh):
                self._carry_over(name, self.generations / f"g{previous.number:06d}" / name, folder, withdrawn, number)
            if fresh:
                target = folder / f"batch={commit['run_id']}"
                target.mkdir()
                for part, path in enumerate(fresh):
                    _sync(path)
                    os.link(path, target / f"part-{part:05d}.parquet")
                _sync(target)
            if not any(folder.glob("*/*.parquet")):
                # A table without rows is a file without rows: readers find its schema, not an empty folder.
                target = folder / f"batch={commit['run_id']}" / "part-00000.parquet"
                target.parent.mkdir(exist_ok=True)
                write_rows(TABLES[name].schema.empty_table(), target)
                _sync(target)
            _sync(folder)
            rows[name] = sum(pq.read_metadata(path).num_rows for path in folder.glob("*/*.parquet"))
        _sync(generation)
        made = Commit(number=number, rows=rows, committed_at=datetime.now(UTC).isoformat(), **commit)
        self._write_commit(made)
        self._swap(generation)
        shutil.rmtree(self.staging / commit["run_id"], ignore_errors=True)
        self._retire(keep)
        return made

    def _carry_over(self, name: str, old: Path, new: Path, withdrawn: Withdrawal, number: int) -> None:
        """Hard-links the files of a table; a file with withdrawn rows is rewritten under a new name."""
        for path in sorted(old.glob("*/*.parquet")):
            kept = _without(name, path, withdrawn)
            target = new / path.parent.name / path.name
            if kept is None:
                target.parent.mkdir(exist_ok=True)
                os.link(path, target)
                _sync(target.parent)
            elif kept.num_rows:
                target = target.with_name(f"{path.stem.split('.')[0]}.g{number:06d}.parquet")
                target.parent.mkdir(exist_ok=True)
                write_rows(kept, target)
                _sync(target)
                _sync(target.parent)

    def _write_commit(self, commit: Commit) -> None:
        path = self.commits / f"{commit.number:06d}.json"
        temporary = self.commits / f".{commit.number:06d}.tmp"
        temporary.write_text(commit.to_json(), encoding="utf-8")
        _sync(temporary)
        temporary.replace(path)
        _sync(self.commits)

    def _swap(self, generation: Path) -> None:
        """The one moment at which readers pass from the old tables to the new."""
        for name in TABLES:
            link = self.root / name
            if not link.is_symlink():
                link.symlink_to(Path("_current") / name)
        temporary = self.root / "_current.tmp"
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(Path("_generations") / generation.name)
        temporary.replace(self.root / "_current")
        _sync(self.root)

    def _retire(self, keep: int) -> None:
        for old in sorted(self.generations.glob(_GENERATION))[:-keep]:
            shutil.rmtree(old)

    def _sweep(self) -> None:
        """Removes what a killed run left: staged files, and a generation that was never published."""
        for left in self.staging.iterdir():
            shutil.rmtree(left, ignore_errors=True)
        commit = self.latest()
        newest = commit.number if commit else 0
        for generation in self.generations.glob(_GENERATION):
            if _generation_number(generation) > newest:
                shutil.rmtree(generation)
        for record in self.commits.glob("[0-9]" * 6 + ".json"):
            if int(record.stem) > newest:
                record.unlink()


def _generation_number(path: Path) -> int:
    return int(path.name.removeprefix("g"))


def input_uri(source_uri: str) -> str:
    """The uri of the file that a record came from: what stands before the record number."""
    return source_uri.rsplit("#", 1)[0]


def write_rows(rows: pa.Table, path: Path) -> None:
    """Writes rows as one Parquet file of the table's schema, nothing dictionary-typed."""
    pq.write_table(rows, path, compression=COMPRESSION)


def _without(name: str, path: Path, withdrawn: Withdrawal) -> pa.Table | None:
    """The rows of `path` less those withdrawn; None where none of them is in the file."""
    leaves: Any
    if name in _OF_ARTICLE and withdrawn.article_ids:
        gone = pa.array(sorted(withdrawn.article_ids), pa.string())
        ids = pq.read_table(path, columns=["article_id"], partitioning=None).column("article_id")
        leaves = pc.is_in(ids, value_set=gone)
    elif name == "quarantine" and withdrawn.input_uris:
        uris = pq.read_table(path, columns=["source_uri"], partitioning=None).column("source_uri")
        leaves = pa.array([input_uri(str(uri)) in withdrawn.input_uris for uri in uris], pa.bool_())
    else:
        return None
    if not pc.any(leaves).as_py():
        return None
    return pq.ParquetFile(path).read().filter(pc.invert(leaves))


def _sync(path: Path) -> None:
    """Flushes a file or folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
