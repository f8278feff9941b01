from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import pipeline.job
import pipeline.shards
from pipeline.config import CommitSettings, ContractSettings, IngestSettings, Limits, RunSettings, Settings
from pipeline.job import RunResult, run
from pipeline.tables import ContractError, Store, read_table
from tests.ingest.inputs import jsonl, text_of
from tests.test_cli import biaogan, one_line
from tests.test_job import CONTENT, rows


def write(path: Path, *numbers: int, version: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(jsonl({"id": f"r{n}", "text": text_of(n + 1000 * version)} for n in numbers))
    return path


def commit(output: Path, *inputs: Path, **run_settings: Any) -> RunResult:
    named = tuple(str(path) for path in inputs)
    return run(Settings(run=RunSettings(inputs=named, output=str(output), **run_settings)))


def last_run(output: Path) -> dict[str, Any]:
    return read_table("runs", output).sort_by([("started_at", "descending")]).to_pylist()[0]


@contextmanager
def no_work(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def extract(*_: object) -> None:
        raise AssertionError("work was done again")

    with monkeypatch.context() as patched:
        patched.setattr(pipeline.shards, "extract_article", extract)
        yield


def test_what_happened_to_each_input_stands_in_the_run_and_in_the_status(tmp_path: Path) -> None:
    output, folder = tmp_path / "out", tmp_path / "in"
    for name, number in (("a", 1), ("b", 2), ("c", 3)):
        write(folder / f"{name}.jsonl", number)
    commit(output, folder)
    write(folder / "b.jsonl", 2, version=1)
    write(folder / "d.jsonl", 4)
    (folder / "c.jsonl").unlink()
    result = commit(output, folder, prune=True)
    assert result.n_withdrawn == 1
    told = last_run(output)
    counted = [told[f"n_{what}"] for what in ("inputs", "skipped", "new", "changed", "reextracted", "withdrawn")]
    assert counted == [3, 1, 1, 1, 0, 1]
    assert sorted(row["source_id"] for row in rows(output, "articles")) == ["r1", "r2", "r4"]
    status = biaogan("status", "--output", str(output))
    assert status.exit_code == 0
    assert "generation 2" in status.stdout
    (line,) = [
        line
        for line in status.stdout.splitlines()
        if told["run_id"] in line and "inputs" not in line and "by" not in line
    ]
    assert line.split()[1:] == ["3", "1", "1", "0", "1", "2", line.split()[7], "0"]


def test_only_prune_withdraws_and_only_below_what_is_named(tmp_path: Path) -> None:
    output = tmp_path / "out"
    for name in ("x/a", "x/b", "y/c"):
        write(tmp_path / f"{name}.jsonl", ord(name[-1]))
    commit(output, tmp_path / "x", tmp_path / "y")
    (tmp_path / "x/a.jsonl").unlink()
    (tmp_path / "y/c.jsonl").unlink()
    assert commit(output, tmp_path / "x").commit is None
    assert read_table("articles", output).num_rows == 3
    assert commit(output, tmp_path / "x", prune=True).n_withdrawn == 1
    assert sorted(row["source_id"] for row in rows(output, "articles")) == ["r98", "r99"]
    write(tmp_path / "z/d.jsonl", 5)
    assert (
        biaogan("run", str(tmp_path / "y*"), str(tmp_path / "z/*.jsonl"), "--prune", "--output", str(output)).exit_code
        == 0
    )
    assert sorted(row["source_id"] for row in rows(output, "articles")) == ["r5", "r98"]


def test_changed_settings_of_reading_read_every_input_anew(tmp_path: Path) -> None:
    output = tmp_path / "out"
    path = write(tmp_path / "a.jsonl", 1, 2)
    commit(output, path)
    shorter = Settings(
        run=RunSettings(inputs=(str(path),), output=str(output)), ingest=IngestSettings(limits=Limits(characters=20))
    )
    assert "2 inputs anew" not in biaogan("status", "--output", str(output)).stdout
    assert run(shorter).counts["quarantine"] == 2
    assert last_run(output)["n_reextracted"] == 1
    assert read_table("articles", output).num_rows == 0
    assert "the next run reads 1 inputs anew" in biaogan("status", "--output", str(output)).stdout


def test_work_that_an_ended_run_finished_is_used_and_not_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output, folder = tmp_path / "out", tmp_path / "in"
    for number in range(3):
        write(folder / f"{number}.jsonl", number)

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(pipeline.job, "_commit", die)
        with pytest.raises(KeyboardInterrupt):
            commit(output, folder, shard_bytes=1)
    assert len(list((output / "_staging/shards").iterdir())) == 3
    with no_work(monkeypatch):
        result = commit(output, folder, shard_bytes=1)
    assert result.counts["articles"] == 3
    assert {row["run_id"] for row in read_table("links", output).to_pylist()} == {result.run_id}
    assert list((output / "_staging/shards").iterdir()) == []
    undisturbed = tmp_path / "undisturbed"
    commit(undisturbed, folder)
    for table in CONTENT:
        assert rows(output, table) == rows(undisturbed, table), table


def test_finished_work_that_was_damaged_is_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = tmp_path / "out"
    path = write(tmp_path / "a.jsonl", 1)

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(pipeline.job, "_commit", die)
        with pytest.raises(KeyboardInterrupt):
            commit(output, path)
    for staged in (output / "_staging/shards").rglob("links-*.parquet"):
        staged.write_bytes(staged.read_bytes()[:-20])
    commit(output, path)
    assert read_table("links", output).num_rows >= 1


def test_reprints_are_found_across_runs_and_marked_anew_when_an_earlier_one_comes(tmp_path: Path) -> None:
    output = tmp_path / "out"

    def article(name: str, day: int, ending: str = "") -> Path:
        path = tmp_path / f"{name}.jsonl"
        path.write_bytes(jsonl([{"id": name, "text": text_of(1) + ending, "date": f"2024-03-{day:02}"}]))
        return path

    def marks(table: str = "articles") -> dict[str, str | None]:
        name_of = {row["article_id"]: row["source_id"] for row in rows(output, "articles")}
        return {name_of[r["article_id"]]: name_of.get(r["duplicate_of"]) for r in rows(output, table)}

    commit(output, article("second", 5))
    commit(output, article("third", 6, "\n欢迎关注本市公众号"))
    assert marks() == {"second": None, "third": "second"}
    commit(output, article("first", 4, "（完）"))
    assert marks() == {"first": None, "second": "first", "third": "first"}
    assert marks("links") == marks()
    assert biaogan("verify", "--output", str(output)).exit_code == 0
    (tmp_path / "first.jsonl").unlink()
    commit(output, tmp_path, prune=True)
    assert marks() == {"second": None, "third": "second"}
    assert biaogan("verify", "--output", str(output)).exit_code == 0


def test_a_sudden_fall_of_links_fails_before_it_is_published_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "out"
    commit(output, write(tmp_path / "a.jsonl", *range(80)))
    before = rows(output, "links")
    write(tmp_path / "b.jsonl", *range(100, 180))
    real = pipeline.shards.extract_article

    def without_links(article: Any, gazetteer: Any) -> Any:
        from dataclasses import replace

        return replace(real(article, gazetteer), links=(), learners=())

    with monkeypatch.context() as patched:
        patched.setattr(pipeline.shards, "extract_article", without_links)
        with pytest.raises(ContractError, match=r"links: 0\.000 an article .* fall of 100%.*largest_fall"):
            commit(output, tmp_path / "b.jsonl")
        assert rows(output, "links") == before
        assert [p.name for p in (output / "_generations").iterdir()] == ["g000001"]
        (tmp_path / "config.toml").write_text("[contract]\nlargest_fall = 1.0\n", encoding="utf-8")
        told = biaogan(
            "run", str(tmp_path / "b.jsonl"), "--output", str(output), "--config", str(tmp_path / "config.toml")
        )
        assert told.exit_code == 0, told.output
    assert read_table("articles", output).num_rows == 160


def test_a_run_that_would_lose_most_rows_fails(tmp_path: Path) -> None:
    output = tmp_path / "out"
    for name in ("a", "b"):
        write(tmp_path / f"in/{name}.jsonl", *range(ord(name), ord(name) + 60))
    commit(output, tmp_path / "in")
    (tmp_path / "in/a.jsonl").unlink()
    (tmp_path / "in/b.jsonl").write_bytes(jsonl([{"id": "r1", "text": text_of(1)}]))
    told = biaogan("run", str(tmp_path / "in"), "--prune", "--output", str(output))
    assert told.exit_code == 1
    assert "articles: " in told.stderr
    assert "more than the 80% of [contract] largest_fall" in told.stderr
    assert "Traceback" not in told.output


def test_a_clock_that_goes_back_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pipeline.tables.commit as commits

    output = tmp_path / "out"
    commit(output, write(tmp_path / "a.jsonl", 1))

    class Earlier(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(tz) - timedelta(days=4000)

    for module in (commits, pipeline.job, __import__("pipeline.tables.history", fromlist=["x"])):
        monkeypatch.setattr(module, "datetime", Earlier)
    commit(output, write(tmp_path / "b.jsonl", 2))
    monkeypatch.undo()
    commit(output, write(tmp_path / "c.jsonl", 3))
    assert sorted(row["source_id"] for row in rows(output, "articles")) == ["r1", "r2", "r3"]
    store = Store(output)
    assert [store.commit(n).number for n in store.kept()] == [1, 2, 3]
    assert store.commit(2).time < store.commit(1).time < store.commit(3).time
    assert biaogan("verify", "--output", str(output)).exit_code == 0
    assert len({row["run_id"] for row in rows_with_runs(output)}) == 3


def rows_with_runs(output: Path) -> list[dict[str, Any]]:
    return read_table("runs", output).to_pylist()


def test_an_input_that_vanishes_while_the_run_reads_is_quarantined_and_read_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "out"
    path = write(tmp_path / "in/a.jsonl", 1)
    write(tmp_path / "in/b.jsonl", 2)
    content = path.read_bytes()
    real = pipeline.job._work

    def vanish(*arguments: Any) -> Any:
        found = real(*arguments)
        path.unlink()
        return found

    with monkeypatch.context() as patched:
        patched.setattr(pipeline.job, "_work", vanish)
        result = commit(output, tmp_path / "in")
    assert result.exit_code == 3
    assert [row["code"] for row in rows(output, "quarantine")] == ["unreadable"]
    path.write_bytes(content)
    assert commit(output, tmp_path / "in").counts["articles"] == 1
    assert sorted(row["source_id"] for row in rows(output, "articles")) == ["r1", "r2"]
    assert rows(output, "quarantine") == []


@pytest.mark.parametrize("workers", [1, 2])
def test_one_run_ten_runs_another_order_and_more_workers_give_the_same_rows(tmp_path: Path, workers: int) -> None:
    for number in range(40):
        write(tmp_path / f"in/{number:02}.jsonl", number, number // 4)  # some come again: the same id and text
    paths = sorted((tmp_path / "in").iterdir())
    commit(tmp_path / "one", tmp_path / "in", workers=workers, shard_bytes=2_000)
    for start in range(0, 40, 4):
        commit(tmp_path / "ten", *paths[start : start + 4])
    for table in CONTENT:
        if table != "quarantine":
            assert without_uri(tmp_path / "one", table) == without_uri(tmp_path / "ten", table), table
    for path in reversed(paths[:8]):
        commit(tmp_path / "back", path)
    commit(tmp_path / "forth", *paths[:8])
    for table in CONTENT:
        if table != "quarantine":
            assert without_uri(tmp_path / "back", table) == without_uri(tmp_path / "forth", table), table


def without_uri(output: Path, table: str) -> list[dict[str, Any]]:
    """Rows without the input of an article: of one that came twice, the first to come is kept."""
    found = [{k: v for k, v in row.items() if k != "source_uri"} for row in rows(output, table)]
    return sorted(found, key=lambda row: json.dumps(row, default=str, ensure_ascii=False))


def test_a_reader_that_holds_a_generation_keeps_it_over_three_commits(tmp_path: Path) -> None:
    output = tmp_path / "out"
    commit(output, write(tmp_path / "0.jsonl", 0))
    held = [pq.ParquetFile(path) for path in sorted((output / "links").resolve().glob("*.parquet"))]
    folder = (output / "links").resolve()
    expected = read_table("links", output)
    for number in range(1, 4):
        commit(output, write(tmp_path / f"{number}.jsonl", number))
    assert sum(file.read().num_rows for file in held) == expected.num_rows
    assert pq.read_table(folder).num_rows == expected.num_rows
    assert read_table("links", output, generation=1).equals(expected)


def test_old_generations_stay_for_their_time(tmp_path: Path) -> None:
    output = tmp_path / "out"
    for number in range(4):
        path = write(tmp_path / f"{number}.jsonl", number)
        keep = CommitSettings(keep_generations=1, keep_hours=1.0)
        run(Settings(run=RunSettings(inputs=(str(path),), output=str(output)), commit=keep))
    store = Store(output)
    assert store.kept() == [1, 2, 3, 4]
    old = store.commit_path(1)
    said = json.loads(old.read_text())
    said["committed_at"] = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    old.write_text(json.dumps(said))
    path = write(tmp_path / "5.jsonl", 5)
    run(Settings(run=RunSettings(inputs=(str(path),), output=str(output)), commit=keep))
    assert store.kept() == [2, 3, 4, 5]
    assert store.commit(1).files == {}
    assert one_line(biaogan("verify", "--generation", "1", "--output", str(output))).endswith("there are 2, 3, 4, 5")


def test_the_bound_is_a_setting(tmp_path: Path) -> None:
    config = tmp_path / "job.toml"
    config.write_text("[contract]\nlargest_fal = 0.2\n", encoding="utf-8")
    assert "did you mean 'largest_fall'" in one_line(biaogan("run", "--config", str(config)))
    assert ContractSettings().largest_fall == 0.8


# What a review found.


def test_a_repeated_record_is_read_when_its_first_left_in_a_run_that_did_not_name_it(tmp_path: Path) -> None:
    output = tmp_path / "out"
    first, second = write(tmp_path / "a/A.jsonl", 1, 2), write(tmp_path / "b/B.jsonl", 1)
    commit(output, first, second)
    write(first, 2)
    commit(output, first)
    commit(output, first, second)
    assert sorted(row["source_id"] for row in rows(output, "articles")) == ["r1", "r2"]


def test_an_article_that_cannot_be_read_anew_keeps_its_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = tmp_path / "out"
    first, second = write(tmp_path / "a.jsonl", 1), write(tmp_path / "b.jsonl", 2)
    commit(output, first, second)
    before = rows(output, "links")

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(pipeline.job, "fingerprint", lambda _settings: "0" * 64)
        real = pipeline.shards.extract_article
        patched.setattr(pipeline.shards, "extract_article", lambda a, g: real(a, g) if a.source_id == "r1" else fail())
        commit(output, first)
        assert rows(output, "links") == before
        patched.setattr(pipeline.shards, "extract_article", real)
        assert commit(output, first).counts["articles"] == 1  # tried again
    assert rows(output, "links") == before


def test_an_input_that_was_read_anew_from_its_rows_is_read_when_it_is_named(tmp_path: Path) -> None:
    from pipeline.config import FieldNames

    output = tmp_path / "out"
    first, second = write(tmp_path / "a.jsonl", 1), tmp_path / "b.jsonl"
    second.write_bytes(jsonl([{"id": "x", "text": text_of(2), "body": text_of(3)}]))
    commit(output, first, second)
    bodies = IngestSettings(fields=FieldNames(text=("body", "text")))

    def again(*inputs: Path) -> None:
        run(Settings(run=RunSettings(inputs=tuple(map(str, inputs)), output=str(output)), ingest=bodies))

    again(first)
    again(first, second)
    assert {row["text"] for row in rows(output, "articles")} == {text_of(1), text_of(3)}


def test_the_folder_of_the_tables_is_no_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "c/x.jsonl", 1)
    for _ in range(2):
        assert biaogan("run", str(tmp_path / "c/*"), "--output", str(tmp_path / "c/out")).exit_code == 0
    assert read_table("articles", tmp_path / "c/out").num_rows == 1
    told = biaogan("run", str(tmp_path / "c"), "--output", str(tmp_path / "c"))
    assert told.exit_code == 2
    assert "is the folder of the tables" in one_line(told)


def test_prune_takes_nothing_that_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = tmp_path / "out"
    for name, number in (("w/x", 1), ("other/z", 2), ("w/sub/y", 3), ("w/b", 4)):
        write(tmp_path / f"{name}.jsonl", number)
    monkeypatch.chdir(tmp_path / "w")
    commit(output, Path(), Path("../other/z.jsonl"))
    for named in (".", "*.jsonl", "[!b]*.jsonl", "sub"):
        assert commit(output, Path(named), prune=True).commit is None
    (tmp_path / "w/x.jsonl").unlink()
    assert commit(output, Path("sub"), prune=True).commit is None
    assert commit(output, Path("**/*.jsonl"), prune=True).n_withdrawn == 1
    assert read_table("articles", output).num_rows == 3


def test_an_input_that_cannot_be_opened_keeps_its_rows(tmp_path: Path) -> None:
    output, path = tmp_path / "out", write(tmp_path / "in/a.jsonl", 1)
    commit(output, tmp_path / "in")
    content = path.read_bytes()
    path.unlink()
    path.symlink_to(tmp_path / "nowhere")
    assert commit(output, tmp_path / "in").exit_code == 3
    assert read_table("articles", output).num_rows == 1
    assert commit(output, tmp_path / "in").commit is None
    path.unlink()
    path.write_bytes(content)
    commit(output, tmp_path / "in")
    assert (read_table("articles", output).num_rows, read_table("quarantine", output).num_rows) == (1, 0)


def test_a_generation_that_is_retired_under_a_reader_is_told_or_read_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pipeline.tables.read as read

    output = tmp_path / "out"
    settings = Settings(
        run=RunSettings(inputs=(str(tmp_path / "in"),), output=str(output)),
        commit=CommitSettings(keep_generations=1, keep_hours=0),
    )
    write(tmp_path / "in/1.jsonl", 1)
    run(settings)
    real = read._files
    commits = iter((2,))

    def retire(store: Store, number: int, name: str) -> dict[str, str]:
        files = real(store, number, name)
        for more in commits:
            write(tmp_path / f"in/{more}.jsonl", more)
            run(settings)
        return files

    monkeypatch.setattr(read, "_files", retire)
    assert read_table("articles", output).num_rows == 2
    with pytest.raises(FileNotFoundError):
        read_table("articles", output, generation=1)


@pytest.mark.parametrize("setting", ["[commit]\nkeep_hours = inf", "[ingest.limits]\nseconds = inf"])
def test_infinity_is_no_setting(tmp_path: Path, setting: str) -> None:
    (tmp_path / "c.toml").write_text(setting, encoding="utf-8")
    told = biaogan("run", str(tmp_path), "--config", str(tmp_path / "c.toml"))
    assert told.exit_code == 2
    one_line(told)


def test_the_shortest_time_limit_quarantines_and_kills_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", *range(30))
    limits = IngestSettings(limits=Limits(seconds=0.000001))
    result = run(Settings(run=RunSettings(inputs=(str(path),), output=str(tmp_path / "out")), ingest=limits))
    assert result.counts["articles"] + result.counts["quarantine"] == 30


def with_changed_settings(output: Path, *inputs: Path) -> RunResult:
    """A run whose settings of reading are others than before: everything is to be read anew."""
    ingest = IngestSettings(limits=Limits(seconds=77))
    return run(Settings(run=RunSettings(inputs=tuple(map(str, inputs)), output=str(output)), ingest=ingest))


def test_an_input_that_cannot_be_opened_is_read_anew_from_its_rows(tmp_path: Path) -> None:
    output, path = tmp_path / "out", write(tmp_path / "in/a.jsonl", 1)
    write(tmp_path / "in/b.jsonl", 2)
    commit(output, tmp_path / "in")
    path.unlink()
    path.symlink_to(tmp_path / "nowhere")
    result = with_changed_settings(output, tmp_path / "in")
    assert {row["run_id"] for row in read_table("articles", output).to_pylist()} == {result.run_id}
    assert with_changed_settings(output, tmp_path / "in").commit is None


def test_an_input_that_vanishes_while_it_is_read_anew_keeps_its_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output, path = tmp_path / "out", write(tmp_path / "in/a.jsonl", 1)
    write(tmp_path / "in/b.jsonl", 2)
    commit(output, tmp_path / "in")
    before = rows(output, "links")
    real = pipeline.job._shards

    def and_vanish(*arguments: Any) -> Any:
        path.unlink()
        return real(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(pipeline.job, "_shards", and_vanish)
        with_changed_settings(output, tmp_path / "in")
    assert rows(output, "links") == before
    result = with_changed_settings(output, tmp_path / "in")  # from its rows, as it is not at hand
    assert result.counts["articles"] == 1
    assert rows(output, "links") == before
    assert biaogan("verify", "--output", str(output)).exit_code == 0


def test_an_article_stays_that_of_an_input_that_is_not_at_hand(tmp_path: Path) -> None:
    output = tmp_path / "out"
    write(tmp_path / "in/a.jsonl", 1)
    write(tmp_path / "in/b.jsonl", 1, 2)
    commit(output, tmp_path / "in")
    (tmp_path / "in/a.jsonl").unlink()
    with_changed_settings(output, tmp_path / "in")
    write(tmp_path / "in/b.jsonl", 2)
    with_changed_settings(output, tmp_path / "in")
    assert sorted(row["source_id"] for row in rows(output, "articles")) == ["r1", "r2"]
