from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline import read_changes
from pipeline.tables import TABLES, Store, read_table
from pipeline.tables.schema import ALL_TABLES, OF_ARTICLE, SCHEMA_VERSION
from tests.ingest.inputs import jsonl, text_of
from tests.tables.test_incremental import commit, write
from tests.test_cli import biaogan, one_line
from tests.test_job import CONTENT, rows


@pytest.fixture
def three(tmp_path: Path) -> Path:
    """Three generations: r1 and r2; r3 beside them; r2 changed."""
    output = tmp_path / "out"
    commit(output, write(tmp_path / "a.jsonl", 1, 2))
    commit(output, write(tmp_path / "b.jsonl", 3))
    write(tmp_path / "c.jsonl", 9)
    (tmp_path / "c.jsonl").unlink()
    path = write(tmp_path / "a.jsonl", 1)
    path.write_bytes(path.read_bytes() + write(tmp_path / "x.jsonl", 2, version=1).read_bytes())
    commit(output, path)
    return output


def ids(table: pa.Table) -> list[str]:
    return sorted(table.column("source_id").to_pylist())


def test_history_lists_what_was_committed(three: Path) -> None:
    lines = biaogan("history", "--output", str(three)).stdout.splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["1", "2", "3"]
    assert [line.split()[4] for line in lines[1:]] == ["2", "3", "3"]


def test_generations_are_read_by_number(three: Path) -> None:
    assert ids(read_table("articles", three, generation=1)) == ["r1", "r2"]
    assert ids(read_table("articles", three, generation=2)) == ["r1", "r2", "r3"]
    with pytest.raises(FileNotFoundError, match="generation 7 is not kept; there are 1, 2, 3"):
        read_table("articles", three, generation=7)


def test_changes_are_the_rows_that_came_and_went(three: Path) -> None:
    changes = read_changes("articles", 1, three)
    assert (changes.since, changes.until) == (1, 3)
    assert ids(changes.inserted) == ["r2", "r3"]
    assert ids(changes.deleted) == ["r2"]
    assert (
        changes.deleted.column("text").to_pylist()
        != changes.inserted.filter(pa.compute.equal(changes.inserted.column("source_id"), "r2"))
        .column("text")
        .to_pylist()
    )
    first = read_changes("articles", 0, three, until=1)
    assert (ids(first.inserted), first.deleted.num_rows) == (["r1", "r2"], 0)
    assert read_changes("links", 3, three).inserted.num_rows == 0
    assert changes.inserted.schema.equals(TABLES["articles"].schema)


@pytest.mark.parametrize("name", TABLES)
def test_changes_lead_from_one_generation_to_another(three: Path, name: str) -> None:
    def keyed(table: pa.Table) -> dict[Any, Any]:
        return {tuple(row[k] for k in TABLES[name].key): row for row in table.to_pylist()}

    changes = read_changes(name, 1, three)
    led = keyed(read_table(name, three, generation=1))
    for key in keyed(changes.deleted):
        del led[key]
    led |= keyed(changes.inserted)
    now = keyed(read_table(name, three))
    assert led.keys() == now.keys()
    provenance = ("run_id", "schema_version", "at")
    for key, row in led.items():
        assert {k: v for k, v in row.items() if k not in provenance} == {
            k: v for k, v in now[key].items() if k not in provenance
        }


def test_diff_counts_them(three: Path) -> None:
    printed = biaogan("diff", "1", "3", "--output", str(three)).stdout
    assert "articles               2           1" in printed
    assert "regions                0           0" in printed
    assert "generation 8 is not kept" in one_line(biaogan("diff", "1", "8", "--output", str(three)))


def test_rollback_publishes_an_earlier_generation_again(three: Path, tmp_path: Path) -> None:
    assert biaogan("rollback", "1", "--output", str(three)).stdout == "generation 4 holds what generation 1 held\n"
    assert read_table("articles", three).equals(read_table("articles", three, generation=1))
    assert Store(three).commit(4).inputs == Store(three).commit(1).inputs
    assert biaogan("verify", "--output", str(three)).exit_code == 0
    assert "rollback 1" in biaogan("history", "--output", str(three)).stdout
    commit(three, tmp_path / "a.jsonl", tmp_path / "b.jsonl")
    assert ids(read_table("articles", three)) == ["r1", "r2", "r3"]
    assert "is not kept" in one_line(biaogan("rollback", "77", "--output", str(three)))


def test_compact_makes_one_file_a_table_with_the_same_rows(three: Path) -> None:
    before = {name: read_table(name, three).to_pylist() for name in TABLES}
    assert "in one file a table" in biaogan("compact", "--output", str(three)).stdout
    for name in TABLES:
        assert len(list((three / name).glob("*.parquet"))) == 1
        assert sorted(map(repr, read_table(name, three).to_pylist())) == sorted(map(repr, before[name]))
    assert biaogan("verify", "--output", str(three)).exit_code == 0
    assert "nothing to compact" in biaogan("compact", "--output", str(three)).stdout
    assert read_changes("links", 3, three).inserted.num_rows == 0


def damage(path: Path) -> None:
    content = path.read_bytes()
    path.unlink()  # a hard link may stand in other generations
    path.write_bytes(content[:-9] + b"x" + content[-8:])


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (damage, "cannot be read|is not the file that was committed"),
        (Path.unlink, "is missing"),
        (lambda path: shutil.copy(path, path.with_name("more.parquet")), "more.parquet: is no file of this commit"),
    ],
)
def test_verify_finds_what_happened_to_files(three: Path, harm: Any, said: str) -> None:
    harm(next(iter(sorted((three / "links").resolve().glob("*.parquet")))))
    told = biaogan("verify", "--output", str(three))
    assert told.exit_code == 1
    assert any(word in told.stderr for word in said.split("|"))
    assert "Traceback" not in told.output


def with_value(column: str, value: object) -> Callable[[pa.Table], pa.Table]:
    """Puts the value into the first row of a table."""

    def change(table: pa.Table) -> pa.Table:
        values = [value, *table.column(column).to_pylist()[1:]]
        field = table.schema.field(column)
        return table.set_column(table.column_names.index(column), field, pa.array(values, field.type))

    return change


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("links", with_value("evidence_start", 1), "links.evidence"),
        ("mentions", with_value("article_id", "f" * 16), "mentions.article_id: 'ffffffffffffffff' is no article"),
        ("links", with_value("run_id", "never"), "links.run_id: 'never' is no run"),
        ("links", with_value("duplicate_of", "f" * 16), "links.duplicate_of"),
        ("articles", lambda table: pa.concat_tables([table, table]), "articles: two rows have the same article_id"),
        ("mentions", lambda table: pa.concat_tables([table, table]), "mentions: two rows have the same mention_id"),
        ("regions", lambda table: pa.concat_tables([table, table]), "regions: two rows have the same region_code"),
        ("regions", lambda table: table.slice(0, 1), "is not one of the 1 known values"),
        ("signatures", with_value("duplicate_of", "f" * 16), "signatures: not of the same articles"),
        ("signatures", with_value("article_id", "f" * 16), "signatures.article_id: 'ffffffffffffffff' is no article"),
        ("signatures", lambda table: table.slice(1), "signatures: not of the same articles"),
    ],
)
def test_verify_finds_rows_that_break_the_contract(
    three: Path, name: str, change: Callable[[pa.Table], pa.Table], said: str
) -> None:
    from pipeline.tables.files import entry_of

    path = max(
        (three / "_current" / name).resolve().glob("*.parquet"), key=lambda file: pq.read_metadata(file).num_rows
    )
    table = change(pq.read_table(path))
    path.unlink()
    pq.write_table(table, path)
    commit_file = three / "_commits/000003.json"
    record = json.loads(commit_file.read_text())
    entry = entry_of(path)
    record["rows"][name] += entry.n_rows - record["files"][name][path.name]["n_rows"]
    record["files"][name][path.name] = {"sha256": entry.sha256, "n_bytes": entry.n_bytes, "n_rows": entry.n_rows}
    commit_file.write_text(json.dumps(record))
    told = biaogan("verify", "--output", str(three))
    assert told.exit_code == 1
    assert said in one_line(told)


def test_verify_looks_at_some_articles_at_a_time(three: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pipeline.tables.verify

    looked_at: list[list[str]] = []
    real = pipeline.tables.verify.check_tables

    def check(tables: dict[str, pa.Table], region_codes: frozenset[str]) -> None:
        if "articles" in tables:
            looked_at.append(sorted(map(str, tables["articles"].column("source_id").to_pylist())))
            known = set(tables["articles"].column("article_id").to_pylist())
            assert all(set(tables[name].column("article_id").to_pylist()) <= known for name in OF_ARTICLE)
            found["mentions"] += tables["mentions"].num_rows
        real(tables, region_codes)

    found = {"mentions": 0}
    monkeypatch.setattr(pipeline.tables.verify, "check_tables", check)
    commit, problems = pipeline.tables.verify.verify(Store(three))
    assert problems == []
    assert sorted(looked_at) == [["r1", "r2"], ["r3"]]
    assert found["mentions"] == commit.rows["mentions"]


def test_csv_opens_in_a_spreadsheet(three: Path, tmp_path: Path) -> None:
    target = tmp_path / "csv"
    assert biaogan("export", str(target), "--to", "csv", "--output", str(three)).exit_code == 0
    content = (target / "links.csv").read_bytes()
    assert content.startswith("\ufefflink_id,".encode())
    with (target / "links.csv").open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.DictReader(file))
    wanted = read_table("links", three).to_pylist()
    assert [row["model_name"] for row in found] == [row["model_name"] for row in wanted]
    assert [json.loads(row["aspects"] or "[]") for row in found] == [row["aspects"] for row in wanted]
    assert sorted(p.name for p in target.iterdir()) == sorted(f"{name}.csv" for name in TABLES)


def test_a_cell_that_is_a_formula_is_none_in_a_spreadsheet() -> None:
    from pipeline.tables.export import _cell

    assert _cell("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert _cell("对标深圳") == "对标深圳"


def test_duckdb_and_delta_hold_the_rows_of_the_tables(three: Path, tmp_path: Path) -> None:
    deltalake = pytest.importorskip("deltalake", reason="deltalake is not installed (extra delta)")
    database, lake = tmp_path / "tables.duckdb", tmp_path / "lake"
    for _ in range(2):
        assert biaogan("export", str(database), "--to", "duckdb", "--output", str(three)).exit_code == 0
        assert biaogan("export", str(lake), "--to", "delta", "--output", str(three)).exit_code == 0
    for name in TABLES:
        wanted = read_table(name, three).num_rows
        with duckdb.connect(str(database), read_only=True) as connection:
            assert connection.execute(f"select count(*) from {name}").fetchall() == [(wanted,)]
        table = deltalake.DeltaTable(str(lake / name))
        assert table.to_pyarrow_table().num_rows == wanted
        assert table.version() == 1
    old = biaogan("export", str(database), "--to", "duckdb", "--output", str(three), "--generation", "1")
    assert old.exit_code == 0
    with duckdb.connect(str(database), read_only=True) as connection:
        assert connection.execute("select count(*) from articles").fetchall() == [(2,)]
    assert "'xlsx' is none of delta, csv, duckdb" in one_line(
        biaogan("export", "x", "--to", "xlsx", "--output", str(three))
    )


@pytest.mark.parametrize("command", ["status", "verify", "history", "compact"])
def test_commands_on_a_folder_without_tables_say_so(tmp_path: Path, command: str) -> None:
    told = biaogan(command, "--output", str(tmp_path / "none"))
    assert told.exit_code == 1
    assert "is committed here" in one_line(told)


def older(output: Path) -> None:
    """Turns tables into those of an older version: without the fields that came with schemas 3 and 4."""
    later = {
        "articles": ["script"],
        "links": ["duplicate_of"],
        "runs": ["n_new", "n_changed", "n_reextracted", "n_withdrawn", "n_duplicates"],
        "signatures": ["bands"],
    }
    from pipeline.tables.files import entry_of

    said = json.loads((output / "_commits/000001.json").read_text())
    for name in ALL_TABLES:
        for path in sorted((output / "_generations/g000001" / name).glob("*.parquet")):
            table = pq.read_table(path).drop_columns(later.get(name, []))
            version = table.column_names.index("schema_version")
            two = pa.array([2] * table.num_rows, pa.int32())
            table = table.set_column(version, table.schema.field(version), two)
            table = table.replace_schema_metadata({**(table.schema.metadata or {}), b"schema_version": b"2"})
            path.unlink()
            pq.write_table(table, path)
            entry = entry_of(path)
            said["files"][name][path.name] = {"sha256": entry.sha256, "n_bytes": entry.n_bytes, "n_rows": entry.n_rows}
    said["schema_version"] = 2
    said["inputs"] = {uri: f"{state.partition('.')[0]}.{'0' * 16}" for uri, state in said["inputs"].items()}
    (output / "_commits/000001.json").write_text(json.dumps(said))


@pytest.mark.parametrize("input_is_there", [True, False])
def test_tables_of_an_older_schema_are_read_and_the_next_run_rewrites_them(
    tmp_path: Path, input_is_there: bool
) -> None:
    output, path = tmp_path / "out", write(tmp_path / "in/a.jsonl", 1, 2)
    path.write_bytes(path.read_bytes() + b'{"id": "bad"}\n')
    commit(output, tmp_path / "in")
    wanted = {name: rows(output, name) for name in CONTENT}
    older(output)
    articles = read_table("articles", output)
    assert articles.schema.equals(TABLES["articles"].schema)
    assert articles.column("script").to_pylist() == ["simplified", "simplified"]
    assert read_table("links", output).column("duplicate_of").null_count == len(wanted["links"])
    if not input_is_there:
        path.unlink()
    write(tmp_path / "in/b.jsonl", 3)
    commit(output, tmp_path / "in")
    for name in TABLES:
        for file in (output / name).glob("*.parquet"):
            assert pq.read_schema(file).equals(TABLES[name].schema, check_metadata=True)
    assert {row["schema_version"] for row in read_table("articles", output).to_pylist()} == {SCHEMA_VERSION}
    assert len(rows(output, "articles")) == 3
    for name in ("articles", "links", "mentions", "quarantine"):
        kept = [
            json.dumps({k: v for k, v in r.items() if k != "schema_version"}, default=str) for r in rows(output, name)
        ]
        for row in wanted[name]:
            assert json.dumps({k: v for k, v in row.items() if k != "schema_version"}, default=str) in kept
    assert biaogan("verify", "--output", str(output)).exit_code == 0
    changes = read_changes("articles", 1, output)
    assert (ids(changes.inserted), changes.deleted.num_rows) == (["r3"], 0)
    assert os.path.realpath(output / "links").endswith("g000002/links")


def reprint(path: Path, ending: str = "") -> Path:
    """A later article with the text of r1."""
    path.write_bytes(jsonl([{"id": path.stem, "text": text_of(1) + ending, "date": "2025-01-01"}]))
    return path


def test_reprints_are_found_among_articles_of_an_older_schema_that_stay(tmp_path: Path) -> None:
    output, path = tmp_path / "out", tmp_path / "in/a.jsonl"
    path.parent.mkdir()
    path.write_bytes(jsonl([{"id": "r1", "text": text_of(1), "date": "2024-01-01"}, {"id": "r2", "text": text_of(2)}]))
    commit(output, path)
    older(output)
    path.unlink()
    path.symlink_to(tmp_path / "nowhere")  # cannot be opened, so its articles stay as they are
    reprint(path.with_name("later.jsonl"), "（完）")
    commit(output, path.parent)
    articles = {row["source_id"]: row for row in rows(output, "articles")}
    assert articles["later"]["duplicate_of"] == articles["r1"]["article_id"]
    assert len(articles) == 3
    assert biaogan("verify", "--output", str(output)).exit_code == 0


@pytest.mark.parametrize("command", ["compact", "rollback"])
def test_tables_of_an_older_schema_that_were_compacted_or_rolled_back_to_go_on(tmp_path: Path, command: str) -> None:
    output = tmp_path / "out"
    commit(output, write(tmp_path / "a.jsonl", 1, 2))
    older(output)
    if command == "rollback":
        commit(output, write(tmp_path / "b.jsonl", 3))
    assert biaogan(command, *(["1"] if command == "rollback" else []), "--output", str(output)).exit_code == 0
    assert biaogan("verify", "--output", str(output)).exit_code == 0
    commit(output, reprint(tmp_path / "later.jsonl", "（完）"))
    articles = {row["source_id"]: row for row in rows(output, "articles")}
    assert articles.keys() == {"r1", "r2", "later"}
    assert {articles["r1"]["duplicate_of"], articles["later"]["duplicate_of"]} & {
        articles["r1"]["article_id"],
        articles["later"]["article_id"],
    }
    assert biaogan("verify", "--output", str(output)).exit_code == 0


def test_a_listing_finds_all_its_files_in_a_later_generation_or_none(tmp_path: Path) -> None:
    # pyarrow and Spark pass over a file that was there when they listed the folder and is not when they look at it.
    output = tmp_path / "out"
    commit(output, write(tmp_path / "a.jsonl", 1, 2))
    commit(output, write(tmp_path / "b.jsonl", 3))
    commit(output, write(tmp_path / "a.jsonl", 1, 2, version=1))
    for number in range(4, 13):
        commit(output, write(tmp_path / f"{number}.jsonl", number))
    commit(output, reprint(tmp_path / "early.jsonl"))
    (tmp_path / "b.jsonl").unlink()
    commit(output, tmp_path, prune=True)
    for arguments in (["rollback", "2"], ["rollback", "7"], ["compact"], ["rollback", "9"]):
        assert biaogan(*arguments, "--output", str(output)).exit_code == 0
    commit(output, write(tmp_path / "c.jsonl", 20))
    store = Store(output)
    listings = [store.commit(number).files for number in range(1, store.kept()[-1] + 1)]
    assert len(listings) >= 18
    moves = {"all": 0, "none": 0}
    for later in range(1, len(listings)):
        for earlier in range(later):
            for name in TABLES:
                listed, there = set(listings[earlier][name]), set(listings[later][name])
                assert listed <= there or not listed & there, (name, earlier + 1, later + 1)
                moves["all" if listed <= there else "none"] += 1
    assert min(moves.values()) > 50


@pytest.mark.parametrize(
    ("to", "target"), [("delta", "{out}"), ("duckdb", "{out}/links"), ("csv", "{out}/x"), ("duckdb", "/")]
)
def test_nothing_is_exported_into_the_tables(three: Path, to: str, target: str) -> None:
    told = biaogan("export", target.format(out=three), "--to", to, "--output", str(three))
    assert told.exit_code == 1
    assert "outside of the folder of the tables" in one_line(told)
    assert biaogan("verify", "--output", str(three)).exit_code == 0


def test_exports_leave_what_is_there_where_they_fail(three: Path, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("no database", encoding="utf-8")
    for target in (str(letter), "/proc/none"):
        told = biaogan("export", target, "--to", "duckdb", "--output", str(three))
        assert told.exit_code == 1
        assert target in one_line(told)
    assert letter.read_text(encoding="utf-8") == "no database"
    csvs = tmp_path / "csv"
    assert biaogan("export", str(csvs), "--to", "csv", "--output", str(three), "--generation", "1").exit_code == 0
    before = {path.name: path.read_bytes() for path in csvs.iterdir()}
    (csvs / ".quarantine.csv.tmp").mkdir()
    told = biaogan("export", str(csvs), "--to", "csv", "--output", str(three))
    assert told.exit_code == 1
    assert "quarantine.csv: cannot be written" in one_line(told)
    assert {path.name: path.read_bytes() for path in csvs.iterdir()} == before
    assert biaogan("export", str(tmp_path / "x"), "--to", "csv", "--output", str(three), "--generation", "9").exit_code
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("number", [None, "1", 1.0, False])
def test_what_is_no_number_of_a_generation_is_told(three: Path, number: Any) -> None:
    with pytest.raises(TypeError, match="is no number of a generation"):
        read_changes("links", number, three)
    if number is not None:
        with pytest.raises(TypeError, match="is no number of a generation"):
            read_table("links", three, number)


def test_a_damaged_file_is_one_line_for_every_command(three: Path, tmp_path: Path) -> None:
    path = next(iter(sorted((three / "articles").resolve().glob("*.parquet"))))
    path.unlink()
    path.write_bytes(b"PAR1")
    for arguments in (("export", str(tmp_path / "csv"), "--to", "csv"), ("diff", "0", "3"), ("status",), ("compact",)):
        told = biaogan(*arguments, "--output", str(three))
        assert told.exit_code == 1, arguments
        assert "verify" in one_line(told)


@pytest.mark.parametrize("arguments", [("rollback", "1"), ("compact",), ("verify",)])
def test_a_wrong_folder_is_not_made(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert biaogan(*arguments, "--output", str(tmp_path / "none")).exit_code == 1
    assert not (tmp_path / "none").exists()
