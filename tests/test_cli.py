from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pipeline.cli import app
from pipeline.tables.schema import TABLES
from tests.conftest import FIRST_ARTICLE

NOBODY = 65534


def biaogan(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def one_line(result: Result) -> str:
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.output
    assert "Traceback" not in result.output
    return lines[0]


@contextmanager
def without_root() -> Iterator[None]:
    """Root reads and writes everything; the tests of permissions act as nobody where they are run by root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def own_folder(tmp_path: Path) -> Path:
    """A folder that nobody, too, can reach."""
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(0o755)
    return tmp_path


def test_a_run_prints_what_it_wrote_and_how_to_open_it(tmp_path: Path) -> None:
    output = tmp_path / "processed"
    result = biaogan("run", str(FIRST_ARTICLE), "--output", str(output))
    assert result.exit_code == 0, result.output
    for name in TABLES:
        assert f"{output}/{name}" in result.stdout
    assert f'pd.read_parquet("{output}/links")' in result.stdout
    again = biaogan("run", str(FIRST_ARTICLE), "--output", str(output))
    assert again.exit_code == 0
    assert "nothing is new" in again.stdout


def test_a_missing_input_is_a_usage_error(tmp_path: Path) -> None:
    result = biaogan("run", str(tmp_path / "nowhere"), "--output", str(tmp_path / "out"))
    assert result.exit_code == 2
    assert one_line(result) == f"biaogan: {tmp_path}/nowhere: no such file or folder"
    assert not (tmp_path / "out").exists()


def test_an_unreadable_folder_fails_and_changes_nothing(own_folder: Path) -> None:
    closed = own_folder / "closed"
    closed.mkdir(mode=0o700)
    (closed / "page.txt").write_text("湘潭市对标长沙营商环境。", encoding="utf-8")
    if os.geteuid() != 0:
        closed.chmod(0)
    with without_root():
        result = biaogan("run", str(closed), "--output", str(own_folder / "out"))
    closed.chmod(0o700)
    assert result.exit_code == 1
    assert one_line(result) == f"biaogan: {closed}: cannot be read: Permission denied"
    assert not (own_folder / "out").exists()


def test_a_read_only_output_fails_with_one_line(own_folder: Path) -> None:
    page = own_folder / "page.txt"
    page.write_text("湘潭市对标长沙营商环境，加快审批改革。", encoding="utf-8")
    output = own_folder / "out"
    output.mkdir(mode=0o555)
    with without_root():
        result = biaogan("run", str(page), "--output", str(output))
    assert result.exit_code == 1
    assert one_line(result) == f"biaogan: {output}: cannot be written: Permission denied"
    assert list(output.iterdir()) == []


def test_an_output_that_is_a_file_fails_with_one_line(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("", encoding="utf-8")
    result = biaogan("run", str(FIRST_ARTICLE), "--output", str(tmp_path / "out"))
    assert result.exit_code == 1
    assert "cannot be written" in one_line(result)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("[run]\nworker = 2\n", "unknown key 'worker' in [run]; did you mean 'workers'?"),
        ("[runs]\nworkers = 2\n", "unknown key 'runs'; did you mean 'run'?"),
        ('[run]\nworkers = "two"\n', "run.workers: Input should be a valid integer, found 'two'"),
        ("[run]\nworkers = 0\n", "run.workers: Input should be greater than or equal to 1, found 0"),
        ("[run\n", "not valid TOML"),
    ],
)
def test_a_wrong_setting_names_the_file_and_the_key(tmp_path: Path, content: str, line: str) -> None:
    config = tmp_path / "job.toml"
    config.write_text(content, encoding="utf-8")
    result = biaogan("run", "--config", str(config))
    assert result.exit_code == 2
    assert one_line(result).startswith(f"biaogan: {config}: {line}")


def test_a_config_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    result = biaogan("run", "--config", str(tmp_path / "none.toml"))
    assert result.exit_code == 2
    assert one_line(result) == f"biaogan: {tmp_path}/none.toml: no such file"


def test_a_second_run_finds_the_lock_and_leaves(tmp_path: Path) -> None:
    output = tmp_path / "out"
    output.mkdir()
    with (output / "_lock").open("w") as handle:
        handle.write('{"pid": 4711}')
        handle.flush()
        fcntl.flock(handle, fcntl.LOCK_EX)
        result = biaogan("run", str(FIRST_ARTICLE), "--output", str(output))
    assert result.exit_code == 75
    assert "another run holds the lock" in one_line(result)
    assert "4711" in result.stderr


def test_more_rejected_inputs_than_allowed_give_exit_code_3_and_are_committed(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "bad.txt").write_bytes(b"\xff\xff\xff")
    (tmp_path / "in" / "good.txt").write_text("湘潭市对标长沙营商环境，加快审批改革。", encoding="utf-8")
    result = biaogan("run", str(tmp_path / "in"), "--output", str(tmp_path / "out"))
    assert result.exit_code == 3
    assert "1 inputs were quarantined" in result.stderr
    assert (tmp_path / "out" / "links").is_dir()


def test_schema_prints_every_field_in_two_languages() -> None:
    printed = biaogan("schema").stdout
    for table in TABLES.values():
        for field in table.schema:
            metadata = field.metadata or {}
            assert field.name in printed
            assert metadata[b"description"].decode() in printed
            assert any("\u4e00" <= character <= "\u9fff" for character in metadata[b"description_zh"].decode()) or (
                "UTC" in metadata[b"description_zh"].decode()
            )


def test_schema_of_an_unknown_table_is_a_usage_error() -> None:
    result = biaogan("schema", "link")
    assert result.exit_code == 2
    assert "the tables are articles, mentions" in one_line(result)


def test_the_version_is_printed() -> None:
    assert biaogan("--version").stdout.startswith("biaogan 0.")
