"""One run: find the inputs, plan shards, map the stages over them, check the rows, commit. Knows the order."""

from __future__ import annotations

import hashlib
import importlib.metadata
import secrets
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.config import Settings
from pipeline.engine import run_shards
from pipeline.extraction import extract_article, fingerprint
from pipeline.gazetteer import Gazetteer, gazetteer_hash, load_gazetteer
from pipeline.ingest import InputFile, find_inputs, read_articles
from pipeline.recognise import tagger_hash
from pipeline.records import Article, Extraction, Rejection
from pipeline.resources import lexicon_hash
from pipeline.tables.commit import Commit, Store, Withdrawal, input_uri, write_rows
from pipeline.tables.contract import check_batch
from pipeline.tables.rows import Row, extraction_rows, region_rows, rejection_row, stage_rows
from pipeline.tables.schema import SCHEMA_VERSION, TABLES

EXIT_COMMITTED = 0
EXIT_TOO_MANY_REJECTED = 3


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run did. `commit` is None where nothing was new. Counts are of this run's rows, by table."""

    run_id: str
    commit: Commit | None
    n_inputs: int
    n_skipped: int
    counts: dict[str, int] = field(default_factory=dict)
    exit_code: int = EXIT_COMMITTED


@dataclass(frozen=True, slots=True)
class Shard:
    """A unit of work: files of bounded bytes, and the folder where the rows of each table are staged as Parquet."""

    number: int
    files: tuple[InputFile, ...]
    staging: str
    run_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StagedShard:
    """What a shard left: its Parquet file by table, and (article_id, source_uri) of its articles in order."""

    files: dict[str, Path]
    articles: tuple[tuple[str, str], ...]


def run(settings: Settings, progress: Callable[[str], None] = lambda _: None) -> RunResult:
    """Carries out one run. Raises MissingInputError, UnreadableInputError, OutputError, LockedError, ContractError,
    WorkerError.

    Whatever is raised, what readers see did not change.
    """
    started = datetime.now(UTC)
    run_id = f"{started:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
    inputs = find_inputs(settings.run.inputs)
    store = Store(Path(settings.run.output))
    with store.locked():
        previous = store.latest()
        store.check_schema(previous, {file.uri for file in inputs})
        new = _not_yet_committed(store, inputs, previous)
        if not new and previous:
            return RunResult(run_id, None, len(inputs), len(inputs))
        progress(f"reading {len(new)} of {len(inputs)} input files, the others are unchanged")
        staging = store.stage(run_id)
        shards = [
            Shard(number, files, str(staging), run_id, started)
            for number, files in enumerate(_plan(new, settings.run.shard_bytes))
        ]
        staged = []
        for done, result in enumerate(run_shards(process_shard, shards, settings.run.workers), start=1):
            staged.append(result)
            progress(f"shard {done} of {len(shards)}: {len(result.articles)} articles")
        return _commit(store, settings, previous, _Run(run_id, started, inputs, new, staging), staged)


def process_shard(shard: Shard) -> StagedShard:
    """Reads the files of a shard, extracts each article, and stages the rows. Runs in a worker process."""
    gazetteer = load_gazetteer()
    rows: dict[str, list[Row]] = defaultdict(list)
    articles: dict[str, str] = {}
    for item in read_articles(shard.files):
        result = _extract(item, gazetteer, articles) if isinstance(item, Article) else item
        if isinstance(result, Rejection):
            rows["quarantine"].append(rejection_row(result, shard.at))
            continue
        articles[result.article.article_id] = result.article.source_uri
        for table, row in extraction_rows(result, gazetteer):
            rows[table].append(row)
    folder = Path(shard.staging) / f"{shard.number:06d}"
    folder.mkdir()
    return StagedShard(
        {name: _stage(name, table_rows, shard.run_id, folder) for name, table_rows in rows.items()},
        tuple(articles.items()),
    )


def _extract(article: Article, gazetteer: Gazetteer, seen: Mapping[str, str]) -> Extraction | Rejection:
    if article.article_id in seen:
        return _repeated(article.article_id, article.source_uri, seen[article.article_id])
    try:
        return extract_article(article, gazetteer)
    except Exception as error:
        # A fault of ours on one article must not stop the rest, and must not pass unseen.
        return Rejection(article.source_uri, "extract", "stage_failed", repr(error), article.text[:200])


def _repeated(article_id: str, uri: str, first: str) -> Rejection:
    return Rejection(uri, "commit", "repeated", f"the same id and text as {first}, which is article {article_id}")


@dataclass(frozen=True, slots=True)
class _Run:
    run_id: str
    started: datetime
    inputs: list[InputFile]
    new: list[InputFile]
    staging: Path


def _not_yet_committed(store: Store, inputs: Iterable[InputFile], previous: Commit | None) -> list[InputFile]:
    """The inputs to read: new and changed ones, those that other code, models or data read, and, where there are any of
    these, those with a repeated record, for the article that it repeats may leave with its own input.
    """
    if previous is None:
        return list(inputs)
    new = {file.uri for file in inputs if previous.inputs.get(file.uri) != _state(file)}
    if new:
        new |= store.inputs_with_repeats()
    return [file for file in inputs if file.uri in new]


def _state(file: InputFile) -> str:
    """Hash of the bytes of an input and of all that decides what is made of them."""
    return hashlib.sha256(f"{file.sha256} {file.problem} {fingerprint()}".encode()).hexdigest()


def _plan(files: Iterable[InputFile], shard_bytes: int) -> list[tuple[InputFile, ...]]:
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


def _commit(
    store: Store, settings: Settings, previous: Commit | None, this: _Run, staged: list[StagedShard]
) -> RunResult:
    read_again = frozenset(file.uri for file in this.new)
    owned = {article: uri for article, uri in store.article_sources() if input_uri(uri) not in read_again}
    repeated = _drop_repeated(staged, owned, this)
    batch: dict[str, list[Path]] = {name: [s.files[name] for s in staged if name in s.files] for name in TABLES}
    batch["quarantine"] += repeated
    gazetteer = load_gazetteer()
    if previous is None or (previous.gazetteer_hash, previous.schema_version) != (gazetteer_hash(), SCHEMA_VERSION):
        regions = list(region_rows(gazetteer.regions.values()))
        batch["regions"] = [_stage("regions", regions, this.run_id, this.staging)]
    counts = Counter({name: sum(pq.read_metadata(path).num_rows for path in batch[name]) for name in TABLES})
    exit_code = EXIT_TOO_MANY_REJECTED if counts["quarantine"] > settings.run.max_rejected else EXIT_COMMITTED
    batch["runs"] = [_stage("runs", [_run_row(settings, this, counts, exit_code)], this.run_id, this.staging)]
    counts["runs"] = 1
    region_codes = frozenset(gazetteer.regions)
    for shard in staged:
        check_batch({name: [path] for name, path in shard.files.items()}, region_codes)
    check_batch({name: paths[-1:] for name, paths in batch.items() if name in ("regions", "runs")}, region_codes)
    inputs = dict(previous.inputs) if previous else {}
    inputs.update({file.uri: _state(file) for file in this.new})
    commit = store.publish(
        batch,
        {
            "run_id": this.run_id,
            "fingerprint": fingerprint(),
            "gazetteer_hash": gazetteer_hash(),
            "schema_version": SCHEMA_VERSION,
            "inputs": inputs,
        },
        Withdrawal(frozenset(store.article_ids_of(read_again)), read_again),
        settings.commit.keep_generations,
    )
    return RunResult(this.run_id, commit, len(this.inputs), len(this.inputs) - len(this.new), dict(counts), exit_code)


def _drop_repeated(staged: list[StagedShard], owned: Mapping[str, str], this: _Run) -> list[Path]:
    """Leaves out articles that are held already (same id, same text), by an earlier shard or, in `owned`, by an input
    that this run does not read, and quarantines the repeated records.
    """
    seen = dict(owned)
    repeated: list[Row] = []
    for shard in staged:
        again = {article_id: uri for article_id, uri in shard.articles if article_id in seen}
        repeated += [rejection_row(_repeated(a, uri, seen[a]), this.started) for a, uri in again.items()]
        if again:
            for path in shard.files.values():
                _leave_out(path, pa.array(sorted(again), pa.string()))
        seen |= dict(shard.articles) | {article_id: seen[article_id] for article_id in again}
    return [_stage("quarantine", repeated, this.run_id, this.staging)] if repeated else []


def _leave_out(path: Path, article_ids: pa.Array[pa.StringScalar]) -> None:
    rows = pq.ParquetFile(path).read()
    if "article_id" in rows.column_names:
        write_rows(rows.filter(pc.invert(pc.is_in(rows.column("article_id"), value_set=article_ids))), path)


def _run_row(settings: Settings, this: _Run, counts: Counter[str], exit_code: int) -> Row:
    return {
        "started_at": this.started,
        "finished_at": datetime.now(UTC),
        "code_version": importlib.metadata.version("biaogan"),
        "fingerprint": fingerprint(),
        "gazetteer_hash": gazetteer_hash(),
        "lexicon_hash": lexicon_hash(),
        "tagger_hash": tagger_hash(),
        "config_hash": settings.digest(),
        "n_inputs": len(this.inputs),
        "n_skipped": len(this.inputs) - len(this.new),
        "n_articles": counts["articles"],
        "n_mentions": counts["mentions"],
        "n_links": counts["links"],
        "n_quarantined": counts["quarantine"],
        "exit_code": exit_code,
    }


def _stage(name: str, rows: list[Row], run_id: str, folder: Path) -> Path:
    provenance: Row = {"run_id": run_id, "schema_version": SCHEMA_VERSION}
    path = folder / f"{name}.parquet"
    stage_rows(name, [{**row, **provenance} for row in rows], path)
    return path
