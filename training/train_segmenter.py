"""Trains the segmenter's model with spacy-pkuseg on the People's Daily of January 1998.

    python training/train_segmenter.py PFR.txt OUT [--iterations N] [--trim N]

PFR.txt has a paragraph a line, words as word/tag. The last tenth of it is held out and written to OUT/held_out.txt,
words apart by spaces. A family name and the given name behind it are one word, as they are in UD treebanks.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import unicodedata
from pathlib import Path

import spacy_pkuseg
from spacy_pkuseg.config import config

HELD_OUT = 10
"""One paragraph in this many, the last ones, is held out."""


def read_words(file: Path) -> list[list[str]]:
    """The words of each paragraph, letters and digits of full width made plain."""
    paragraphs = []
    for line in file.read_text(encoding="utf-8").splitlines():
        words = []
        tagged = [token.rsplit("/", 1) for token in line.split() if "/" in token]
        for is_name, group in itertools.groupby(tagged, key=lambda pair: pair[1] == "nr"):
            parts = [word for word, _ in group]
            words += ["".join(parts[at : at + 2]) for at in range(0, len(parts), 2)] if is_name else parts
        if words:
            paragraphs.append([_plain(word) for word in words])
    return paragraphs


def _plain(word: str) -> str:
    """With the letters and digits of half width; punctuation stays as Chinese text has it."""
    return "".join(unicodedata.normalize("NFKC", c) if unicodedata.normalize("NFKC", c).isalnum() else c for c in word)


def main() -> int:
    """The command; returns 2 where the corpus is missing."""
    parser = argparse.ArgumentParser(description="Train the segmenter.")
    parser.add_argument("corpus", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--iterations", type=int, default=10)
    parser.add_argument("--trim", type=int, default=3, help="features seen at most so often are left out")
    options = parser.parse_args()
    if not options.corpus.is_file():
        print(f"{options.corpus}: no such file", file=sys.stderr)
        return 2
    paragraphs = read_words(options.corpus)
    cut = len(paragraphs) - len(paragraphs) // HELD_OUT
    options.out.mkdir(parents=True, exist_ok=True)
    files = {"train": paragraphs[:cut], "held_out": paragraphs[cut:]}
    for name, lines in files.items():
        (options.out / f"{name}.txt").write_text("\n".join(" ".join(words) for words in lines) + "\n", encoding="utf-8")
    config.featureTrim = options.trim
    spacy_pkuseg.train(
        str(options.out / "train.txt"),
        str(options.out / "held_out.txt"),
        str(options.out / "model"),
        train_iter=options.iterations,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
