"""One run: find the inputs, plan shards, map the stages over them, find reprints, check, commit. Knows the order."""

from __future__ import annotations

import importlib.metadata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.config import Settings
from pipeline.engine import run_shards
from pipeline.extraction import fingerprint
from pipeline.gazetteer import gazetteer_hash, load_gazetteer
from pipeline.ingest import InputFile, Signatures, find_duplicates, find_inputs, input_uri, is_gone_from
from pipeline.recognise import tagger_hash
from pipeline.resources import lexicon_hash
from pipeline.shards import HeldArticles, Shard, StagedShard, plan, process_shard, repeated
from pipeline.tables.commit import Changes, Retention, Store
from pipeline.tables.commits import Commit, content_of, input_state, outdated
from pipeline.tables.contract import check_batch, check_counts
from pipeline.tables.files import write_rows
from pipeline.tables.generation import mark_duplicates
from pipeline.tables.history import new_run_id
from pipeline.tables.rows import Row, region_rows, rejection_row, stage_rows
from pipeline.tables.schema import ALL_TABLES, OF_ARTICLE, SCHEMA_VERSION

EXIT_COMMITTED = 0
EXIT_TOO_MANY_REJECTED = 3
_SIGNATURE = ["article_id", "published_at", "n_shingles", "minhash"]
_HELD_AT_ONCE = 2_000
"""Committed articles in one shard where they are read anew."""


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run did. `commit` is None where nothing was new. Counts are of this run's rows, by table, and of the
    reprints among its articles (`duplicates`).
    """

    run_id: str
    commit: Commit | None
    n_inputs: int
    n_skipped: int
    counts: dict[str, int] = field(default_factory=dict)
    exit_code: int = EXIT_COMMITTED
    n_withdrawn: int = 0


@dataclass(frozen=True, slots=True)
class _Work:
    """What a run has to do: the inputs to read, by why, those to withdraw, and those to read anew from their rows."""

    inputs: list[InputFile]
    new: list[InputFile]
    changed: list[InputFile]
    again: list[InputFile]
    gone: list[str]
    held: list[str]

    @property
    def to_read(self) -> list[InputFile]:
        """All inputs to read, in the order of all inputs."""
        wanted = {file.uri for file in (*self.new, *self.changed, *self.again)}
        return [file for file in self.inputs if file.uri in wanted]

    def is_nothing(self) -> bool:
        """Whether there is no work."""
        return not (self.new or self.changed or self.again or self.gone or self.held)


@dataclass(frozen=True, slots=True)
class _Run:
    run_id: str
    started: datetime
    settings: Settings
    fingerprint: str
    work: _Work
    staging: Path
    previous: Commit | None


def run(settings: Settings, progress: Callable[[str], None] = lambda _: None) -> RunResult:
    """Carries out one run. Raises MissingInputError, UnreadableInputError, OutputError, LockedError, ContractError,
    WorkerError.

    Whatever is raised, what readers see did not change.
    """
    started = datetime.now(UTC)
    run_id = new_run_id()
    inputs = find_inputs(settings.run.inputs, Path(settings.run.output))
    store = Store(Path(settings.run.output))
    with store.locked(progress):
        previous = store.latest()
        made_by = fingerprint(settings.ingest)
        work = _work(store, inputs, previous, settings, made_by)
        if previous and work.is_nothing():
            store.clear_staging()
            return RunResult(run_id, None, len(inputs), len(inputs))
        progress(_plan_in_words(work))
        this = _Run(run_id, started, settings, made_by, work, store.stage(run_id), previous)
        shards = list(_shards(store, this))
        staged = []
        for done, result in enumerate(run_shards(process_shard, shards, settings.run.workers), start=1):
            staged.append(result)
            for note in result.notes:
                progress(note)
            finished = " (finished by an earlier run)" if result.resumed else ""
            progress(f"shard {done} of {len(shards)}: {len(result.articles)} articles{finished}")
        return _commit(store, this, staged)


def _work(store: Store, inputs: list[InputFile], previous: Commit | None, settings: Settings, made_by: str) -> _Work:
    """Compares the inputs with what is committed: by content, and by what read it."""
    known = previous.inputs if previous else {}
    new = [file for file in inputs if file.uri not in known]
    changed: list[InputFile] = []
    again: list[InputFile] = []
    for file in inputs:
        if (state := known.get(file.uri)) is not None and state != input_state(_content(file), made_by):
            (again if content_of(state) == content_of(input_state(_content(file), "")) else changed).append(file)
    found = {file.uri for file in inputs}
    absent = [uri for uri in known if uri not in found]
    gone = [uri for uri in absent if settings.run.prune and is_gone_from(settings.run.inputs, uri)]
    left = set(gone)
    held = [uri for uri in outdated(known, made_by) if uri not in found and uri not in left]
    if known and (new or changed or gone):
        # An article that was there already when its record came may leave now with the input that it came from first.
        listed = {file.uri for file in (*new, *changed, *again)}
        repeats = store.inputs_with_repeats()
        again += [file for file in inputs if file.uri in repeats and file.uri not in listed]
    return _Work(inputs, new, changed, again, gone, held)


def _content(file: InputFile) -> str:
    return file.sha256 or file.problem.encode().hex()


def _plan_in_words(work: _Work) -> str:
    parts = [(len(work.new), "new"), (len(work.changed), "changed"), (len(work.again), "to be read anew")]
    told = ", ".join(f"{number} {what}" for number, what in parts if number) or "none new"
    rest = f"; {len(work.gone)} gone and withdrawn" if work.gone else ""
    rest += f"; {len(work.held)} not at hand, whose articles are read anew from the tables" if work.held else ""
    return f"{len(work.inputs)} input files: {told}{rest}; the others are unchanged"


def _shards(store: Store, this: _Run) -> Iterator[Shard]:
    settings = this.settings
    common = {
        "staging": store.staging,
        "run_id": this.run_id,
        "at": this.started,
        "fingerprint": this.fingerprint,
        "settings": settings.ingest,
    }
    for files in plan(this.work.to_read, settings.run.shard_bytes):
        yield Shard(files=files, **common)  # type: ignore[arg-type]
    if not this.work.held or this.previous is None:
        return
    wanted = frozenset(this.work.held)
    for path in store.files_of(this.previous, "articles"):
        rows = pq.ParquetFile(path).read(columns=["article_id", "source_uri"]).to_pylist()
        ids = [row["article_id"] for row in rows if input_uri(row["source_uri"]) in wanted]
        for start in range(0, len(ids), _HELD_AT_ONCE):
            held = HeldArticles(path, tuple(ids[start : start + _HELD_AT_ONCE]))
            yield Shard(files=(), held=held, **common)  # type: ignore[arg-type]


def _commit(store: Store, this: _Run, staged: list[StagedShard]) -> RunResult:
    work, settings = this.work, this.settings
    replaced = frozenset(file.uri for file in work.to_read) | frozenset(work.gone)
    # What cannot be opened today has not changed: its rows stay, as those of a file that is gone do.
    unopened = frozenset(file.uri for file in work.to_read if file.problem)
    index = store.index()
    leaving = _articles_of(index, this.previous, replaced - unopened)
    # An article that could not be read anew from its row keeps it; the next run tries again.
    made_anew = {article for shard in staged for article, _ in shard.articles}
    of_held = _articles_of(index, this.previous, frozenset(work.held))
    kept_as_they_are = _inputs_of(index, of_held - made_anew)
    leaving |= of_held & made_anew
    staying = index.filter(
        pc.invert(pc.is_in(index.column("article_id"), value_set=pa.array(sorted(leaving), pa.string())))
    )
    batch = _Batch(this, staged, staying)
    duplicate_of, marks = _find_reprints(staying, batch, whole=bool(leaving))
    batch.mark(duplicate_of)
    gazetteer = load_gazetteer()
    made_with = (gazetteer_hash(), SCHEMA_VERSION)
    if this.previous is None or (this.previous.gazetteer_hash, this.previous.schema_version) != made_with:
        batch.stage("regions", list(region_rows(gazetteer.regions.values())))
    counts = batch.counts()
    counts["duplicates"] = sum(1 for article in batch.article_ids if article in duplicate_of)
    exit_code = EXIT_TOO_MANY_REJECTED if counts["quarantine"] > settings.run.max_rejected else EXIT_COMMITTED
    batch.stage("runs", [_run_row(this, counts, exit_code)])
    counts["runs"] = 1
    region_codes = frozenset(gazetteer.regions)
    for part in batch.parts:
        check_batch(part, region_codes)
    inputs = dict(this.previous.inputs) if this.previous else {}
    for uri in work.gone:
        del inputs[uri]
    inputs |= {file.uri: input_state(_content(file), this.fingerprint) for file in work.to_read}
    # To be read when they are named next, whatever their bytes: what changed or could not be opened while it was read, what
    # was made anew from its rows, not from its bytes, and, where articles left, what repeated one of theirs.
    unsettled = {*batch.unsettled, *(set(work.held) - kept_as_they_are)}
    if leaving:
        unsettled |= (store.inputs_with_repeats() - replaced) & inputs.keys()
    inputs |= {uri: input_state("", this.fingerprint) for uri in unsettled}
    commit = store.publish(
        batch.files,
        {
            "run_id": this.run_id,
            "kind": "run",
            "fingerprint": this.fingerprint,
            "gazetteer_hash": gazetteer_hash(),
            "schema_version": SCHEMA_VERSION,
            "inputs": inputs,
        },
        Changes(leaving, replaced, marks),
        retention_of(settings),
        check=lambda previous, made: check_counts(previous, made, counts, settings.contract.largest_fall),
    )
    n_skipped = len(work.inputs) - len(work.to_read)
    return RunResult(this.run_id, commit, len(work.inputs), n_skipped, dict(counts), exit_code, len(work.gone))


class _Batch:
    """The rows of this run: the files of its shards, less the articles that are there already, and its own rows.

    A shard's files are never written to, for the next run may use them: what changes is written beside them.
    """

    def __init__(self, this: _Run, staged: list[StagedShard], staying: pa.Table) -> None:
        self._this = this
        self._written = 0
        self.parts: list[dict[str, list[Path]]] = []
        self.unsettled = [uri for shard in staged for uri in shard.unsettled]
        self.article_ids: list[str] = []
        self._leave_out_repeated(staged, _held_already(staged, staying))

    @property
    def files(self) -> dict[str, list[Path]]:
        """The files of the batch by table."""
        return {name: [path for part in self.parts for path in part.get(name, ())] for name in ALL_TABLES}

    def counts(self) -> Counter[str]:
        """Rows of the batch by table."""
        return Counter({name: sum(pq.read_metadata(p).num_rows for p in paths) for name, paths in self.files.items()})

    def stage(self, name: str, rows: list[Row]) -> None:
        """Adds rows of the run itself."""
        provenance: Row = {"run_id": self._this.run_id, "schema_version": SCHEMA_VERSION}
        path = self._new_file(name)
        stage_rows(name, [{**row, **provenance} for row in rows], path)
        self.parts.append({name: [path]})

    def signatures(self) -> pa.Table:
        """The rows of `signatures` of the batch's articles."""
        parts = [pq.ParquetFile(path).read() for path in self.files["signatures"]]
        return pa.concat_tables(parts or [ALL_TABLES["signatures"].schema.empty_table()])

    def mark(self, duplicate_of: Mapping[str, str]) -> None:
        """Sets `duplicate_of` in the rows of reprints."""
        self._rewrite(
            ("articles", "links", "signatures"), duplicate_of.keys(), lambda rows: mark_duplicates(rows, duplicate_of)
        )

    def _leave_out_repeated(self, staged: list[StagedShard], owned: Mapping[str, str]) -> None:
        """Leaves out articles that are held already (same id, same text), by an earlier shard or, in `owned`, by an input
        that this run does not read, and quarantines the repeated records.
        """
        seen = dict(owned)
        again: list[Row] = []
        for shard in staged:
            known = {article for article, _ in shard.articles if article in seen}
            for article, uri in shard.articles:
                if article in known:
                    again.append(rejection_row(repeated(article, uri, seen[article]), self._this.started))
            parts = list(shard.parts)
            if known:
                values = pa.array(sorted(known), pa.string())
                self._rewrite(
                    OF_ARTICLE,
                    known,
                    lambda rows, values=values: rows.filter(  # type: ignore[misc]
                        pc.invert(pc.is_in(rows.column("article_id"), value_set=values))
                    ),
                    parts,
                )
            self.parts += parts
            for article, uri in shard.articles:
                if article not in known:
                    seen[article] = uri
                    self.article_ids.append(article)
        if again:
            self.stage("quarantine", again)

    def _rewrite(
        self,
        names: Iterable[str],
        article_ids: Iterable[str],
        change: Callable[[pa.Table], pa.Table],
        parts: list[dict[str, list[Path]]] | None = None,
    ) -> None:
        """Writes anew the files of these tables that hold these articles, with their rows changed."""
        wanted = pa.array(sorted(article_ids), pa.string())
        for part in self.parts if parts is None else parts:
            for name in names:
                part[name] = [self._rewritten(name, path, wanted, change) for path in part.get(name, ())]

    def _rewritten(
        self, name: str, path: Path, wanted: pa.Array[pa.StringScalar], change: Callable[[pa.Table], pa.Table]
    ) -> Path:
        ids = pq.ParquetFile(path).read(columns=["article_id"]).column("article_id")
        if not pc.any(pc.is_in(ids, value_set=wanted)).as_py():
            return path
        target = self._new_file(name)
        write_rows(change(pq.ParquetFile(path).read()), target)
        return target

    def _new_file(self, name: str) -> Path:
        self._written += 1
        return self._this.staging / f"{name}-{self._written:05d}.parquet"


def _held_already(staged: list[StagedShard], staying: pa.Table) -> dict[str, str]:
    """source_uri of the committed articles that stay and that this run has read again, by id."""
    ids = pa.array([article for shard in staged for article, _ in shard.articles], pa.string())
    again = staying.filter(pc.is_in(staying.column("article_id"), value_set=ids)).select(["article_id", "source_uri"])
    return {row["article_id"]: row["source_uri"] for row in again.to_pylist()}


def _articles_of(index: pa.Table, previous: Commit | None, uris: frozenset[str]) -> frozenset[str]:
    """The committed articles that came from these inputs."""
    if previous is None or not uris & previous.inputs.keys():
        return frozenset()
    rows: list[Any] = index.select(["article_id", "source_uri"]).to_pylist()
    return frozenset(row["article_id"] for row in rows if input_uri(row["source_uri"]) in uris)


def _inputs_of(index: pa.Table, article_ids: frozenset[str]) -> frozenset[str]:
    """The inputs that these committed articles came from."""
    rows: list[Any] = index.select(["article_id", "source_uri"]).to_pylist() if article_ids else []
    return frozenset(input_uri(row["source_uri"]) for row in rows if row["article_id"] in article_ids)


def _find_reprints(staying: pa.Table, batch: _Batch, *, whole: bool) -> tuple[dict[str, str], dict[str, str | None]]:
    """`duplicate_of` of articles of this run, and of committed ones where it is another now than in their rows.

    Where articles leave, a reprint may have lost its first: then all are looked at (`whole`), else those alone that this
    run's articles resemble.
    """
    fresh = batch.signatures()
    if not staying.num_rows:
        staying = fresh.schema.empty_table()
    both = pa.concat_tables([staying.select(_SIGNATURE), fresh.select(_SIGNATURE)])
    new = np.arange(both.num_rows) >= staying.num_rows
    duplicate_of, looked_at = find_duplicates(Signatures.of_table(both), None if whole else new)
    ids = pa.array(sorted(looked_at), pa.string())
    concerned = staying.filter(pc.is_in(staying.column("article_id"), value_set=ids))
    known: list[Any] = concerned.select(["article_id", "duplicate_of"]).to_pylist()
    marks = {
        row["article_id"]: duplicate_of.get(row["article_id"])
        for row in known
        if row["duplicate_of"] != duplicate_of.get(row["article_id"])
    }
    own = set(fresh.column("article_id").to_pylist())
    return {article: first for article, first in duplicate_of.items() if article in own}, marks


def _run_row(this: _Run, counts: Counter[str], exit_code: int) -> Row:
    work = this.work
    return {
        "started_at": this.started,
        "finished_at": datetime.now(UTC),
        "code_version": importlib.metadata.version("biaogan"),
        "fingerprint": this.fingerprint,
        "gazetteer_hash": gazetteer_hash(),
        "lexicon_hash": lexicon_hash(),
        "tagger_hash": tagger_hash(),
        "config_hash": this.settings.digest(),
        "n_inputs": len(work.inputs),
        "n_skipped": len(work.inputs) - len(work.to_read),
        "n_new": len(work.new),
        "n_changed": len(work.changed),
        "n_reextracted": len(work.again) + len(work.held),
        "n_withdrawn": len(work.gone),
        "n_articles": counts["articles"],
        "n_duplicates": counts["duplicates"],
        "n_mentions": counts["mentions"],
        "n_links": counts["links"],
        "n_quarantined": counts["quarantine"],
        "exit_code": exit_code,
    }


def retention_of(settings: Settings) -> Retention:
    """How long the settings keep old generations."""
    return Retention(settings.commit.keep_generations, settings.commit.keep_hours)
