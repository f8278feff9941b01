from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="runs are killed in forked processes")


@pytest.mark.parametrize(("arguments", "kills"), [(("steps", "2"), 60), (("moments", "40"), 40)])
def test_a_run_that_is_killed_leaves_whole_tables_and_the_next_one_finishes_it(
    arguments: tuple[str, ...], kills: int
) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.tables.crash", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.stdout, done.stderr
    said = json.loads(done.stdout)
    assert said["problems"] == []
    assert done.returncode == 0
    assert said["kills"] >= kills
    if arguments[0] == "steps":  # both sides of the one rename were met, and work that was finished was there
        assert said["seen"]["before"] and said["seen"]["after"]
        assert said["with_finished_shards"] > 10
