from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest

from pipeline.job import RunResult
from pipeline.tables import TABLES, read_table, read_tables, table_files

Run = tuple[Path, RunResult]


@pytest.mark.parametrize("name", TABLES)
def test_every_table_opens_in_pandas_polars_and_duckdb_with_the_same_rows(first_run: Run, name: str) -> None:
    folder = first_run[0] / name
    rows = read_table(name, first_run[0]).num_rows
    assert len(pd.read_parquet(folder)) == rows
    assert pl.read_parquet(folder).height == rows
    assert duckdb.sql(f"select count(*) from read_parquet('{folder}/*.parquet')").fetchall() == [(rows,)]


@pytest.mark.parametrize("name", TABLES)
def test_every_table_opens_from_a_snapshot_in_pandas_polars_and_duckdb_with_the_same_rows(
    first_run: Run, name: str
) -> None:
    held = read_table(name, first_run[0])
    files = table_files(name, first_run[0])
    assert len(held.to_pandas()) == held.num_rows
    assert pd.read_parquet(files).shape == (held.num_rows, held.num_columns)
    frame = pl.from_arrow(held)
    assert isinstance(frame, pl.DataFrame)
    assert frame.equals(pl.read_parquet(files))
    assert duckdb.sql("select count(*) from held").fetchall() == [(held.num_rows,)]
    paths = [str(path) for path in files]
    assert duckdb.read_parquet(paths).fetchall() == duckdb.sql("select * from held").fetchall()


def test_several_tables_are_read_from_one_generation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.tables import read
    from tests.test_job import RECORDS, commit, write_jsonl

    output = tmp_path / "out"
    commit(output, write_jsonl(tmp_path / "a.jsonl", RECORDS[:2]))
    real, commits = read._rows, iter([write_jsonl(tmp_path / "b.jsonl", RECORDS[2:4])])

    def rows_and_a_commit(*arguments: Any) -> Any:
        for path in commits:
            commit(output, path)
        return real(*arguments)

    monkeypatch.setattr(read, "_rows", rows_and_a_commit)
    tables = read_tables(["links", "articles"], output)
    assert tables["articles"].num_rows == 2
    assert set(tables["links"].column("article_id").to_pylist()) <= set(
        tables["articles"].column("article_id").to_pylist()
    )
    assert read_table("articles", output).num_rows == 4


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
        table = read_table("links", first_run[0]).sort_by("link_id")
        files = [str(path) for path in table_files("links", first_run[0])]
        for frame in (
            spark.read.parquet(str(first_run[0] / "links")),
            spark.read.parquet(*files),
            spark.createDataFrame(read_table("links", first_run[0])),
        ):
            rows = frame.orderBy("link_id").collect()
            for name in ("link_id", "relation", "model_start", "evidence"):
                assert [row[name] for row in rows] == table.column(name).to_pylist()
            assert [list(row.aspects) for row in rows] == table.column("aspects").to_pylist()
    finally:
        spark.stop()
