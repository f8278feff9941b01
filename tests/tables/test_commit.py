from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from pipeline.tables import TABLES, OutputError, Store, read_table
from tests.test_cli import biaogan, one_line
from tests.test_job import RECORDS, commit, write_jsonl


def one_commit(tmp_path: Path, number: int = 2) -> Path:
    commit(tmp_path / "out", write_jsonl(tmp_path / "a.jsonl", RECORDS[:number]))
    return tmp_path / "out"


def left_in_staging(output: Path) -> list[str]:
    return [path.name for path in (output / "_staging").rglob("*") if path.name != "shards"]


def test_all_tables_hang_on_one_link(tmp_path: Path) -> None:
    output = one_commit(tmp_path)
    assert (output / "_current").readlink() == Path("_generations/g000001")
    for name in TABLES:
        assert (output / name).readlink() == Path("_current") / name
    assert left_in_staging(output) == []


def test_the_commit_file_tells_what_was_committed(tmp_path: Path) -> None:
    output = one_commit(tmp_path)
    record = json.loads((output / "_commits" / "000001.json").read_text(encoding="utf-8"))
    assert record["rows"]["articles"] == 2
    assert list(record["inputs"]) == [str(tmp_path / "a.jsonl")]
    content = hashlib.sha256((tmp_path / "a.jsonl").read_bytes()).hexdigest()
    assert list(record["inputs"].values()) == [f"{content[:32]}.{record['fingerprint'][:16]}"]
    for name, entries in record["files"].items():
        for file, entry in entries.items():
            lying = (output / "_current" / name / file).read_bytes()
            assert (hashlib.sha256(lying).hexdigest(), len(lying)) == (entry["sha256"], entry["n_bytes"])


def test_the_next_run_sweeps_what_a_killed_run_left(tmp_path: Path) -> None:
    output = one_commit(tmp_path)
    (output / "_staging" / "20260101T000000Z-dead" / "000000").mkdir(parents=True)
    (output / "_generations" / "g000002" / "links").mkdir(parents=True)
    (output / "_commits" / "000002.json").write_text("{}", encoding="utf-8")
    result = commit(output, tmp_path / "a.jsonl")
    assert result.commit is None
    assert left_in_staging(output) == []
    assert [p.name for p in (output / "_generations").iterdir()] == ["g000001"]
    assert [p.name for p in (output / "_commits").iterdir()] == ["000001.json"]
    assert read_table("articles", output).num_rows == 2


def test_old_generations_are_kept_for_as_many_commits_as_said(tmp_path: Path) -> None:
    from pipeline.config import CommitSettings, RunSettings, Settings
    from pipeline.job import run

    output = tmp_path / "out"
    for number, record in enumerate(RECORDS[:5]):
        path = write_jsonl(tmp_path / f"{number}.jsonl", [record])
        settings = Settings(
            run=RunSettings(inputs=(str(path),), output=str(output)),
            commit=CommitSettings(keep_generations=2, keep_hours=0),
        )
        run(settings)
    assert sorted(p.name for p in (output / "_generations").iterdir()) == ["g000004", "g000005"]
    assert read_table("articles", output).num_rows == 5


def test_a_folder_that_cannot_be_made_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot be written"), Store(tmp_path / "file" / "out").locked():
        pass


def test_a_folder_that_was_copied_without_its_links_loses_nothing(tmp_path: Path) -> None:
    output = one_commit(tmp_path)
    commit(output, write_jsonl(tmp_path / "b.jsonl", RECORDS[2:3]))
    for link in [path for path in output.iterdir() if path.is_symlink()]:
        link.unlink()
    (tmp_path / "a.jsonl").unlink()
    told = biaogan("status", "--output", str(output))
    assert (told.exit_code, "_current is gone" in one_line(told)) == (1, True)
    with pytest.raises(FileNotFoundError, match="_current is gone"):
        read_table("articles", output)
    told = biaogan("run", str(tmp_path / "b.jsonl"), "--output", str(output))
    assert told.exit_code == 0
    assert "it names generation 2 again" in told.stderr
    assert read_table("articles", output).num_rows == 3
    assert [p.name for p in sorted((output / "_generations").iterdir())] == ["g000001", "g000002"]


def test_a_folder_without_its_links_and_without_a_file_is_left_as_it_is(tmp_path: Path) -> None:
    output = one_commit(tmp_path)
    (output / "_current").unlink()
    next(iter((output / "_generations/g000001/links").iterdir())).unlink()
    before = sorted(output.rglob("*"))
    told = biaogan("run", str(tmp_path / "a.jsonl"), "--output", str(output))
    assert told.exit_code == 1
    assert "nothing was changed" in one_line(told)
    assert {p for p in output.rglob("*") if p.name != "_lock"} == {p for p in before if p.name != "_lock"}


@pytest.mark.parametrize("command", ["status", "verify", "history", "compact", "run"])
def test_a_generation_that_is_gone_is_told(tmp_path: Path, command: str) -> None:
    output = one_commit(tmp_path)
    commit(output, write_jsonl(tmp_path / "b.jsonl", RECORDS[2:3]))
    shutil.rmtree(output / "_generations/g000002")
    inputs = [str(tmp_path / "a.jsonl")] if command == "run" else []
    told = biaogan(command, *inputs, "--output", str(output))
    assert told.exit_code == 1
    assert "g000002: is gone, though _current names it" in one_line(told)
    with pytest.raises(FileNotFoundError, match="is gone"):
        read_table("articles", output)
