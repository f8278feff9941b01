"""The state of an output folder as lines for people: its newest generation, its runs, its history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pipeline.config import Settings
from pipeline.extraction import fingerprint
from pipeline.tables.commit import OutputError, Store
from pipeline.tables.commits import outdated
from pipeline.tables.history import history
from pipeline.tables.read import read_table
from pipeline.tables.schema import SCHEMA_VERSION, TABLES

_RUNS_SHOWN = 5


def status_lines(store: Store, settings: Settings) -> Iterator[str]:
    """The newest generation, the last runs, what a run would do about code, models and settings that changed since."""
    latest = store.latest()
    if latest is None:
        raise OutputError(f"{store.root}: nothing is committed here; `biaogan run --output {store.root}` does")
    yield f"generation {latest.number} of {latest.time:%Y-%m-%d %H:%M:%S} UTC, by {latest.kind} {latest.run_id}"
    yield f"  {len(latest.inputs):,} inputs, {sum(map(len, latest.files.values())):,} files, schema {latest.schema_version}"
    for name in TABLES:
        yield f"  {name:12}{latest.rows[name]:12,} rows"
    articles = read_table("articles", store.root)
    n_duplicates = articles.num_rows - articles.column("duplicate_of").null_count
    yield f"  {n_duplicates:,} of the articles are reprints of another"
    codes = Counter(read_table("quarantine", store.root).column("code").to_pylist())
    if codes:
        yield f"  quarantined: {', '.join(f'{count:,} {code}' for code, count in codes.most_common())}"
    behind = outdated(latest.inputs, fingerprint(settings.ingest))
    if behind or latest.schema_version != SCHEMA_VERSION:
        yield f"  code, models, data or settings changed: the next run reads {len(behind):,} inputs anew"
    kept = store.kept()
    yield f"  generations that can be read: {', '.join(map(str, kept))}"
    waiting = sum(1 for _ in (store.staging / "shards").glob("[0-9a-f]*"))
    if waiting:
        yield f"  {waiting} finished shards of a run that was ended wait for the next one"
    yield "last runs"
    yield (
        f"  {'run':28}{'inputs':>8}{'new':>7}{'changed':>9}{'anew':>7}{'gone':>6}{'articles':>10}"
        f"{'links':>8}{'refused':>9}"
    )
    runs = read_table("runs", store.root).sort_by([("started_at", "descending")]).slice(0, _RUNS_SHOWN)
    for run in runs.to_pylist():
        yield (
            f"  {run['run_id']:28}{run['n_inputs']:8,}{run['n_new']:7,}{run['n_changed']:9,}{run['n_reextracted']:7,}"
            f"{run['n_withdrawn']:6,}{run['n_articles']:10,}{run['n_links']:8,}{run['n_quarantined']:9,}"
        )


def history_lines(store: Store) -> Iterator[str]:
    """Every commit, oldest first."""
    commits = history(store)
    if not commits:
        raise OutputError(f"{store.root}: nothing is committed here")
    yield f"{'number':>6}  {'committed (UTC)':20}{'by':10}{'articles':>10}{'links':>9}{'quarantine':>12}  run"
    for commit, is_kept in commits:
        by = f"{commit.kind} {commit.source}" if commit.source else commit.kind
        gone = "" if is_kept else "  (no longer kept)"
        yield (
            f"{commit.number:6}  {commit.time:%Y-%m-%d %H:%M:%S} {by:10}{commit.rows['articles']:10,}"
            f"{commit.rows['links']:9,}{commit.rows['quarantine']:12,}  {commit.run_id}{gone}"
        )
