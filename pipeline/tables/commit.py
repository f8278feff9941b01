"""The commit: a run's rows become a new generation of all tables, published by one rename.

    <root>/links -> _current/links              what people open
    <root>/_current -> _generations/g000007     replaced at once by os.replace
    <root>/_generations/g000007/links/<run>-00000.parquet
    <root>/_commits/000007.json                 who, when, hashes, rows, files, inputs
    <root>/_staging/<run>/                      files of a run that is not committed yet
    <root>/_staging/shards/<content>/           finished work, used by the next run where this one was ended
    <root>/_lock                                held while a run writes

A new generation holds hard links to the files that did not change, so nothing that a reader sees is ever written to. A
table is one folder of files: whoever has listed it has a whole generation, and finds either the same file under a name
or none.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.ingest import Signature, input_uri
from pipeline.tables import files
from pipeline.tables.commits import Commit
from pipeline.tables.files import FileEntry, entry_of, link_or_copy, remove, sync, write_rows
from pipeline.tables.lock import locked
from pipeline.tables.schema import ALL_TABLES, OF_ARTICLE, SCHEMA_VERSION, TABLES, ContractError, conform

_GENERATION: Final = re.compile(r"g(\d{6,})")
_COMMIT: Final = re.compile(r"(\d{6,})\.json")
SHARDS: Final = "shards"


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


@dataclass(frozen=True, slots=True)
class Retention:
    """How long old generations are kept: the newest ones by number, and all that are younger than this."""

    generations: int
    hours: float


class Store:
    """The output folder of runs. Paths that begin with an underscore are its own; the others are links for readers."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.generations = root / "_generations"
        self.commits = root / "_commits"
        self.staging = root / "_staging"

    @contextlib.contextmanager
    def locked(self, say: Callable[[str], None] = lambda _: None) -> Iterator[None]:
        """Holds the lock; sweeps what ended runs left. Raises LockedError, or OutputError where it cannot write."""
        try:
            for folder in (self.root, self.generations, self.commits, self.staging / SHARDS):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{self.root}: cannot be written: {error.strerror or error}") from error
        for name in TABLES:
            if (self.root / name).exists() and not (self.root / name).is_symlink():
                raise OutputError(f"{self.root / name}: stands where the table {name} belongs")
        with contextlib.ExitStack() as held:
            try:
                held.enter_context(locked(self.root, say))
            except OSError as error:
                raise OutputError(f"{self.root}: cannot be written: {error.strerror or error}") from error
            self._sweep()
            yield

    def latest(self) -> Commit | None:
        """The commit that readers see, None before the first."""
        current = self.root / "_current"
        return self.commit(_number(current.readlink().name)) if current.is_symlink() else None

    def commit(self, number: int) -> Commit:
        """The commit of this number. Raises OutputError where it is not there or not as it should be."""
        path = self.commit_path(number)
        try:
            return Commit.read(path)
        except (OSError, ValueError) as error:
            raise OutputError(f"{path}: is not the commit file that it should be: {error}") from error

    def commit_path(self, number: int) -> Path:
        """Where the commit file of this number is."""
        return self.commits / f"{number:06d}.json"

    def generation(self, number: int) -> Path:
        """The folder of the generation of this number."""
        return self.generations / f"g{number:06d}"

    def kept(self) -> list[int]:
        """The numbers of the generations that can be read, oldest first."""
        newest = self.latest()
        found = _numbers(self.generations, _GENERATION)
        return [number for number in found if newest and number <= newest.number]

    def stage(self, run_id: str) -> Path:
        """An empty folder for the files of a run, on the same file system as the tables."""
        folder = self.staging / run_id
        folder.mkdir()
        return folder

    def files_of(self, commit: Commit, table: str) -> list[Path]:
        """The Parquet files of a table in a generation, by name."""
        return [self.generation(commit.number) / table / name for name in sorted(commit.files.get(table, {}))]

    def columns(self, table: str, *names: str) -> list[tuple[Any, ...]]:
        """The rows of the newest generation, these fields of them."""
        latest = self.latest()
        rows: list[tuple[Any, ...]] = []
        for path in self.files_of(latest, table) if latest else ():
            part = pq.ParquetFile(path).read(columns=list(names))
            rows += zip(*(part.column(name).to_pylist() for name in names), strict=True)
        return rows

    def article_ids_of(self, input_uris: Container[str]) -> frozenset[str]:
        """The articles that readers see which came from these input files."""
        sources = self.columns("articles", "article_id", "source_uri") if input_uris else ()
        return frozenset(article for article, uri in sources if input_uri(uri) in input_uris)

    def inputs_with_repeats(self) -> set[str]:
        """The input files with a record that was quarantined because its article was there already."""
        rows = self.columns("quarantine", "source_uri", "code")
        return {input_uri(uri) for uri, code in rows if code == "repeated"}

    def signatures(self) -> list[Signature]:
        """The signatures of all articles that readers see."""
        names = ("article_id", "published_at", "exact", "n_shingles", "minhash")
        return [Signature(*row) for row in self.columns("signatures", *names)]

    def publish(
        self,
        batch: Mapping[str, list[Path]],
        header: Mapping[str, Any],
        changes: Changes,
        retention: Retention,
        check: Callable[[Commit | None, Commit], None] = lambda _previous, _made: None,
    ) -> Commit:
        """Makes a generation of the last one, with `changes`, plus the staged files of `batch`, and publishes it.

        `header` has the fields of Commit but number, committed_at, rows and files. `regions` is replaced where the batch
        holds it. `check` sees the last commit and the new one, and raises what keeps it from being published.
        """
        previous = self.latest()
        number = previous.number + 1 if previous else 1
        building = _Building(self, number, header["run_id"])
        try:
            for name in ALL_TABLES:
                fresh = batch.get(name, [])
                if previous and not (name == "regions" and fresh):
                    building.carry_over(name, previous, changes)
                building.add(name, fresh)
            made = Commit(
                number=number,
                committed_at=datetime.now(UTC).isoformat(),
                rows=building.rows(),
                files=building.files,
                **header,
            )
            check(previous, made)
            building.flush()
            files.create(self.commit_path(number), made.to_json())
        except BaseException:
            remove(self.generation(number))
            raise
        self._swap(number)
        self._clear_staging()
        self._retire(made, retention)
        return made

    def publish_compacted(self, header: Mapping[str, Any], retention: Retention) -> Commit:
        """Publishes a generation with the rows of the last one in one file a table. Raises OutputError where none is."""
        latest = self.latest()
        if latest is None:
            raise OutputError(f"{self.root}: nothing is committed here")
        staging = self.stage(header["run_id"])
        number = latest.number + 1
        building = _Building(self, number, header["run_id"])
        try:
            for name in ALL_TABLES:
                paths = [path for path in self.files_of(latest, name) if latest.files[name][path.name].n_rows]
                if len(paths) == 1 and latest.schema_version == SCHEMA_VERSION:
                    building.carry_over(name, latest, Changes())
                    continue
                building.add(name, [_merged(paths, name, staging)] if paths else [])
            made = replace(
                latest,
                number=number,
                committed_at=datetime.now(UTC).isoformat(),
                rows=building.rows(),
                files=building.files,
                **header,
            )
            _check_same_rows(latest, made)
            building.flush()
            files.create(self.commit_path(number), made.to_json())
        except BaseException:
            remove(self.generation(number))
            remove(staging)
            raise
        self._swap(number)
        remove(staging)
        self._retire(made, retention)
        return made

    def publish_copy(self, of: Commit, header: Mapping[str, Any], retention: Retention) -> Commit:
        """Publishes a generation with the same files as that of another commit. Raises OutputError where it is gone."""
        latest = self.latest()
        number = latest.number + 1 if latest else 1
        building = _Building(self, number, header["run_id"])
        for name in ALL_TABLES:
            building.carry_over(name, of, Changes())
        building.flush()
        made = replace(of, number=number, committed_at=datetime.now(UTC).isoformat(), files=building.files, **header)
        files.create(self.commit_path(number), made.to_json())
        self._swap(number)
        self._retire(made, retention)
        return made

    def _swap(self, number: int) -> None:
        """One rename takes readers from the old tables to the new."""
        for name in TABLES:
            link = self.root / name
            if not link.is_symlink():
                link.symlink_to(Path("_current") / name)
        temporary = self.root / "_current.tmp"
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(Path("_generations") / self.generation(number).name)
        temporary.replace(self.root / "_current")
        sync(self.root)

    def _retire(self, newest: Commit, retention: Retention) -> None:
        """Removes generations that are past their time; of their commit file the list of files and inputs goes, too."""
        for number in self.kept()[: -retention.generations]:
            commit = self.commit(number)
            if newest.time - commit.time < timedelta(hours=retention.hours):
                continue
            # First the commit file, so that a generation half removed is known as one that is to go.
            files.replace(self.commit_path(number), replace(commit, files={}, inputs={}).to_json())
            remove(self.generation(number))

    def _sweep(self) -> None:
        """Removes what an ended run left: staged files, a generation that was never published. Finished shards stay."""
        commit = self.latest()
        newest = commit.number if commit else 0
        for left in (*self.staging.iterdir(), *(self.staging / SHARDS).glob(".*")):
            if left.name != SHARDS:
                remove(left)
        for number in _numbers(self.generations, _GENERATION):
            if number > newest:
                remove(self.generation(number))
        for number in _numbers(self.commits, _COMMIT):
            if number > newest:
                remove(self.commit_path(number))
        for left in (*self.commits.glob(".*.tmp"), self.root / "_current.tmp", *self.root.glob("_lock.stale-*")):
            remove(left)
        # A generation that was being removed when its run was ended.
        for number in self.kept():
            if number != newest and not self.commit(number).files:
                remove(self.generation(number))

    def _clear_staging(self) -> None:
        for left in (*self.staging.iterdir(), *(self.staging / SHARDS).iterdir()):
            if left.name != SHARDS:
                remove(left)

    def clear_shards(self) -> None:
        """Removes finished shards that no run will use."""
        self._clear_staging()


class _Building:
    """A generation in the making: its files, what is known of them, and the folders whose names are to be flushed."""

    def __init__(self, store: Store, number: int, run_id: str) -> None:
        self._store = store
        self._number = number
        self._run_id = run_id
        self._folder = store.generation(number)
        remove(self._folder)
        self._folder.mkdir()
        self.files: dict[str, dict[str, FileEntry]] = {name: {} for name in ALL_TABLES}
        for name in ALL_TABLES:
            (self._folder / name).mkdir()

    def rows(self) -> dict[str, int]:
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

    def carry_over(self, name: str, previous: Commit, changes: Changes) -> None:
        """Links the files of a table; one whose rows change, or that has an older schema, is written anew by another
        name.
        """
        old = self._store.generation(previous.number) / name
        for file_name, entry in previous.files.get(name, {}).items():
            changed = _changed(name, old / file_name, changes, older=previous.schema_version != SCHEMA_VERSION)
            if changed is None:
                if entry.n_rows:
                    self._link(name, old / file_name, entry)
            elif changed.num_rows:
                stem = file_name.removesuffix(".parquet").split(".g")[0]
                target = self._folder / name / f"{stem}.g{self._number:06d}.parquet"
                write_rows(changed, target)
                if not pq.read_schema(target).equals(ALL_TABLES[name].schema, check_metadata=True):
                    raise ContractError(f"{name}: {file_name} was not written with the schema of the table")
                self._note(name, target)

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
        for name in ALL_TABLES:
            sync(self._folder / name)
        sync(self._folder)
        sync(self._store.generations)


def _check_same_rows(before: Commit, after: Commit) -> None:
    if before.rows != after.rows:
        raise ContractError(f"compacting changed the number of rows: {before.rows} became {after.rows}")


def _merged(paths: list[Path], name: str, folder: Path) -> Path:
    """One file with the rows of several, in their order; no more than one of them is in memory."""
    target = folder / f"{name}.parquet"
    schema = ALL_TABLES[name].schema
    with pq.ParquetWriter(target, schema, compression=files.COMPRESSION) as writer:
        for path in paths:
            writer.write_table(conform(pq.ParquetFile(path).read(), ALL_TABLES[name]))
    return target


def _changed(name: str, path: Path, changes: Changes, *, older: bool) -> pa.Table | None:
    """The rows of a file as a commit changes them; None where it changes none."""
    leaves = _leaving(name, path, changes)
    marked = name in ("articles", "links") and bool(changes.duplicate_of) and _holds(path, changes.duplicate_of)
    if leaves is None and not marked and not older:
        return None
    rows = pq.ParquetFile(path).read()
    if leaves is not None:
        rows = rows.filter(pc.invert(leaves))
    rows = conform(rows, ALL_TABLES[name])
    return mark_duplicates(rows, changes.duplicate_of) if marked else rows


def _leaving(name: str, path: Path, changes: Changes) -> Any:
    """For each row of a file whether it leaves; None where none does."""
    leaves: Any = None
    if name in OF_ARTICLE and changes.article_ids:
        ids = pq.ParquetFile(path).read(columns=["article_id"]).column("article_id")
        leaves = pc.is_in(ids, value_set=pa.array(sorted(changes.article_ids), pa.string()))
    elif name == "quarantine" and changes.input_uris:
        uris = pq.ParquetFile(path).read(columns=["source_uri"]).column("source_uri")
        leaves = pa.array([input_uri(str(uri)) in changes.input_uris for uri in uris], pa.bool_())
    return leaves if leaves is not None and pc.any(leaves).as_py() else None


def _holds(path: Path, article_ids: Mapping[str, Any]) -> bool:
    ids = pq.ParquetFile(path).read(columns=["article_id"]).column("article_id")
    return bool(pc.any(pc.is_in(ids, value_set=pa.array(sorted(article_ids), pa.string()))).as_py())


def mark_duplicates(rows: pa.Table, duplicate_of: Mapping[str, str | None]) -> pa.Table:
    """Rows of `articles` or `links` with `duplicate_of` set for these articles, and left as it is for others."""
    ids: list[Any] = rows.column("article_id").to_pylist()
    known = rows.column("duplicate_of").to_pylist()
    marks = [duplicate_of.get(article, mark) for article, mark in zip(ids, known, strict=True)]
    index = rows.column_names.index("duplicate_of")
    return rows.set_column(index, rows.schema.field("duplicate_of"), pa.array(marks, pa.string()))


def _numbers(folder: Path, pattern: re.Pattern[str]) -> list[int]:
    found = (pattern.fullmatch(path.name) for path in folder.iterdir()) if folder.is_dir() else ()
    return sorted(int(match.group(1)) for match in found if match)


def _number(name: str) -> int:
    match = _GENERATION.fullmatch(name)
    if match is None:
        raise OutputError(f"_current points to {name!r}, which is no generation")
    return int(match.group(1))
