from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest

from pipeline.job import RunResult
from pipeline.tables import TABLES, read_table

Run = tuple[Path, RunResult]


@pytest.mark.parametrize("name", TABLES)
def test_every_table_opens_in_pandas_polars_and_duckdb_with_the_same_rows(first_run: Run, name: str) -> None:
    folder = first_run[0] / name
    rows = read_table(name, first_run[0]).num_rows
    assert len(pd.read_parquet(folder)) == rows
    assert pl.read_parquet(folder).height == rows
    assert duckdb.sql(f"select count(*) from read_parquet('{folder}/*.parquet')").fetchall() == [(rows,)]


@pytest.mark.parametrize("name", TABLES)
def test_files_hold_the_schema_with_its_descriptions(first_run: Run, name: str) -> None:
    for path in (first_run[0] / name).glob("*.parquet"):
        assert pq.read_schema(path).equals(TABLES[name].schema, check_metadata=True)
        for field in pq.read_schema(path):
            assert set(field.metadata or {}) >= {b"description", b"description_zh"}
            assert "dictionary" not in str(field.type)


def test_a_table_folder_holds_nothing_but_parquet_files(first_run: Run) -> None:
    for name in TABLES:
        files = [path for path in (first_run[0] / name).rglob("*") if path.is_file()]
        assert files
        assert {path.suffix for path in files} == {".parquet"}


def test_the_article_row_has_time_source_and_editor(first_run: Run) -> None:
    (row,) = read_table("articles", first_run[0]).to_pylist()
    assert row["published_at"] == dt.datetime(2019, 4, 10, 1, 7, tzinfo=dt.UTC)
    assert (row["source_id"], row["source_name"], row["author"]) == ("shanxi-2019-04-10", "山西新闻网", "张娅萌")
    assert (row["home_code"], row["home_name"]) == ("140000", "山西省")


def test_lists_are_lists(first_run: Run) -> None:
    frame = pl.read_parquet(first_run[0] / "links")
    assert frame.schema["aspects"] == pl.List(pl.String)
    assert frame.filter(pl.col("model_name") == "合肥市")["aspects"].to_list() == [["创新转型"]]


def test_offsets_lead_back_to_the_text_in_every_table(first_run: Run) -> None:
    text = read_table("articles", first_run[0]).column("text")[0].as_py()
    checked = 0
    for table in TABLES.values():
        for row in read_table(table.name, first_run[0]).to_pylist() if table.spans else ():
            for words, start, end in table.spans:
                assert text[row[start] : row[end]] == row[words]
                checked += 1
    assert checked > 150


def test_unknown_tables_and_folders_without_tables_are_named(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="the tables are articles"):
        read_table("link", tmp_path)
    with pytest.raises(FileNotFoundError, match="no tables are committed here"):
        read_table("links", tmp_path)


def test_a_reader_that_resolved_the_snapshot_keeps_it_over_a_commit(tmp_path: Path) -> None:
    from tests.test_job import RECORDS, commit, write_jsonl

    commit(tmp_path / "out", write_jsonl(tmp_path / "a.jsonl", RECORDS[:2]))
    held = (tmp_path / "out" / "links").resolve()
    commit(tmp_path / "out", write_jsonl(tmp_path / "b.jsonl", RECORDS[2:4]))
    assert len(pd.read_parquet(held)) == 2
    assert len(pd.read_parquet(tmp_path / "out" / "links")) == 4


def test_spark_reads_the_same_rows(first_run: Run) -> None:
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed (extra spark)")
    spark = (
        sql.SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    try:
        frame = spark.read.parquet(str(first_run[0] / "links"))
        assert frame.count() == 23
        assert {row.relation for row in frame.select("relation").distinct().collect()} == {
            "benchmarks",
            "learns_from",
            "visits",
        }
    finally:
        spark.stop()
