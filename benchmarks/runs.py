"""Many runs over the same articles: the same rows whatever the runs, and commits that do not grow slower.

    python benchmarks/runs.py same CORPUS.parquet [--articles 1000]
    python benchmarks/runs.py daily CORPUS.parquet [--runs 100] [--articles 100]

`same` reads the articles in one run, in ten, in another order, and with two workers, and compares the tables row by row.
`daily` makes a run a day and prints how long its commit took (from the last extraction to the new tables), the files of a
table, and both after `compact`. CORPUS has id, title, url, published, source, text.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

import pipeline.job
from pipeline.config import RunSettings, Settings
from pipeline.job import run
from pipeline.tables import TABLES, Store, read_table
from pipeline.tables.commit import Retention
from pipeline.tables.history import compact


def write_inputs(corpus: list[dict[str, Any]], folder: Path, at_once: int) -> list[Path]:
    """The articles as JSONL files of this many records."""
    folder.mkdir(parents=True)
    paths = []
    for start in range(0, len(corpus), at_once):
        path = folder / f"{start:06}.jsonl"
        lines = (json.dumps(article, ensure_ascii=False, default=str) for article in corpus[start : start + at_once])
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        paths.append(path)
    return paths


def commit(output: Path, inputs: Iterable[Path], **settings: Any) -> None:
    """A run over these inputs."""
    run(Settings(run=RunSettings(inputs=tuple(map(str, inputs)), output=str(output), max_rejected=10_000, **settings)))


def rows_of(output: Path) -> dict[str, list[str]]:
    """The rows of each table but `runs`, less what differs from run to run, sorted."""
    found = {}
    for name in TABLES:
        if name != "runs":
            table = read_table(name, output)
            table = table.drop_columns([c for c in ("run_id", "at") if c in table.column_names])
            found[name] = sorted(map(repr, table.to_pylist()))
    return found


def same(corpus: list[dict[str, Any]], folder: Path) -> bool:
    """Whether the tables are the same however the runs are cut."""
    paths = write_inputs(corpus, folder / "in", 10)
    shuffled = random.Random(3).sample(paths, len(paths))
    commit(folder / "one", paths)
    commit(folder / "two workers", paths, workers=2, shard_bytes=100_000)
    step = -(-len(paths) // 10)
    for start in range(0, len(paths), step):
        commit(folder / "ten runs", paths[start : start + step])
    for start in range(0, len(paths), step):
        commit(folder / "another order", shuffled[start : start + step])
    wanted = rows_of(folder / "one")
    alike = True
    for name in ("two workers", "ten runs", "another order"):
        found = rows_of(folder / name)
        differ = {
            table: len(set(found[table]) ^ set(wanted[table])) for table in wanted if found[table] != wanted[table]
        }
        alike &= not differ
        print(f"{name:14} {'the same rows' if not differ else f'rows that differ: {differ}'}")
    counts = ", ".join(f"{name} {len(rows):,}" for name, rows in wanted.items())
    print(f"one run        {counts}")
    return alike


def daily(corpus: list[dict[str, Any]], folder: Path, n_articles: int) -> None:
    """A run a day; prints the time of each tenth commit."""
    paths = write_inputs(corpus, folder / "in", n_articles)
    seconds: list[float] = []
    real = pipeline.job._commit

    def timed(*arguments: Any) -> Any:
        started = time.perf_counter()
        result = real(*arguments)
        seconds.append(time.perf_counter() - started)
        return result

    pipeline.job._commit = timed
    n_files: list[int] = []
    for path in paths:
        commit(folder / "out", [path])
        n_files.append(len(list((folder / "out/links").glob("*.parquet"))))
    print(f"{'run':>4}{'commit s':>10}{'files of links':>16}   (medians of five runs)")
    for number in [5, *range(10, len(paths) + 1, 10)]:
        around = seconds[max(0, number - 3) : number + 2]
        print(f"{number:4}{statistics.median(around):10.3f}{n_files[number - 1]:16}")
    slowest = max(range(5, len(paths)), key=seconds.__getitem__)
    tenths = statistics.quantiles(seconds[5:], n=10)
    print(
        f"of runs 6 to {len(paths)}: mean {statistics.mean(seconds[5:]):.3f} s, a tenth above {tenths[-1]:.3f} s, "
        f"slowest {seconds[slowest]:.3f} s (run {slowest + 1})"
    )
    first, last = statistics.median(seconds[2:7]), statistics.median(seconds[-5:])
    print(f"commit of run {len(paths)} to run 5 (medians of five): {last:.3f} s / {first:.3f} s = {last / first:.2f}")
    store = Store(folder / "out")
    before = {name: read_table(name, folder / "out").num_rows for name in TABLES}
    started = time.perf_counter()
    compact(store, Retention(5, 24.0), print)
    compacted = {name: len(list((folder / "out" / name).glob("*.parquet"))) for name in TABLES}
    assert before == {name: read_table(name, folder / "out").num_rows for name in TABLES}
    print(
        f"compact: {time.perf_counter() - started:.2f} s, files a table: {sorted(set(compacted.values()))}, the same rows"
    )


def main() -> None:
    """Reads the arguments and prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("same", "daily"))
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--articles", type=int)
    parser.add_argument("--runs", type=int, default=100)
    options = parser.parse_args()
    corpus = pq.read_table(options.corpus).to_pylist()
    with tempfile.TemporaryDirectory() as folder:
        if options.what == "same":
            if not same(corpus[: options.articles or 1000], Path(folder)):
                raise SystemExit(1)
        else:
            n_articles = options.articles or 100
            # Of a day are the articles of that day: they come in order of publication.
            of_runs = sorted(corpus[: options.runs * n_articles], key=lambda article: str(article["published"]))
            daily(of_runs, Path(folder), n_articles)


if __name__ == "__main__":
    main()
