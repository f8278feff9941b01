"""Joins annotations.jsonl with the corpus that it marks: CORPUS.parquet (id, title, text) -> OUT/text, OUT/gold."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq

ANNOTATIONS = Path(__file__).parent / "annotations.jsonl"
_TITLE_START = 8
"""Characters by which an article is seen to begin with its title already."""


def annotated_text(title: str, text: str) -> str:
    """The text as it was read: the article behind its title, unless it begins with the title itself."""
    return text if text.startswith(title[:_TITLE_START]) else f"{title}\n{text}"


def join(corpus: Path, out: Path) -> tuple[int, list[str]]:
    """Writes text and gold files; returns how many, and the ids whose text is missing or another one."""
    wanted = {row["id"]: row for row in map(json.loads, ANNOTATIONS.read_text(encoding="utf-8").splitlines())}
    for folder in ("text", "gold"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    joined = set()
    for batch in pq.ParquetFile(corpus).iter_batches(columns=["id", "title", "text"]):
        for article in batch.to_pylist():
            row = wanted.get(article["id"])
            if row is None:
                continue
            text = annotated_text(article["title"] or "", article["text"])
            if hashlib.sha256(text.encode()).hexdigest() != row["sha256"]:
                continue
            entities = [{"start": s, "end": e, "text": text[s:e], "label": label} for s, e, label in row["entities"]]
            gold = {"id": row["id"], "sha256": row["sha256"], "chars": len(text), "entities": entities}
            (out / "text" / f"{row['id']}.txt").write_text(text, encoding="utf-8")
            (out / "gold" / f"{row['id']}.json").write_text(json.dumps(gold, ensure_ascii=False), encoding="utf-8")
            joined.add(row["id"])
    return len(joined), sorted(wanted.keys() - joined)


def command(join: Callable[[Path, Path], tuple[int, list[str]]], description: str) -> int:
    """A command CORPUS OUT of one way to join; returns 1 where articles are missing, 2 without a corpus."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    if not options.corpus.is_file():
        print(f"{options.corpus}: no such file", file=sys.stderr)
        return 2
    count, missing = join(options.corpus, options.out)
    print(f"{count} articles written to {options.out}")
    if missing:
        print(
            f"{len(missing)} articles are missing or have another text: {', '.join(missing[:5])} ...", file=sys.stderr
        )
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(command(join, "Join the annotations with their corpus."))
