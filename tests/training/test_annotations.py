from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.evaluate import evaluate
from pipeline.records import RELATIONS
from pipeline.tables.schema import MODEL_KINDS
from training.join_annotations import ANNOTATIONS, join
from training.join_link_annotations import ANNOTATIONS as LINK_ANNOTATIONS
from training.join_link_annotations import join as join_links

ROWS = [json.loads(line) for line in ANNOTATIONS.read_text(encoding="utf-8").splitlines()]


def test_spans_are_flat_in_order_and_of_known_labels() -> None:
    assert len({row["id"] for row in ROWS}) == len(ROWS) == 2039
    for row in ROWS:
        assert len(row["sha256"]) == 64
        after = 0
        for start, end, label in row["entities"]:
            assert after <= start < end
            assert label in ("LOC", "ORG", "PER")
            after = end


def test_nothing_of_the_texts_is_in_the_annotations() -> None:
    assert ANNOTATIONS.read_text(encoding="utf-8").isascii()


def test_articles_that_are_missing_or_changed_are_named(tmp_path: Path) -> None:
    rows = {"id": [ROWS[0]["id"]], "title": ["一则消息"], "text": ["另一段正文。"]}
    pq.write_table(pa.table(rows), tmp_path / "corpus.parquet")
    count, missing = join(tmp_path / "corpus.parquet", tmp_path / "out")
    assert count == 0
    assert missing == sorted(row["id"] for row in ROWS)


def test_every_annotation_joins_with_its_article(shared: Path, tmp_path: Path) -> None:
    count, missing = join(shared / "data" / "corpus" / "articles-30k.parquet", tmp_path)
    assert (count, missing) == (2039, [])
    labels: Counter[str] = Counter()
    for path in (tmp_path / "gold").glob("*.json"):
        gold = json.loads(path.read_text(encoding="utf-8"))
        text = (tmp_path / "text" / f"{path.stem}.txt").read_text(encoding="utf-8")
        for entity in gold["entities"]:
            assert text[entity["start"] : entity["end"]] == entity["text"].strip() != ""
            labels[entity["label"]] += 1
    assert min(labels.values()) > 12_000


F1_AT_LEAST = 0.7
LINK_ROWS = [json.loads(line) for line in LINK_ANNOTATIONS.read_text(encoding="utf-8").splitlines()]


def test_annotated_links_have_known_relations_and_a_stretch_of_evidence() -> None:
    assert len({row["id"] for row in LINK_ROWS}) == len(LINK_ROWS) == 1200
    for row in LINK_ROWS:
        for link in row["links"]:
            assert link["relation"] in RELATIONS
            assert link["kind"] in MODEL_KINDS
            assert 0 <= link["evidence"][0] < link["evidence"][1]


def test_articles_of_links_that_are_missing_or_changed_are_named(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": [LINK_ROWS[0]["id"]], "title": [""], "text": ["另一段。"]}), tmp_path / "c.parquet")
    assert join_links(tmp_path / "c.parquet", tmp_path) == (0, sorted(row["id"] for row in LINK_ROWS))


def test_every_annotation_of_links_joins_with_its_article_and_can_be_evaluated(shared: Path, tmp_path: Path) -> None:
    corpus = shared / "data" / "corpus" / "articles-30k.parquet"
    assert join_links(corpus, tmp_path) == (1200, [])
    figures = evaluate(tmp_path, keep=lambda key: key < "1")
    assert figures.articles == sum(row["id"] < "1" for row in LINK_ROWS)
    assert (figures.value("f1") or 0) >= F1_AT_LEAST
