"""Words beside jieba: F1 of words and characters a second, with and without the gazetteer as the dictionary.

    pip install -c constraints.txt -e '.[bench,words]'
    python benchmarks/segmentation.py UD.conllu HELD_OUT.txt

UD.conllu is a treebank (Chinese GSDSimp, test); HELD_OUT.txt is what training/train_segmenter.py held out, words
apart by spaces. A word is right where both its limits are.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path

import jieba

sys.path.insert(0, str(Path(__file__).parent.parent))

from pipeline.recognise.words import load_plain_segmenter, load_segmenter, segment

Sentences = list[list[str]]


def read_conllu(file: Path) -> Sentences:
    """The words of each sentence of a treebank."""
    blocks = file.read_text(encoding="utf-8").split("\n\n")
    rows = [[line.split("\t") for line in block.split("\n") if line[:1].isdigit()] for block in blocks]
    return [[row[1] for row in sentence if row[0].isdigit()] for sentence in rows if sentence]


def read_spaced(file: Path) -> Sentences:
    """The words of each line."""
    return [line.split() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def word_f1(cut: Callable[[str], list[str]], sentences: Sentences) -> tuple[float, float]:
    """(F1, characters a second)."""
    both = total = characters = 0
    seconds = 0.0
    for words in sentences:
        text = "".join(words)
        began = time.perf_counter()
        found = [word for word in cut(text) if word.strip()]
        seconds += time.perf_counter() - began
        mine, gold = spans(found), spans(words)
        both += len(mine & gold)
        total += len(mine) + len(gold)
        characters += len(text)
    return 2 * both / total, characters / seconds


def spans(words: list[str]) -> set[tuple[int, int]]:
    """Start and end of each word in the text without white space."""
    ends = list(accumulate(map(len, words)))
    return set(zip([0, *ends], ends, strict=False))


def main(arguments: list[str]) -> int:
    """The command; returns 2 without its two files."""
    if len(arguments) != 2 or not all(Path(argument).is_file() for argument in arguments):
        print("usage: python benchmarks/segmentation.py UD.conllu HELD_OUT.txt", file=sys.stderr)
        return 2
    plain = load_plain_segmenter()
    load_segmenter()
    jieba.lcut("读入词典")
    tools: dict[str, Callable[[str], list[str]]] = {
        "pkuseg, our model and the gazetteer": segment,
        "pkuseg, our model": lambda text: [token.text for token in plain.make_doc(text)],
        "jieba": jieba.lcut,
    }
    corpora = (read_conllu(Path(arguments[0])), read_spaced(Path(arguments[1])))
    for name, sentences in zip(arguments, corpora, strict=True):
        print(f"{Path(name).name}: {len(sentences)} sentences")
        for tool, cut in tools.items():
            score, rate = word_f1(cut, sentences)
            print(f"  {tool:36s} F1 {score:.3f}  {rate:9,.0f} characters a second")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
