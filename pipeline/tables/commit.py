"""The commit: a run's rows become a new generation of all tables, published by one rename.

    <root>/links -> _current/links              what people open
    <root>/_current -> _generations/g000007     replaced at once by os.replace
    <root>/_generations/g000007/links/<run>-00000.parquet
    <root>/_commits/000007.json                 who, when, hashes, rows, files, inputs
    <root>/_staging/<run>/                      files of a run that is not committed yet
    <root>/_staging/shards/<content>/           finished work, used by the next run where this one was ended
    <root>/_lock                                held while a run writes

A new generation holds hard links to the files that did not change, so nothing that a reader sees is ever written to. A
table is one folder of files: whoever has listed it has a whole generation. Names are never given twice, and where a file
of a table goes the others get new names, so that a listing finds all its files in a later generation, or none.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from pipeline.ingest import input_uri
from pipeline.tables import files
from pipeline.tables.commits import Commit
from pipeline.tables.files import remove, sync
from pipeline.tables.generation import Building, Changes, OutputError, check_same_rows, mark_duplicates, merged
from pipeline.tables.lock import locked
from pipeline.tables.schema import ALL_TABLES, SCHEMA_VERSION, TABLES
from pipeline.tables.signatures import sign_anew

__all__ = ["SHARDS", "Changes", "OutputError", "Retention", "Store", "mark_duplicates"]

_GENERATION: Final = re.compile(r"g(\d{6,})")
_COMMIT: Final = re.compile(r"(\d{6,})\.json")
SHARDS: Final = "shards"


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
        self._commits: dict[int, Commit] = {}  # a commit file is read once: it changes only when its generation goes

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
            self._restore(say)
            self._sweep()
            yield

    def latest(self) -> Commit | None:
        """The commit that readers see, None before the first. Raises OutputError where its generation, or the link to it,
        is gone.
        """
        current = self.root / "_current"
        if not current.is_symlink():
            if recorded := _numbers(self.commits, _COMMIT):
                raise OutputError(
                    f"{self.root}: the link _current is gone, though commit {recorded[-1]} is there (copies must keep "
                    "symbolic links); `biaogan run` makes it again"
                )
            return None
        number = _number(current.readlink().name)
        if not self.generation(number).is_dir():
            raise OutputError(f"{self.generation(number)}: is gone, though _current names it")
        return self.commit(number)

    def commit(self, number: int) -> Commit:
        """The commit of this number. Raises OutputError where it is not there or not as it should be."""
        path = self.commit_path(number)
        try:
            if number not in self._commits:
                self._commits[number] = Commit.read(path)
            return self._commits[number]
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
            if latest and not latest.files[table][path.name].n_rows:
                continue
            part = files.read_rows(path, list(names))
            rows += zip(*(part.column(name).to_pylist() for name in names), strict=True)
        return rows

    def inputs_with_repeats(self) -> set[str]:
        """The input files with a record that was quarantined because its article was there already."""
        rows = self.columns("quarantine", "source_uri", "code")
        return {input_uri(uri) for uri, code in rows if code == "repeated"}

    def signature_files(self, leaving: Collection[str], folder: Path) -> list[Path]:
        """The files of `signatures` of the newest generation. Of tables with another schema, whose signatures may have
        another form, the articles that do not leave are signed anew, into files in this folder.
        """
        latest = self.latest()
        if latest is None:
            return []
        if latest.schema_version == SCHEMA_VERSION:
            return self.files_of(latest, "signatures")
        return sign_anew(self.files_of(latest, "articles"), leaving, folder)

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
        with self._building(number, header["run_id"]) as building:
            for name in ALL_TABLES:
                fresh = batch.get(name, [])
                if previous and not (name == "regions" and fresh):
                    building.carry_over(name, previous, changes)
                building.add(name, fresh)
            building.merge_small()
            building.rename_beside_gone(previous)
            made = Commit(
                number=number,
                committed_at=datetime.now(UTC).isoformat(),
                rows=building.rows(),
                files=building.files,
                **header,
            )
            check(previous, made)
            self._record(building, made)
        self._swap(number)
        self.clear_staging()
        self._retire(made, retention)
        return made

    def publish_compacted(self, header: Mapping[str, Any], retention: Retention) -> Commit:
        """Publishes a generation with the rows of the last one in one file a table. Raises OutputError where none is."""
        latest = self.latest()
        if latest is None:
            raise OutputError(f"{self.root}: nothing is committed here")
        staging = self.stage(header["run_id"])
        number = latest.number + 1
        with self._building(number, header["run_id"]) as building:
            for name in ALL_TABLES:
                if latest.schema_version == SCHEMA_VERSION and len(latest.files[name]) == 1:
                    building.copy(name, latest)
                    continue
                paths = self.signature_files((), staging) if name == "signatures" else self.files_of(latest, name)
                building.add(name, [merged(paths, name, staging / f"{name}.parquet")] if paths else [])
            building.rename_beside_gone(latest)
            made = replace(
                latest,
                number=number,
                committed_at=datetime.now(UTC).isoformat(),
                rows=building.rows(),
                files=building.files,
                **header,
            )
            check_same_rows(latest, made)
            self._record(building, made)
        self._swap(number)
        remove(staging)
        self._retire(made, retention)
        return made

    def publish_copy(self, of: Commit, header: Mapping[str, Any], retention: Retention) -> Commit:
        """Publishes a generation with the same files as that of another commit. Raises OutputError where it is gone."""
        latest = self.latest()
        number = latest.number + 1 if latest else 1
        with self._building(number, header["run_id"]) as building:
            for name in ALL_TABLES:
                building.copy(name, of)
            building.rename_beside_gone(latest, always=True)
            made = replace(
                of, number=number, committed_at=datetime.now(UTC).isoformat(), files=building.files, **header
            )
            self._record(building, made)
        self._swap(number)
        self._retire(made, retention)
        return made

    @contextlib.contextmanager
    def _building(self, number: int, run_id: str) -> Iterator[Building]:
        """A generation in the making, and nothing of it, nor of what the run has staged for it, where making it fails."""
        try:
            yield Building(self.generation(number), number, run_id)
        except BaseException:
            remove(self.generation(number))
            remove(self.staging / run_id)
            raise

    def _record(self, building: Building, made: Commit) -> None:
        """Flushes a generation to the disk and writes its commit file."""
        building.flush()
        files.create(self.commit_path(made.number), made.to_json())

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
                return  # the ones after it are younger
            retired = self.generations / f".retired-{self.generation(number).name}"
            self.generation(number).rename(retired)
            files.replace(self.commit_path(number), replace(commit, files={}, inputs={}).to_json())
            self._commits.pop(number)
            remove(retired)

    def _restore(self, say: Callable[[str], None]) -> None:
        """Makes the link to the newest recorded generation where it is not there: its commit was recorded last, or the
        folder was copied without its links. Raises OutputError where that generation is not whole.
        """
        recorded = _numbers(self.commits, _COMMIT)
        if (self.root / "_current").is_symlink() or not recorded:
            return
        commit = self.commit(recorded[-1])
        for name in ALL_TABLES:
            for path in self.files_of(commit, name):
                if not path.is_file():
                    raise OutputError(f"{path}: is gone, and so is the link _current; nothing was changed")
        self._swap(commit.number)
        say(f"{self.root}: the link _current was not there; it names generation {commit.number} again")

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
        patterns = ((self.commits, ".*.tmp"), (self.generations, ".retired-*"), (self.root, "_lock.stale-*"))
        for left in (self.root / "_current.tmp", *(path for folder, name in patterns for path in folder.glob(name))):
            remove(left)

    def clear_staging(self) -> None:
        """Removes staged files and finished shards that no run will use."""
        for left in (*self.staging.iterdir(), *(self.staging / SHARDS).iterdir()):
            if left.name != SHARDS:
                remove(left)


def _numbers(folder: Path, pattern: re.Pattern[str]) -> list[int]:
    names = os.listdir(folder) if folder.is_dir() else ()  # noqa: PTH208  names alone: there may be thousands
    return sorted(int(match.group(1)) for match in map(pattern.fullmatch, names) if match)


def _number(name: str) -> int:
    match = _GENERATION.fullmatch(name)
    if match is None:
        raise OutputError(f"_current points to {name!r}, which is no generation")
    return int(match.group(1))
