from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.config import RunSettings, Settings
from pipeline.job import RunResult, run
from pipeline.tables import TABLES, read_table
from tests.conftest import FIRST_ARTICLE

RECORDS = [
    {"id": f"r{number}", "source": "湘潭市", "text": f"第{number}条消息。\n湘潭市对标{city}营商环境，加快审批改革。"}
    for number, city in enumerate(["长沙", "佛山", "宁波", "合肥", "无锡", "青岛", "厦门", "洛阳"])
]


def write_jsonl(path: Path, records: list[dict[str, str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf-8")
    return path


def commit(output: Path, *inputs: Path, **settings: Any) -> RunResult:
    named = tuple(str(path) for path in inputs)
    return run(Settings(run=RunSettings(inputs=named, output=str(output), **settings)))


def rows(output: Path, table: str) -> list[dict[str, Any]]:
    """The rows without what differs from run to run, in an order of their own."""
    found = [
        {k: v for k, v in row.items() if k not in ("run_id", "at")} for row in read_table(table, output).to_pylist()
    ]
    return sorted(found, key=lambda row: json.dumps(row, default=str, ensure_ascii=False))


CONTENT = [name for name in TABLES if name != "runs"]


def test_a_second_run_over_the_same_inputs_commits_nothing(tmp_path: Path) -> None:
    first = commit(tmp_path / "out", FIRST_ARTICLE)
    second = commit(tmp_path / "out", FIRST_ARTICLE)
    assert first.commit is not None
    assert second.commit is None
    assert (second.n_inputs, second.n_skipped) == (1, 1)
    assert sorted(p.name for p in (tmp_path / "out" / "_generations").iterdir()) == ["g000001"]


def test_a_new_input_is_added_and_the_old_one_is_not_read_again(tmp_path: Path) -> None:
    commit(tmp_path / "out", write_jsonl(tmp_path / "in" / "a.jsonl", RECORDS[:3]))
    before = {p.stat().st_ino for p in (tmp_path / "out" / "links").glob("*.parquet")}
    write_jsonl(tmp_path / "in" / "b.jsonl", RECORDS[3:5])
    second = commit(tmp_path / "out", tmp_path / "in")
    assert (second.n_inputs, second.n_skipped, second.counts["articles"]) == (2, 1, 2)
    assert len(rows(tmp_path / "out", "links")) == 5
    assert before < {p.stat().st_ino for p in (tmp_path / "out" / "links").glob("*.parquet")}
    assert len(rows(tmp_path / "out", "runs")) == 2


def test_the_rows_of_a_changed_input_are_replaced(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", RECORDS[:3])
    commit(tmp_path / "out", path)
    changed = [{**RECORDS[0], "text": "湘潭市对标昆明营商环境，加快审批改革。"}, RECORDS[1], {"id": "bad"}]
    write_jsonl(path, changed)  # type: ignore[arg-type]
    commit(tmp_path / "out", path)
    assert {row["model_name"] for row in rows(tmp_path / "out", "links")} == {"昆明市", "佛山市"}
    assert sorted(row["source_id"] for row in rows(tmp_path / "out", "articles")) == ["r0", "r1"]
    assert [row["code"] for row in rows(tmp_path / "out", "quarantine")] == ["no_text"]
    write_jsonl(path, RECORDS[:1])
    commit(tmp_path / "out", path)
    assert rows(tmp_path / "out", "quarantine") == []
    assert len(rows(tmp_path / "out", "articles")) == 1


@pytest.mark.parametrize("settings", [{"workers": 2, "shard_bytes": 300}, {"shard_bytes": 1}, {"shard_bytes": 10**9}])
def test_the_rows_do_not_depend_on_workers_or_shards(tmp_path: Path, settings: dict[str, int]) -> None:
    for number, record in enumerate(RECORDS):
        write_jsonl(tmp_path / "in" / f"{number}.jsonl", [record])
    commit(tmp_path / "plain", tmp_path / "in")
    commit(tmp_path / "other", tmp_path / "in", **settings)
    for table in CONTENT:
        assert rows(tmp_path / "plain", table) == rows(tmp_path / "other", table), table


def test_ten_runs_leave_the_rows_of_one(tmp_path: Path) -> None:
    for number, record in enumerate(RECORDS):
        path = write_jsonl(tmp_path / "in" / f"{number}.jsonl", [record])
        commit(tmp_path / "many", path)
    commit(tmp_path / "one", tmp_path / "in")
    for table in CONTENT:
        assert rows(tmp_path / "many", table) == rows(tmp_path / "one", table), table


def test_an_article_that_comes_twice_is_kept_once_and_the_second_is_quarantined(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "in" / "a.jsonl", [RECORDS[0], RECORDS[1], RECORDS[0]])
    write_jsonl(tmp_path / "in" / "b.jsonl", [RECORDS[1], RECORDS[2]])
    result = commit(tmp_path / "out", tmp_path / "in", shard_bytes=1)
    assert result.exit_code == 3
    assert sorted(row["source_id"] for row in rows(tmp_path / "out", "articles")) == ["r0", "r1", "r2"]
    assert len(rows(tmp_path / "out", "links")) == 3
    again = [(Path(row["source_uri"]).name, row["code"]) for row in rows(tmp_path / "out", "quarantine")]
    assert again == [("a.jsonl#3", "repeated"), ("b.jsonl#1", "repeated")]


def test_a_fault_on_one_article_quarantines_it_and_spares_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pipeline.shards

    real = pipeline.shards.extract_article

    def faulty(article: Any, gazetteer: Any) -> Any:
        if article.source_id == "r1":
            raise ZeroDivisionError("a fault of ours")
        return real(article, gazetteer)

    monkeypatch.setattr(pipeline.shards, "extract_article", faulty)
    commit(tmp_path / "out", write_jsonl(tmp_path / "a.jsonl", RECORDS[:3]))
    assert len(rows(tmp_path / "out", "articles")) == 2
    (row,) = rows(tmp_path / "out", "quarantine")
    assert (row["stage"], row["code"]) == ("extract", "stage_failed")
    assert "a fault of ours" in row["detail"]


def test_the_run_row_tells_versions_and_counts(tmp_path: Path) -> None:
    commit(tmp_path / "out", FIRST_ARTICLE)
    (row,) = read_table("runs", tmp_path / "out").to_pylist()
    assert (row["n_inputs"], row["n_skipped"], row["n_articles"], row["n_links"], row["exit_code"]) == (1, 0, 1, 23, 0)
    assert row["started_at"] <= row["finished_at"]
    assert all(
        len(row[name]) == 64 for name in ("fingerprint", "gazetteer_hash", "lexicon_hash", "tagger_hash", "config_hash")
    )


def test_a_repeated_article_stays_when_its_first_input_drops_it(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "in" / "a.jsonl", [RECORDS[0], RECORDS[1]])
    write_jsonl(tmp_path / "in" / "b.jsonl", [RECORDS[1]])
    commit(tmp_path / "out", tmp_path / "in", max_rejected=1)
    write_jsonl(tmp_path / "in" / "a.jsonl", [RECORDS[0]])
    commit(tmp_path / "out", tmp_path / "in")
    assert sorted(row["source_id"] for row in rows(tmp_path / "out", "articles")) == ["r0", "r1"]
    assert rows(tmp_path / "out", "quarantine") == []


def test_an_article_that_an_earlier_run_has_keeps_its_first_input(tmp_path: Path) -> None:
    first = write_jsonl(tmp_path / "a.jsonl", [RECORDS[0]])
    commit(tmp_path / "out", first)
    commit(tmp_path / "out", write_jsonl(tmp_path / "b.jsonl", [RECORDS[0], RECORDS[1]]), max_rejected=1)
    found = {row["source_id"]: Path(row["source_uri"]).name for row in rows(tmp_path / "out", "articles")}
    assert found == {"r0": "a.jsonl#1", "r1": "b.jsonl#2"}
    assert [row["code"] for row in rows(tmp_path / "out", "quarantine")] == ["repeated"]


def test_a_file_with_a_number_sign_in_its_name_is_replaced_like_any_other(tmp_path: Path) -> None:
    page = tmp_path / "a#1.txt"
    page.write_text("湘潭市对标长沙营商环境，加快审批改革。", encoding="utf-8")
    commit(tmp_path / "out", page)
    page.write_text("湘潭市对标昆明营商环境，加快审批改革。", encoding="utf-8")
    commit(tmp_path / "out", page)
    assert [row["model_name"] for row in rows(tmp_path / "out", "links")] == ["昆明市"]


def test_articles_that_an_older_version_read_are_read_again_from_their_rows_where_the_input_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pipeline.job

    for number in range(2):
        write_jsonl(tmp_path / "in" / f"{number}.jsonl", [RECORDS[number]])
    commit(tmp_path / "out", tmp_path / "in")
    before = rows(tmp_path / "out", "links")
    monkeypatch.setattr(pipeline.job, "fingerprint", lambda _settings: "0" * 64)
    (tmp_path / "in" / "0.jsonl").unlink()
    result = commit(tmp_path / "out", tmp_path / "in")
    assert result.counts["articles"] == 2
    (run,) = (row for row in rows(tmp_path / "out", "runs") if row["fingerprint"] == "0" * 64)
    assert (run["n_reextracted"], run["n_withdrawn"]) == (2, 0)
    assert rows(tmp_path / "out", "links") == before
    assert commit(tmp_path / "out", tmp_path / "in").commit is None


def test_one_file_has_one_uri_however_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = write_jsonl(tmp_path / "in" / "a.jsonl", RECORDS[:1])
    commit(tmp_path / "out", Path("in"))
    assert commit(tmp_path / "out", path).commit is None
    assert commit(tmp_path / "out", Path("./in/../in/a.jsonl")).commit is None
    assert [row["source_uri"] for row in rows(tmp_path / "out", "articles")] == ["in/a.jsonl#1"]


def test_a_worker_that_is_killed_fails_the_run_and_changes_nothing(tmp_path: Path) -> None:
    import os
    import signal

    from pipeline.engine import WorkerError, run_shards

    with pytest.raises(WorkerError, match="nothing changed"):
        list(run_shards(_end_myself, [(os.getpid(), signal.SIGKILL)], workers=2))


def _end_myself(shard: tuple[int, int]) -> None:
    import os

    assert os.getpid() != shard[0]
    os.kill(os.getpid(), shard[1])
