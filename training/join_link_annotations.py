"""Joins link_annotations.jsonl with the corpus that it marks: CORPUS.parquet -> OUT/articles.jsonl and OUT/gold.

    python training/join_link_annotations.py CORPUS.parquet OUT && biaogan evaluate OUT

CORPUS holds id, title, url, source, published and text. An article whose text is another than the one that was read is
left out and named.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parent.parent))

from training.join_annotations import annotated_text, command

ANNOTATIONS = Path(__file__).parent / "link_annotations.jsonl"
COLUMNS = ["id", "title", "url", "source", "published", "text"]


def join(corpus: Path, out: Path) -> tuple[int, list[str]]:
    """Writes the articles and their gold files; returns how many, and the ids whose text is missing or another one."""
    wanted = {row["id"]: row for row in map(json.loads, ANNOTATIONS.read_text(encoding="utf-8").splitlines())}
    (out / "gold").mkdir(parents=True, exist_ok=True)
    joined = set()
    with (out / "articles.jsonl").open("w", encoding="utf-8") as articles:
        for batch in pq.ParquetFile(corpus).iter_batches():
            for article in batch.select([name for name in COLUMNS if name in batch.schema.names]).to_pylist():
                row = wanted.get(article["id"])
                text = annotated_text(article.get("title") or "", article["text"])
                if row is None or hashlib.sha256(text.encode()).hexdigest() != row["sha256"]:
                    continue
                articles.write(json.dumps(article | {"text": text}, ensure_ascii=False, default=str) + "\n")
                gold = json.dumps(_gold(row, text), ensure_ascii=False)
                (out / "gold" / f"{row['id']}.json").write_text(gold, encoding="utf-8")
                joined.add(row["id"])
    return len(joined), sorted(wanted.keys() - joined)


def _gold(row: dict[str, Any], text: str) -> dict[str, Any]:
    links = [
        {
            "learner": {"adcode": link["learner"]},
            "model": {"adcode": link["model"], "kind": link["kind"], "name": link["name"]},
            "relation": link["relation"],
            "evidence": text[slice(*link["evidence"])],
            "flags": link["flags"],
        }
        for link in row["links"]
    ]
    return {"id": row["id"], "home": {"adcode": row["home"]} if row["home"] else None, "links": links}


if __name__ == "__main__":
    sys.exit(command(join, "Join the annotated links with their corpus."))
