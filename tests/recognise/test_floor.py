from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from pipeline.gazetteer import Gazetteer
from pipeline.recognise import find_mentions
from pipeline.records import Article

MIN_F1 = {("LOC", "ORG"): 0.915, ("PER",): 0.98}


def test_recognition_on_annotated_articles_does_not_fall(shared: Path, gazetteer: Gazetteer) -> None:
    counts = {labels: Counter[str]() for labels in MIN_F1}
    for path in sorted((shared / "gold" / "ner" / "gold").glob("*.json")):
        text = (shared / "gold" / "ner" / "text" / f"{path.stem}.txt").read_text(encoding="utf-8")
        gold = {(e["start"], e["end"], e["label"]) for e in json.loads(path.read_text(encoding="utf-8"))["entities"]}
        found = {
            (m.span.start, m.span.end, m.label) for m in find_mentions(Article("x", "x", text), gazetteer) if m.outer
        }
        for labels, count in counts.items():
            mine, theirs = ({name for name in names if name[2] in labels} for names in (found, gold))
            count.update(both=len(mine & theirs), all=len(mine) + len(theirs))
    for labels, least in MIN_F1.items():
        assert 2 * counts[labels]["both"] / counts[labels]["all"] >= least
