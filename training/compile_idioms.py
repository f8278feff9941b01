"""Compiles pipeline/resources/lexicon/idioms.toml: fixed phrases of four characters and more that hold a place's name.

    python training/compile_idioms.py

Reads the dictionary of the package jieba 0.42.1 (MIT) and keeps what it marks as an idiom.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pipeline.gazetteer import load_gazetteer
from pipeline.gazetteer.region import LETTER
from pipeline.resources import LEXICON_FOLDER

HEADER = """# Idioms that hold the name of a place without naming it. Compiled by training/compile_idioms.py from the
# dictionary of jieba 0.42.1 (MIT); not edited by hand.

"""
SHORTEST = 4


def idioms() -> list[str]:
    """The idioms of the dictionary that hold a name of the gazetteer, sorted."""
    import jieba

    names = {words for words, of in load_gazetteer().names.items() if any(n.name_type != LETTER for n in of)}
    found = []
    for line in (Path(jieba.__file__).parent / "dict.txt").read_text(encoding="utf-8").splitlines():
        words, _, kind = line.split()
        parts = {words[at : at + size] for size in (2, 3) for at in range(len(words) - size + 1)}
        if kind == "i" and len(words) >= SHORTEST and words not in names and parts & names:
            found.append(words)
    return sorted(found)


def main() -> int:
    """The command."""
    found = idioms()
    lines = ",\n    ".join(f'"{words}"' for words in found)
    (LEXICON_FOLDER / "idioms.toml").write_text(f"{HEADER}idioms = [\n    {lines},\n]\n", encoding="utf-8")
    print(f"{len(found)} idioms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
