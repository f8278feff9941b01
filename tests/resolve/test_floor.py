from __future__ import annotations

from pathlib import Path

from benchmarks.resolution import measure

MIN_RIGHT = 0.97


def test_resolution_of_annotated_links_does_not_fall(shared: Path) -> None:
    counts, right_homes, homes = measure(shared / "gold" / "dev")
    verdicts = {verdict: sum(n for key, n in counts.items() if key[2] == verdict) for verdict in ("right", "wrong")}
    assert verdicts["right"] / counts.total() >= MIN_RIGHT
    assert not any(n for (_, by, verdict), n in counts.items() if by == "by name" and verdict == "wrong")
    assert right_homes / homes >= 0.93
