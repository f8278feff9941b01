"""Kills a run at every step that it takes in the file system, or at any moment, and looks at what is left.

    python -m tests.tables.crash steps [EVERY]       every step of a run (or each EVERY-th), one kill each
    python -m tests.tables.crash moments NUMBER      that many random moments

The run replaces an article, adds two, withdraws one and removes an old generation. After each kill: readers see the tables
of before or of after the run, whole; the next run ends with the tables of an undisturbed one, row by row; no file is left
over. Prints one JSON object; ends with 1 where anything was wrong.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from pipeline.config import CommitSettings, RunSettings, Settings
from pipeline.job import run
from pipeline.tables import TABLES, Store, read_table
from pipeline.tables.verify import verify
from tests.ingest.inputs import jsonl, text_of

EVENTS = frozenset(
    (
        "open",
        "os.mkdir",
        "os.link",
        "os.symlink",
        "os.rename",
        "os.remove",
        "os.rmdir",
        "os.truncate",
        "shutil.copyfile",
    )
)
"""Audit events (PEP 578) of steps in the file system; fcntl and fsync have none, and change no name."""
Rows = dict[str, list[dict[str, Any]]]


def article(number: int, version: int = 0) -> dict[str, object]:
    return {"id": f"r{number}", "text": text_of(number + 100 * version)}


def settings(folder: Path) -> Settings:
    return Settings(
        run=RunSettings(inputs=(str(folder / "in"),), output=str(folder / "out"), shard_bytes=1, prune=True),
        commit=CommitSettings(keep_generations=1, keep_hours=0),
    )


def prepare(folder: Path) -> None:
    """Inputs and their tables as they are before the run, and the inputs as it finds them."""
    (folder / "in").mkdir(parents=True)
    write(folder, "a.jsonl", [article(1), article(2)])
    write(folder, "gone.jsonl", [article(3)])
    run(settings(folder))
    write(folder, "a.jsonl", [article(1, version=1), article(2)])
    write(folder, "b.jsonl", [article(4)])
    write(folder, "c.jsonl", [article(5), {"id": "bad"}])
    (folder / "in" / "gone.jsonl").unlink()


def write(folder: Path, name: str, records: list[dict[str, object]]) -> None:
    (folder / "in" / name).write_bytes(jsonl(records))


def rows_of(output: Path) -> Rows:
    """The rows of all tables but `runs`, without what differs from run to run, in an order of their own."""
    found: Rows = {}
    for name in TABLES:
        if name in ("runs", "regions"):
            continue
        rows = [
            {k: v for k, v in row.items() if k not in ("run_id", "at")} for row in read_table(name, output).to_pylist()
        ]
        found[name] = sorted(rows, key=lambda row: json.dumps(row, default=str, ensure_ascii=False))
    return found


def left_over(output: Path) -> list[str]:
    """Files that no generation, commit or lock accounts for."""
    store = Store(output)
    newest = store.latest()
    assert newest is not None
    allowed = {"_lock", "_current", *TABLES, f"_commits/{newest.number:06d}.json"}
    allowed |= {f"_commits/{number:06d}.json" for number in range(1, newest.number)}
    for number in store.kept():
        for name, entries in store.commit(number).files.items():
            allowed |= {f"_generations/g{number:06d}/{name}/{file}" for file in entries}
    found = (path for path in output.rglob("*") if path.is_symlink() or not path.is_dir())
    names = {str(path.relative_to(output)) for path in found}
    folders = {path.name for path in (output / "_staging").rglob("*")} - {"shards"}
    return sorted((names - allowed) | folders | ({"_lock"} if (output / "_lock").stat().st_size else set()))


def in_child(action: Any) -> int:
    """Runs `action` in a forked process; its exit status as os.waitpid gives it."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            action()
            code = 0
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1]


def run_and_die_at(folder: Path, step: int) -> None:
    """Runs, and is killed before the step of this number below the output folder; counts the steps where it is not."""
    root = str(folder / "out")
    taken = 0

    def count(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal taken
        if event in EVENTS and any(isinstance(a, str | Path) and str(a).startswith(root) for a in arguments):
            taken += 1
            if taken == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    run(settings(folder))
    (folder / "steps").write_text(str(taken))


def run_and_die_after(folder: Path, seconds: float) -> None:
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    watcher = os.fork()
    if watcher == 0:
        time.sleep(seconds)
        os.kill(os.getppid(), signal.SIGKILL)
        os._exit(0)
    run(settings(folder))
    os.kill(watcher, signal.SIGKILL)
    os.waitpid(watcher, 0)


class Trial:
    """A folder before the run, and what its tables are before and after an undisturbed one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.base = folder / "base"
        prepare(folder / "work")
        (folder / "work").rename(self.base)
        self.before = rows_of(self.base / "out")
        undisturbed = self.copy()
        started = time.perf_counter()
        assert in_child(lambda: run_and_die_at(undisturbed, -1)) == 0
        self.seconds = time.perf_counter() - started
        self.n_steps = int((undisturbed / "steps").read_text())
        self.after = rows_of(undisturbed / "out")
        ids = [sorted(row["source_id"] for row in rows["articles"]) for rows in (self.before, self.after)]
        assert ids == [["r1", "r2", "r3"], ["r1", "r2", "r4", "r5"]]
        assert left_over(undisturbed / "out") == []
        self.problems: list[str] = []
        self.seen = {"before": 0, "after": 0}
        self.resumed = 0

    def copy(self) -> Path:
        """A copy of the folder as it is before the run, at the place where it was made, for uris hold their path."""
        target = self.folder / "work"
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(self.base, target, symlinks=True)
        return target

    def kill(self, what: str, action: Any) -> None:
        work = self.copy()
        status = in_child(lambda: action(work))
        if not os.WIFSIGNALED(status) and status:
            self.problems.append(f"{what}: the run failed")
        found = rows_of(work / "out")
        if found not in (self.before, self.after):
            self.problems.append(f"{what}: readers see neither the old nor the new tables")
        self.seen["before" if found == self.before else "after"] += 1
        self.resumed += any((work / "out/_staging/shards").glob("[0-9a-f]*"))
        if in_child(lambda: run(settings(work))):
            self.problems.append(f"{what}: the next run failed")
            return
        if rows_of(work / "out") != self.after:
            self.problems.append(f"{what}: the next run gave other tables")
        if left := left_over(work / "out"):
            self.problems.append(f"{what}: left behind {left}")
        _, wrong = verify(Store(work / "out"))
        self.problems += [f"{what}: {problem}" for problem in wrong]


def main(arguments: list[str]) -> int:
    kind, *rest = arguments
    number = int(rest[0]) if rest else 1
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(Path(folder))
        rng = random.Random(11)
        kills = 0
        if kind == "steps":
            for step in range(1, trial.n_steps + 1, number):
                trial.kill(f"step {step}", lambda work, step=step: run_and_die_at(work, step))
                kills += 1
        else:
            for _ in range(number):
                seconds = rng.uniform(0, trial.seconds)
                trial.kill(f"after {seconds:.4f} s", lambda work, seconds=seconds: run_and_die_after(work, seconds))
                kills += 1
        said = {
            "kills": kills,
            "steps": trial.n_steps,
            "seen": trial.seen,
            "with_finished_shards": trial.resumed,
            "problems": trial.problems,
        }
    print(json.dumps(said, ensure_ascii=False))
    return bool(trial.problems)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
