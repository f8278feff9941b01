"""Labels raw articles with a teacher, and marks what it doubts: the examples from which the small tagger learns most.

    E5_BIN=... python training/label_articles.py TEACHER.py CHECKPOINT CORPUS.parquet OUT.jsonl [--skip N] [--limit N]

TEACHER.py is the program that trained CHECKPOINT (a multilingual-e5-small with a tag for each character); CORPUS has
the columns id, title, text. A line of OUT is {"id", "text", "entities": [{"start", "end", "label"}], "doubtful":
[[start, end]]}. Doubtful is each character whose tag has less than the probability LEAST, with its neighbours. Places
that the teacher took together are cut. Appends, and goes on where it stopped.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import torch
from join_annotations import annotated_text

from pipeline.gazetteer import load_gazetteer
from pipeline.recognise.adjacent import cut_places
from pipeline.records import Span

LEAST = 0.7
"""Probability below which a tag is doubtful."""


def load_teacher(program: Path, checkpoint: Path) -> tuple[Any, Any, Any]:
    """(the teacher's module, its network, its coder), with the checkpoint's weights."""
    spec = importlib.util.spec_from_file_location("teacher", program)
    assert spec and spec.loader
    teacher = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(teacher)
    torch.set_num_threads(1)
    weights = teacher.Weights(os.environ["E5_BIN"])
    network = teacher.Tagger(weights)
    network.load_state_dict(torch.load(checkpoint), strict=False)
    network.eval()
    return teacher, network, teacher.Coder(weights, network)


def label(texts: dict[str, str], teacher: Any, network: Any, coder: Any) -> dict[str, dict[str, Any]]:
    """Entities and doubtful stretches of each text."""
    gazetteer = load_gazetteer()
    rows: dict[str, dict[str, Any]] = {key: {"entities": [], "doubtful": []} for key in texts}
    items = [item for key, text in texts.items() for item in coder.article(key, text, [])]
    for group in coder.batches(items, 4000, False):
        with torch.inference_mode():
            scores = network(coder.collate(group)).log_softmax(-1).numpy()
        for item, of_item in zip(group, scores, strict=True):
            key, offset = item["source"]
            of_item = of_item[: len(item["chars"])]
            for start, end, kind, _ in teacher.decode(of_item):
                span = Span(start + offset, end + offset)
                for part in cut_places(span, texts[key], gazetteer) if kind == "LOC" else [span]:
                    rows[key]["entities"].append({"start": part.start, "end": part.end, "label": kind})
            doubted = np.nonzero(np.exp(of_item.max(axis=1)) < LEAST)[0] + offset
            rows[key]["doubtful"] += [
                [max(offset, int(at) - 1), min(int(at) + 2, offset + len(of_item))] for at in doubted
            ]
    for row in rows.values():
        row["entities"].sort(key=lambda entity: entity["start"])
    return rows


def main() -> int:
    """The command; returns 2 where an input is missing."""
    parser = argparse.ArgumentParser(description="Label raw articles with a teacher.")
    for name in ("teacher", "checkpoint", "corpus", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--skip", type=int, default=0)
    parser.add_argument("--limit", type=int, default=None)
    options = parser.parse_args()
    for path in (options.teacher, options.checkpoint, options.corpus):
        if not path.is_file():
            print(f"{path}: no such file", file=sys.stderr)
            return 2
    if "E5_BIN" not in os.environ:
        print("E5_BIN does not name the teacher's weights", file=sys.stderr)
        return 2
    teacher, network, coder = load_teacher(options.teacher, options.checkpoint)
    done = set()
    if options.out.exists():
        done = {json.loads(line)["id"] for line in options.out.read_text(encoding="utf-8").splitlines()}
    articles = (
        pq.read_table(options.corpus, columns=["id", "title", "text"]).slice(options.skip, options.limit).to_pylist()
    )
    todo = [article for article in articles if article["id"] not in done]
    with options.out.open("a", encoding="utf-8") as out:
        for lot in (todo[at : at + 32] for at in range(0, len(todo), 32)):
            texts = {article["id"]: annotated_text(article["title"] or "", article["text"]) for article in lot}
            for key, row in label(texts, teacher, network, coder).items():
                out.write(json.dumps({"id": key, "text": texts[key], **row}, ensure_ascii=False) + "\n")
            out.flush()
    print(f"{len(todo)} articles labelled: {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
