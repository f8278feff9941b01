"""One run: find the inputs, plan shards, map the stages over them, find reprints, check, commit. Knows the order."""

from __future__ import annotations

import importlib.metadata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pipeline.batch import Batch, find_reprints
from pipeline.config import Settings
from pipeline.engine import run_shards
from pipeline.extraction import fingerprint
from pipeline.gazetteer import gazetteer_hash, load_gazetteer
from pipeline.ingest import InputFile, find_inputs, input_uri, is_gone_from
from pipeline.recognise import tagger_hash
from pipeline.resources import lexicon_hash
from pipeline.shards import HeldArticles, Shard, StagedShard, plan, process_shard
from pipeline.tables.commit import Changes, Retention, Store
from pipeline.tables.commits import Commit, content_of, fingerprint_of, input_state, outdated
from pipeline.tables.contract import check_batch, check_counts
from pipeline.tables.files import read_rows
from pipeline.tables.history import new_run_id
from pipeline.tables.rows import Row, region_rows
from pipeline.tables.schema import SCHEMA_VERSION
from pipeline.tables.signatures import SignatureFiles

EXIT_COMMITTED = 0
EXIT_TOO_MANY_REJECTED = 3
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

    @property
    def replaced(self) -> frozenset[str]:
        """The inputs whose earlier rows are not to stay."""
        return frozenset(file.uri for file in self.to_read) | frozenset(self.gone)

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
    at_hand = {file.uri for file in inputs if not file.problem}
    held = [uri for uri in outdated(known, made_by) if uri not in at_hand and uri not in left]
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
    told += "; the others are unchanged" if len(work.inputs) > len(work.to_read) else ""
    rest = f"; {len(work.gone)} gone and withdrawn" if work.gone else ""
    rest += f"; {len(work.held)} not at hand, whose articles are read anew from the tables" if work.held else ""
    return f"{len(work.inputs)} input files: {told}{rest}"


def _shards(store: Store, this: _Run) -> Iterator[Shard]:
    settings = this.settings
    common = {
        "staging": store.staging,
        "run_id": this.run_id,
        "at": this.started,
        "fingerprint": this.fingerprint,
        "settings": settings.ingest,
    }
    # Committed articles first: one that an input at hand repeats stays that of the input that it came from.
    wanted = frozenset(this.work.held)
    for path in store.files_of(this.previous, "articles") if this.previous and wanted else ():
        rows = read_rows(path, ["article_id", "source_uri"]).to_pylist()
        ids = [row["article_id"] for row in rows if input_uri(row["source_uri"]) in wanted]
        for start in range(0, len(ids), _HELD_AT_ONCE):
            held = HeldArticles(path, tuple(ids[start : start + _HELD_AT_ONCE]))
            yield Shard(files=(), held=held, **common)  # type: ignore[arg-type]
    for files in plan(this.work.to_read, settings.run.shard_bytes):
        yield Shard(files=files, **common)  # type: ignore[arg-type]


def _commit(store: Store, this: _Run, staged: list[StagedShard]) -> RunResult:
    work, settings = this.work, this.settings
    leaving = _leaving(store, this, staged)
    held = store.signature_files(leaving.article_ids, this.staging)
    batch = Batch(this.run_id, this.started, this.staging)
    signatures = SignatureFiles(held)
    batch.take(staged, signatures, leaving.article_ids)
    signatures.add(batch.files["signatures"])
    duplicate_of, marks = find_reprints(signatures, batch.article_ids, leaving.article_ids)
    if this.previous and this.previous.schema_version != SCHEMA_VERSION:
        batch.parts.append({"signatures": held})  # signed anew, marked with the others
        batch.mark(duplicate_of | marks)
    else:
        batch.mark(duplicate_of)
    gazetteer = load_gazetteer()
    made_with = (gazetteer_hash(), SCHEMA_VERSION)
    if this.previous is None or (this.previous.gazetteer_hash, this.previous.schema_version) != made_with:
        batch.stage("regions", list(region_rows(gazetteer.regions.values())))
    counts = batch.counts()
    counts["duplicates"] = len(duplicate_of)
    exit_code = EXIT_TOO_MANY_REJECTED if counts["quarantine"] > settings.run.max_rejected else EXIT_COMMITTED
    batch.stage("runs", [_run_row(this, counts, exit_code)])
    counts["runs"] = 1
    region_codes = frozenset(gazetteer.regions)
    for part in batch.parts:
        check_batch(part, region_codes)
    commit = store.publish(
        batch.files,
        {
            "run_id": this.run_id,
            "kind": "run",
            "fingerprint": this.fingerprint,
            "gazetteer_hash": gazetteer_hash(),
            "schema_version": SCHEMA_VERSION,
            "inputs": _inputs_after(this, leaving, batch.unsettled),
        },
        Changes(leaving.article_ids, work.replaced, marks),
        retention_of(settings),
        check=lambda previous, made: check_counts(previous, made, counts, settings.contract.largest_fall),
    )
    n_skipped = len(work.inputs) - len(work.to_read)
    return RunResult(this.run_id, commit, len(work.inputs), n_skipped, dict(counts), exit_code, len(work.gone))


@dataclass(frozen=True, slots=True)
class _Leaving:
    """What a run takes out: the committed articles whose rows leave; the inputs of which some stay though they were to be
    read; and those that are to be read when they are named next, whatever their bytes.
    """

    article_ids: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    unsettled: frozenset[str] = frozenset()


def _leaving(store: Store, this: _Run, staged: list[StagedShard]) -> _Leaving:
    work, known = this.work, this.previous.inputs if this.previous else {}
    asked, held = (work.replaced & known.keys()) | frozenset(work.held), frozenset(work.held)
    if not asked:
        return _Leaving()
    came_from = {article: input_uri(uri) for article, uri in store.columns("articles", "article_id", "source_uri")}
    made_anew = {article for shard in staged for article, _ in shard.articles}
    # What could not be opened has not changed, and what changed or went while it was read is read again by the next run:
    # of these, as of inputs that are not at hand, the articles stay that were not made anew.
    unopened = frozenset(file.uri for file in work.to_read if file.problem)
    broken_off = frozenset(uri for shard in staged for uri in shard.unsettled)
    in_part = held | broken_off
    leaving = frozenset(
        article
        for article, uri in came_from.items()
        if uri in asked - (unopened - held) and (article in made_anew or uri not in in_part)
    )
    kept = frozenset(uri for article, uri in came_from.items() if uri in asked and article not in leaving)
    # Made anew from rows, not from bytes; and, where articles leave, what repeated one of theirs.
    unsettled = held - kept - unopened
    if leaving:
        unsettled |= (store.inputs_with_repeats() - work.replaced) & known.keys()
    return _Leaving(leaving, kept, unsettled)


def _inputs_after(this: _Run, leaving: _Leaving, broken_off: set[str]) -> dict[str, str]:
    """The state of all inputs whose rows the new generation holds. Of unsettled ones the bytes are not known; those that
    kept rows were read by what read them before.
    """
    known = this.previous.inputs if this.previous else {}
    inputs = {uri: state for uri, state in known.items() if uri not in set(this.work.gone)}
    inputs |= {file.uri: input_state(_content(file), this.fingerprint) for file in this.work.to_read}
    inputs |= {uri: input_state("", this.fingerprint) for uri in leaving.unsettled | broken_off}
    return inputs | {uri: input_state(content_of(inputs[uri]), fingerprint_of(known[uri])) for uri in leaving.kept}


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
