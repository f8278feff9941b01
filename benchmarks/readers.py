"""Readers while a writer commits without pause: how many reads fail, and how many are wrong without saying so.

    python benchmarks/readers.py [--seconds 60] [--reader pandas ...]

Each commit replaces the rows of one article of three in `links` and writes its own number into each, so that some files
stay and some go: a read is right where it has all rows, with the numbers of three commits on end. The plain path opens
<root>/links as the README shows it; read_table resolves the generation once.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.config import RunSettings, Settings
from pipeline.job import run
from pipeline.tables import Store, read_table
from pipeline.tables.commit import Changes, Retention
from pipeline.tables.commits import Commit
from pipeline.tables.files import write_rows
from pipeline.tables.history import new_run_id
from pipeline.tables.schema import OF_ARTICLE, SCHEMA_VERSION

Numbers = list[str]
PARTS = 3


def first_commit(root: Path) -> None:
    """Tables with a few dozen links, from texts of our own."""
    cities = ("长沙", "佛山", "宁波", "合肥", "无锡", "青岛", "厦门", "洛阳", "昆明")
    for number in range(PARTS):
        text = "\n".join(f"湘潭市对标{city}，第{number}项改革加快推进。" for city in cities)
        (root / "in").mkdir(exist_ok=True)
        (root / "in" / f"{number}.txt").write_text(text, encoding="utf-8")
    run(Settings(run=RunSettings(inputs=(str(root / "in"),), output=str(root / "out"), shard_bytes=1)))


def commit_without_pause(root: Path, stop: Any, count: Any) -> None:
    """Replaces the rows of one article after the other, again and again, until it is told to stop."""
    store = Store(root / "out")
    first = store.latest()
    assert first is not None
    parts = rows_by_article(store, first)
    while not stop.is_set():
        number = count.value + 1
        article, rows = parts[number % PARTS]
        with store.locked():
            run_id = new_run_id()
            staging = store.stage(run_id)
            batch: dict[str, list[Path]] = {}
            for name, part in rows.items():
                path = staging / f"{name}.parquet"
                write_rows(with_number(part, str(number)) if name == "links" else part, path)
                batch[name] = [path]
            header = {"run_id": run_id, "kind": "run", "fingerprint": first.fingerprint, "inputs": first.inputs}
            header |= {"gazetteer_hash": first.gazetteer_hash, "schema_version": SCHEMA_VERSION}
            store.publish(batch, header, Changes(article_ids=frozenset([article])), Retention(5, hours=1 / 60))
        count.value = number


def rows_by_article(store: Store, commit: Commit) -> list[tuple[str, dict[str, pa.Table]]]:
    """Each article's id, and its rows in every table that has some."""
    tables = {
        name: pa.concat_tables(pq.ParquetFile(path).read() for path in store.files_of(commit, name))
        for name in OF_ARTICLE
    }
    ids: list[Any] = sorted(tables["articles"].column("article_id").to_pylist())
    return [
        (article, {name: rows.filter(pc.equal(rows.column("article_id"), article)) for name, rows in tables.items()})
        for article in ids
    ]


def is_right(numbers: Numbers, n_rows: int) -> bool:
    """Whether these are all rows of one generation, after each article was replaced once."""
    last = max(map(int, numbers), default=0)
    return len(numbers) == n_rows and {*map(int, numbers)} == {last - part for part in range(PARTS)}


def with_number(rows: pa.Table, number: str) -> pa.Table:
    """The rows with the number of their commit as their rule."""
    index = rows.column_names.index("rule")
    return rows.set_column(index, rows.schema.field(index), pa.array([number] * rows.num_rows, pa.string()))


def plain_readers() -> dict[str, Callable[[Path], Numbers]]:
    """The five readers on the plain path, as the README shows them."""

    def pandas(root: Path) -> Numbers:
        import pandas as pd

        return list(pd.read_parquet(root / "links")["rule"])

    def pyarrow(root: Path) -> Numbers:
        return [str(v) for v in pq.read_table(root / "links").column("rule").to_pylist()]

    def polars(root: Path) -> Numbers:
        import polars as pl

        return pl.read_parquet(root / "links")["rule"].to_list()

    def duckdb(root: Path) -> Numbers:
        import duckdb as db

        return [row[0] for row in db.sql(f"select rule from read_parquet('{root}/links/*.parquet')").fetchall()]

    def spark(root: Path) -> Numbers:
        return [row.rule for row in session().read.parquet(str(root / "links")).select("rule").collect()]

    return {f.__name__: f for f in (pandas, pyarrow, polars, duckdb, spark)}


def snapshot_readers() -> dict[str, Callable[[Path], Numbers]]:
    """The same libraries given the table of `read_table`."""

    def pandas(root: Path) -> Numbers:
        return list(read_table("links", root).to_pandas()["rule"])

    def pyarrow(root: Path) -> Numbers:
        return [str(v) for v in read_table("links", root).column("rule").to_pylist()]

    def polars(root: Path) -> Numbers:
        import polars as pl

        frame = pl.from_arrow(read_table("links", root))
        assert isinstance(frame, pl.DataFrame)
        return frame["rule"].to_list()

    def duckdb(root: Path) -> Numbers:
        import duckdb as db

        links = read_table("links", root)
        assert links.num_rows
        return [row[0] for row in db.sql("select rule from links").fetchall()]

    def spark(root: Path) -> Numbers:
        return [row.rule for row in session().createDataFrame(read_table("links", root)).select("rule").collect()]

    return {f.__name__: f for f in (pandas, pyarrow, polars, duckdb, spark)}


def session() -> Any:
    """One Spark session of this process, on this machine alone."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1")
    made = builder.config("spark.sql.shuffle.partitions", "1").getOrCreate()
    made.sparkContext.setLogLevel("OFF")
    return made


def read_until(root: Path, path: str, reader: str, n_rows: int, seconds: float, told: Any) -> None:
    """Reads for that time, and tells how the reads came out."""
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    read = (plain_readers() if path == "plain" else snapshot_readers())[reader]
    with contextlib.suppress(Exception):
        read(root)  # what a library does once is not counted, nor how it comes out
    outcome: Counter[str] = Counter()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            numbers = read(root)
        except Exception as error:
            outcome["failed"] += 1
            outcome[f"  {type(error).__name__}"] += 1
            continue
        outcome["right" if is_right(numbers, n_rows) else "wrong"] += 1
    told.put(dict(outcome))


def main() -> None:
    """Reads the arguments and prints a line for each reader and path."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--reader", action="append", choices=[*plain_readers()])
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    print(f"{'reader':10}{'path':14}{'reads':>8}{'right':>8}{'failed':>8}{'wrong':>8}{'commits':>9}")
    for reader in options.reader or plain_readers():
        for path in ("plain", "read_table"):
            with tempfile.TemporaryDirectory() as folder:
                root = Path(folder)
                first_commit(root)
                n_rows = read_table("links", root / "out").num_rows
                stop, count, told = context.Event(), context.Value("i", 0), context.Queue()
                writer = context.Process(target=commit_without_pause, args=(root, stop, count))
                writer.start()
                while count.value < PARTS:
                    time.sleep(0.05)
                arguments = (root / "out", path, reader, n_rows, options.seconds, told)
                watcher = context.Process(target=read_until, args=arguments)
                watcher.start()
                try:
                    outcome = told.get(timeout=options.seconds + 300)
                finally:
                    stop.set()
                    writer.join()
                watcher.join()
            reads = sum(outcome.get(name, 0) for name in ("right", "failed", "wrong"))
            counts = "".join(f"{outcome.get(name, 0):8,}" for name in ("right", "failed", "wrong"))
            kinds = ", ".join(f"{name.strip()} {n}" for name, n in outcome.items() if name.startswith(" "))
            print(f"{reader:10}{path:14}{reads:8,}{counts}{count.value:9,}  {kinds}", flush=True)


if __name__ == "__main__":
    main()
