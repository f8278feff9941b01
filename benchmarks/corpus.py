"""What the tables of a large run hold: counts, the most named models and learners, links drawn at random to be read.

    python benchmarks/corpus.py TABLES [--sample 100] [--seed 1] [--top 30]

TABLES is the output of `biaogan run`. Prints the articles, the quarantine by its reasons, the links by relation, kind
and rule, the regions most often model and learner (in how many links), and the drawn links with their evidence.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from pipeline import read_table

EVIDENCE_SHOWN = 160


def main() -> None:
    """Prints it all."""
    parser = argparse.ArgumentParser(description="counts, most named regions and a sample of links")
    parser.add_argument("tables", type=Path)
    parser.add_argument("--sample", type=int, default=100, help="links to draw")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--top", type=int, default=30, help="regions to list")
    args = parser.parse_args()
    articles = read_table("articles", args.tables).select(["article_id", "source_id", "title"]).to_pylist()
    links = read_table("links", args.tables).to_pylist()
    reasons = Counter(read_table("quarantine", args.tables).column("code").to_pylist())
    linked = {link["article_id"] for link in links}
    print(f"{len(articles):,} articles, {len(linked):,} with a link, {len(links):,} links")
    print("quarantine:", ", ".join(f"{code} {n}" for code, n in reasons.most_common()) or "nothing")
    for column in ("relation", "model_kind", "rule"):
        print(f"{column}:", ", ".join(f"{value} {n:,}" for value, n in Counter(_of(links, column)).most_common()))
    models = Counter(_of(links, "model_name")).most_common(args.top)
    learners = Counter(_of(links, "learner_name")).most_common(args.top)
    print(f"\n{'models':<20}{'':8}learners")
    for (model, n), (learner, m) in zip(models, learners, strict=False):
        print(f"{model:<20}{n:>6,}  {learner:<20}{m:>6,}")
    titles = {row["article_id"]: row for row in articles}
    for link in random.Random(args.seed).sample(links, min(args.sample, len(links))):
        article = titles[link["article_id"]]
        print(
            f"\n{article['source_id']} {article['title']}\n  {link['learner_name']} [{link['learner_text']}] "
            f"{link['relation']} {link['model_name']} [{link['model_text']}] {link['model_kind']} ({link['rule']})\n"
            f"  {link['evidence'][:EVIDENCE_SHOWN]}"
        )


def _of(links: list[dict], column: str) -> list[str]:  # type: ignore[type-arg]
    return [link[column] for link in links]


if __name__ == "__main__":
    main()
