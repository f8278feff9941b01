"""The unit of work: a shard, named by its content, becomes staged Parquet files that any later run can use."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.config import IngestSettings
from pipeline.extraction import extract_article
from pipeline.gazetteer import Gazetteer, load_gazetteer
from pipeline.ingest import InputFile, Reading, read_articles
from pipeline.ingest.limits import TooSlowError, time_limit
from pipeline.records import Article, Extraction, Rejection
from pipeline.tables.commit import SHARDS
from pipeline.tables.files import entry_of, read_rows, remove, write_rows
from pipeline.tables.rows import Row, extraction_rows, rejection_row, stage_rows
from pipeline.tables.schema import SCHEMA_VERSION

_ARTICLES_AT_ONCE: Final = 500
_CHARACTERS_AT_ONCE: Final = 4_000_000
"""Articles, and characters of them, whose rows are in memory before they are staged."""
_DONE: Final = "shard.json"


@dataclass(frozen=True, slots=True)
class HeldArticles:
    """Articles that are committed and whose input is not at hand: they are read anew from `articles.text`."""

    path: Path
    article_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shard:
    """Files of bounded bytes, or committed articles; the folder where shards are staged, and what decides their rows."""

    files: tuple[InputFile, ...]
    staging: Path
    run_id: str
    at: datetime
    fingerprint: str
    settings: IngestSettings
    held: HeldArticles | None = None

    @property
    def name(self) -> str:
        """A hash of all that decides the shard's rows: the same work has the same name in any run."""
        said: list[Any] = [SCHEMA_VERSION, self.fingerprint, [(f.uri, f.sha256, f.problem) for f in self.files]]
        if self.held:
            said += [self.held.path.name, self.held.article_ids]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:24]

    @property
    def folder(self) -> Path:
        """Where its staged files are, when it is done."""
        return self.staging / SHARDS / self.name


@dataclass(frozen=True, slots=True)
class StagedShard:
    """What a shard left: its Parquet files by table, (article_id, source_uri) of its articles in order, notes for a
    person, and the inputs that changed or could not be opened while they were read, which are to be read again.
    """

    files: dict[str, list[Path]]
    articles: list[tuple[str, str]]
    notes: list[str] = field(default_factory=list)
    unsettled: list[str] = field(default_factory=list)
    resumed: bool = False

    @property
    def parts(self) -> Iterator[dict[str, list[Path]]]:
        """The files by table, part by part: the rows of an article are all in one part."""
        numbers = sorted({path.stem.rpartition("-")[2] for paths in self.files.values() for path in paths})
        for number in numbers:
            part = {n: [p for p in paths if p.stem.rpartition("-")[2] == number] for n, paths in self.files.items()}
            yield {name: paths for name, paths in part.items() if paths}


def plan(files: Iterable[InputFile], shard_bytes: int) -> list[tuple[InputFile, ...]]:
    """Cuts the files into shards of at most `shard_bytes`, in order; the cut does not depend on the workers."""
    shards: list[list[InputFile]] = []
    filled = 0
    for file in files:
        if not shards or filled + file.size > shard_bytes:
            shards.append([])
            filled = 0
        shards[-1].append(file)
        filled += file.size
    return [tuple(shard) for shard in shards]


def process_shard(shard: Shard) -> StagedShard:
    """Reads a shard, extracts each article, and stages the rows; runs in a worker process.

    Its folder appears when all is in it. One that an earlier run has finished is used, under the name of this run.
    """
    if (done := _finished(shard)) is not None:
        return done
    building = shard.folder.with_name(f".{shard.name}")
    remove(building)
    building.mkdir(parents=True)
    staging = _Staging(building, shard)
    reading = Reading()
    gazetteer = load_gazetteer()
    seen: dict[str, str] = {}
    for item in _items(shard, reading):
        result = _extract(item, gazetteer, seen, shard.settings) if isinstance(item, Article) else item
        if isinstance(result, Rejection) and shard.held:
            # Its row stays as it is; see the job.
            reading.notes.append(f"{result.source_uri}: could not be read anew: {result.code}: {result.detail}")
        elif isinstance(result, Rejection):
            staging.add([("quarantine", rejection_row(result, shard.at))])
        else:
            seen[result.article.article_id] = result.article.source_uri
            staging.add(extraction_rows(result, gazetteer), len(result.article.text))
    staging.flush()
    unsettled = [file.uri for file in shard.files if not file.problem and not file.is_as_hashed()]
    _write_done(building, shard.run_id, staging.files, list(seen.items()), reading.notes, unsettled)
    building.rename(shard.folder)
    files = {name: [shard.folder / path.name for path in paths] for name, paths in staging.files.items()}
    return StagedShard(files, list(seen.items()), reading.notes, unsettled)


def _items(shard: Shard, reading: Reading) -> Iterator[Article | Rejection]:
    yield from read_articles(shard.files, shard.settings, reading)
    if shard.held:
        yield from _held_articles(shard.held)


def _held_articles(held: HeldArticles) -> Iterator[Article]:
    columns = ["source_id", "source_uri", "text", "url", "title", "source_name", "author", "published_at", "script"]
    rows = read_rows(held.path, ["article_id", *columns])
    wanted = pc.is_in(rows.column("article_id"), value_set=pa.array(held.article_ids, pa.string()))
    for row in rows.filter(wanted).drop_columns("article_id").to_pylist():
        yield Article(**row)


def _extract(
    article: Article, gazetteer: Gazetteer, seen: Mapping[str, str], settings: IngestSettings
) -> Extraction | Rejection:
    if article.article_id in seen:
        return repeated(article.article_id, article.source_uri, seen[article.article_id])
    try:
        with time_limit(settings.limits.seconds):
            return extract_article(article, gazetteer)
    except TooSlowError:
        detail = f"took more than {settings.limits.seconds:g} s to extract from"
        return Rejection(article.source_uri, "extract", "too_slow", detail, article.text[:200])
    except Exception as error:
        # A fault of ours on one article must not stop the rest, and must not pass unseen.
        return Rejection(article.source_uri, "extract", "stage_failed", repr(error), article.text[:200])


def repeated(article_id: str, uri: str, first: str) -> Rejection:
    """The rejection of a record whose article is there already, from `first`."""
    return Rejection(uri, "commit", "repeated", f"the same id and text as {first}, which is article {article_id}")


class _Staging:
    """The rows of a shard on their way into Parquet files: a part is written when enough are there."""

    def __init__(self, folder: Path, shard: Shard) -> None:
        self._folder = folder
        self._provenance: Row = {"run_id": shard.run_id, "schema_version": SCHEMA_VERSION}
        self._rows: dict[str, list[Row]] = defaultdict(list)
        self._n_articles = self._n_characters = self._part = 0
        self.files: dict[str, list[Path]] = defaultdict(list)

    def add(self, rows: Iterable[tuple[str, Row]], n_characters: int = 0) -> None:
        for name, row in rows:
            self._rows[name].append({**row, **self._provenance})
        self._n_articles += 1
        self._n_characters += n_characters
        if self._n_articles >= _ARTICLES_AT_ONCE or self._n_characters >= _CHARACTERS_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        for name, rows in self._rows.items():
            path = self._folder / f"{name}-{self._part:05d}.parquet"
            stage_rows(name, rows, path)
            self.files[name].append(path)
        self._rows.clear()
        self._n_articles = self._n_characters = 0
        self._part += 1


def _write_done(
    folder: Path,
    run_id: str,
    files: Mapping[str, list[Path]],
    articles: list[tuple[str, str]],
    notes: list[str],
    unsettled: list[str],
) -> None:
    """Writes beside the files of a shard what they are: whoever finds it finds them whole, or others than it says."""
    said = {
        "run_id": run_id,
        "files": {name: {path.name: asdict(entry_of(path)) for path in paths} for name, paths in files.items()},
        "articles": articles,
        "notes": notes,
        "unsettled": unsettled,
    }
    temporary = folder / f"{_DONE}.tmp"
    temporary.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    temporary.replace(folder / _DONE)


def _finished(shard: Shard) -> StagedShard | None:
    """What an earlier run has made of this shard, with this run's name in its rows; None where it is not whole."""
    try:
        said = json.loads((shard.folder / _DONE).read_text(encoding="utf-8"))
        files = {name: [shard.folder / file for file in entries] for name, entries in said["files"].items()}
        whole = all(
            asdict(entry_of(shard.folder / file)) == entry
            for entries in said["files"].values()
            for file, entry in entries.items()
        )
    except (OSError, ValueError, KeyError, pa.ArrowException):
        whole = False
    if not whole or said["unsettled"]:
        remove(shard.folder)
        return None
    articles = [(article, uri) for article, uri in said["articles"]]
    if said["run_id"] != shard.run_id:
        for path in (path for paths in files.values() for path in paths):
            _rename_run(path, shard.run_id)
        _write_done(shard.folder, shard.run_id, files, articles, said["notes"], [])
    return StagedShard(files, articles, said["notes"], resumed=True)


def _rename_run(path: Path, run_id: str) -> None:
    rows = read_rows(path)
    index = rows.column_names.index("run_id")
    named = rows.set_column(index, rows.schema.field("run_id"), pa.array([run_id] * rows.num_rows, pa.string()))
    temporary = path.with_suffix(".tmp")
    write_rows(named, temporary)
    temporary.replace(path)
