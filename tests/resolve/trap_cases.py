"""The traps of traps.toml and traps_of_another_hand.toml as cases; benchmarks read them too."""

from __future__ import annotations

import tomllib
from pathlib import Path

Trap = tuple[str, str, int, str | None, dict[str, str]]
"""kind, text, year of publication, home (the publisher's name), place -> code"""


def cases(file: str = "traps.toml") -> list[Trap]:
    content = tomllib.loads((Path(__file__).parent / file).read_text(encoding="utf-8"))
    return [
        (case["kind"], text, case.get("year", 2022), case.get("home"), places)
        for case in content["case"]
        for text, places in case["texts"]
    ]
