"""Writes a .spacy file of examples for the tagger, from annotated folders and from articles labelled by a teacher.

    python training/make_examples.py OUT.spacy [--gold DIR ...] [--repeat N] [--labelled FILE.jsonl ...]

DIR holds text/<id>.txt and gold/<id>.json. FILE has one article a line, {"text", "entities", "doubtful": [[start,
end]]}: the characters of doubtful stretches teach nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import spacy
from spacy.tokens import Doc, DocBin, Span

from pipeline.recognise.tagger import CharacterTokenizer


def gold_articles(folder: Path) -> Iterator[tuple[str, list[dict[str, object]], list[tuple[int, int]]]]:
    """(text, entities, no doubtful stretches) of a folder, in the order of its file names."""
    for path in sorted((folder / "gold").glob("*.json")):
        text = (folder / "text" / f"{path.stem}.txt").read_text(encoding="utf-8")
        yield text, json.loads(path.read_text(encoding="utf-8"))["entities"], []


def labelled_articles(file: Path) -> Iterator[tuple[str, list[dict[str, object]], list[tuple[int, int]]]]:
    """(text, entities, doubtful stretches) of a labelled file."""
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield row["text"], row["entities"], [(start, end) for start, end in row["doubtful"]]


def make_doc(
    tokenizer: CharacterTokenizer, text: str, entities: list[dict[str, object]], doubtful: list[tuple[int, int]]
) -> Doc:
    """The document with its entities; an entity that a doubtful stretch touches is missing whole."""
    doc = tokenizer(text)
    missing = [False] * len(text)
    for start, end in doubtful:
        missing[start:end] = [True] * (end - start)
    kept = []
    for entity in entities:
        start, end = int(str(entity["start"])), int(str(entity["end"]))
        if any(missing[start:end]):
            missing[start:end] = [True] * (end - start)
        else:
            kept.append(Span(doc, start, end, str(entity["label"])))
    gaps, start = [], -1
    for at, is_missing in enumerate([*missing, False]):
        if is_missing and start < 0:
            start = at
        elif not is_missing and start >= 0:
            gaps.append(Span(doc, start, at))
            start = -1
    doc.set_ents(kept, missing=gaps, default="outside")
    return doc


def main() -> int:
    """The command; returns 2 where an input is missing."""
    parser = argparse.ArgumentParser(description="Write examples for the tagger.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--gold", type=Path, action="append", default=[])
    parser.add_argument("--repeat", type=int, default=1, help="how often the annotated articles are written")
    parser.add_argument("--labelled", type=Path, action="append", default=[])
    options = parser.parse_args()
    for path in (*options.gold, *options.labelled):
        if not path.exists():
            print(f"{path}: no such file or folder", file=sys.stderr)
            return 2
    tokenizer = CharacterTokenizer(spacy.blank("zh").vocab)
    examples = DocBin(attrs=["ENT_IOB", "ENT_TYPE"])
    counts = [0, 0]
    for folder in options.gold:
        for text, entities, doubtful in gold_articles(folder):
            for _ in range(options.repeat):
                examples.add(make_doc(tokenizer, text, entities, doubtful))
            counts[0] += 1
    for file in options.labelled:
        for text, entities, doubtful in labelled_articles(file):
            examples.add(make_doc(tokenizer, text, entities, doubtful))
            counts[1] += 1
    examples.to_disk(options.out)
    print(f"{counts[0]} articles annotated by reading, {counts[1]} labelled by a teacher: {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
