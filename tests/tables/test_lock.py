from __future__ import annotations

import errno
import fcntl
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.tables import LockedError, OutputError, Store, lock, read_table
from tests.conftest import ROOT
from tests.tables.test_incremental import commit, write
from tests.test_cli import biaogan, one_line, own_folder, without_root

__all__ = ["own_folder"]


def owner(pid: int, host: str | None = None, started: int | None = None) -> str:
    return json.dumps({"pid": pid, "host": host or socket.gethostname(), "started": started, "since": "2026-01-01"})


def dead_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_the_lock_says_who_holds_it_and_is_empty_afterwards(tmp_path: Path) -> None:
    with Store(tmp_path).locked():
        said = json.loads((tmp_path / "_lock").read_text())
        assert (said["pid"], said["host"]) == (os.getpid(), socket.gethostname())
        assert said["since"] and said["started"]
        with pytest.raises(LockedError, match=str(os.getpid())), Store(tmp_path).locked():
            pass
    assert (tmp_path / "_lock").read_text() == ""


def test_the_lock_of_a_killed_run_is_taken_over_with_a_message(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom pipeline.tables import Store\n"
        "with Store(Path(sys.argv[1])).locked():\n    os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    told: list[str] = []
    with Store(tmp_path).locked(told.append):
        pass
    assert len(told) == 1
    assert "took over the lock of a run that did not end as it should" in told[0]
    assert socket.gethostname() in told[0]


@pytest.fixture
def no_flock(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", refuse)


@pytest.mark.usefixtures("no_flock")
def test_without_flock_a_lock_by_name_keeps_a_second_run_out(tmp_path: Path) -> None:
    with (
        Store(tmp_path).locked(),
        pytest.raises(LockedError, match="another run holds the lock"),
        Store(tmp_path).locked(),
    ):
        pass
    assert sorted(p.name for p in tmp_path.glob("_lock*")) == ["_lock"]


@pytest.mark.usefixtures("no_flock")
@pytest.mark.parametrize(
    ("who", "taken"),
    [("dead", True), ("reused", True), ("alive", False), ("elsewhere", False), ("unknown", False)],
)
def test_without_flock_the_lock_of_a_dead_owner_is_taken_over(tmp_path: Path, who: str, taken: bool) -> None:
    held = {
        "dead": owner(dead_process()),
        "reused": owner(os.getpid(), started=1),  # its number belongs to a process that began later
        "alive": owner(os.getpid(), started=lock._start_of(os.getpid())),
        "elsewhere": owner(dead_process(), host="another-host"),
        "unknown": "who knows",
    }[who]
    (tmp_path / "_lock.held").write_text(held)
    told: list[str] = []
    if taken:
        with Store(tmp_path).locked(told.append):
            pass
        assert "no longer alive" in told[0]
        assert not (tmp_path / "_lock.held").exists()
    else:
        with pytest.raises(LockedError), Store(tmp_path).locked(told.append):
            pass
        assert (tmp_path / "_lock.held").exists()


def test_of_two_runs_at_once_one_leaves_and_the_tables_are_those_of_the_other(tmp_path: Path) -> None:
    for number in range(30):
        write(tmp_path / f"in/{number}.jsonl", number)
    command = [sys.executable, "-c", "from pipeline.cli import main; main()", "run", str(tmp_path / "in")]
    command += ["--output", str(tmp_path / "out")]
    runs = [
        subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    said = [process.communicate() for process in runs]
    codes = sorted(process.returncode for process in runs)
    # The second finds the lock, or, where the first was done before it asked, nothing to do.
    assert codes in ([0, 75], [0, 0])
    if codes == [0, 75]:
        assert any("another run holds the lock" in err for _, err in said)
    assert read_table("articles", tmp_path / "out").num_rows == 30
    assert Store(tmp_path / "out").kept() == [1]


def test_a_file_system_without_hard_links_gets_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    output = tmp_path / "out"
    commit(output, write(tmp_path / "a.jsonl", 1))
    commit(output, write(tmp_path / "b.jsonl", 2))
    assert read_table("articles", output).num_rows == 2
    assert read_table("articles", output, generation=1).num_rows == 1
    monkeypatch.undo()
    assert biaogan("verify", "--output", str(output)).exit_code == 0


def test_a_full_disk_fails_with_one_line_and_leaves_the_old_tables(tmp_path: Path) -> None:
    output = tmp_path / "out"
    commit(output, write(tmp_path / "a.jsonl", 1))
    write(tmp_path / "b.jsonl", *range(2, 60))
    before = read_table("articles", output)
    script = (
        "import resource, signal, sys\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)),) * 2)\nfrom pipeline.cli import main\nmain()"
    )
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    for limit in (1_000, 4_000, 9_000):
        done = subprocess.run(
            [sys.executable, "-c", script, str(limit), "run", str(tmp_path / "b.jsonl"), "--output", str(output)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1, (limit, done)
        assert "Traceback" not in done.stderr
        assert done.stderr.strip().splitlines()[-1].startswith("biaogan: ")
        assert read_table("articles", output).equals(before)
    commit(output, tmp_path / "b.jsonl")
    assert read_table("articles", output).num_rows == 59
    assert [p.name for p in (output / "_staging/shards").iterdir()] == []
    assert biaogan("verify", "--output", str(output)).exit_code == 0


def test_a_folder_that_became_read_only_fails_and_is_read_as_before(own_folder: Path) -> None:
    output = own_folder / "out"
    commit(output, write(own_folder / "a.jsonl", 1))
    before = read_table("articles", output)
    path = write(own_folder / "b.jsonl", 2)
    for folder in (output, *(p for p in output.rglob("*") if p.is_dir() and not p.is_symlink())):
        folder.chmod(0o555)
    with without_root():
        told = biaogan("run", str(path), "--output", str(output))
    assert told.exit_code == 1
    assert "Permission denied" in one_line(told)
    assert read_table("articles", output).equals(before)


def test_a_commit_file_that_is_broken_is_named(tmp_path: Path) -> None:
    output = tmp_path / "out"
    commit(output, write(tmp_path / "a.jsonl", 1))
    for content in ("{", "[]", '{"number": 1}'):
        (output / "_commits/000001.json").write_text(content)
        with pytest.raises(OutputError, match="is not the commit file that it should be"):
            Store(output).latest()
    told = biaogan("run", str(tmp_path / "a.jsonl"), "--output", str(output))
    assert told.exit_code == 1
    assert "000001.json" in one_line(told)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_a_run_that_is_ended_takes_its_workers_with_it(tmp_path: Path, number: int, code: int) -> None:
    for part in range(8):
        write(tmp_path / f"in/{part}.jsonl", *range(400 * part, 400 * part + 400))
    config = tmp_path / "c.toml"
    config.write_text("[run]\nshard_bytes = 10_000\nworkers = 2\n", encoding="utf-8")
    command = [sys.executable, "-c", "from pipeline.cli import main; main()"]
    command += ["run", str(tmp_path / "in"), "--output", str(tmp_path / "out")]
    with subprocess.Popen(
        [*command, "--config", str(config)], stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stderr is not None
        while "shard 1 of" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(number)  # to the run alone, not to its workers
        assert process.wait(timeout=20) == code
        deadline = time.monotonic() + 20
        while is_there(process.pid):
            assert time.monotonic() < deadline, "a worker is left"
            time.sleep(0.1)
        told = process.stderr.read()
    assert "Traceback" not in told
    assert ("interrupted; readers see whole tables" in told) == (number != signal.SIGKILL)


def is_there(group: int) -> bool:
    """Whether a process of this group is."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
