"""Resolution alone: the regions of the learners and models of annotated links, given their words.

    python benchmarks/resolution.py DEV [--part even|odd] [--wrong]

DEV holds articles.jsonl (id, title, url, source, published, text) and gold/<id>.json with `links`. The words of each
learner and model are put among the article's mentions where the evidence has them; words that name no place (我市,
市党政代表团) stand for the home. Prints, by role, how many regions are right, wrong or undecided; a region that was
abolished since counts as what it became, and letters that spell out provinces (沪苏浙) as each of them. Other mentions
that overlap the words are put aside, as the words are given. Composites, foreign places and what is underspecified have
no code and are left out.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from pipeline.gazetteer import Gazetteer, load_gazetteer
from pipeline.gazetteer.region import COMPOSITE, TOWNSHIP, ZONE
from pipeline.recognise import find_mentions
from pipeline.recognise.adjacent import cut_places
from pipeline.recognise.gazetteer_matches import match_places
from pipeline.recognise.mentions import codes_of
from pipeline.records import Article, Home, Mention, Span
from pipeline.resolve import find_home, home_at_rank, resolve_mentions
from pipeline.resources import load_lexicon


def read_articles(file: Path) -> dict[str, Article]:
    """The articles by id."""
    articles = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        published = datetime.fromisoformat(row["published"]).replace(tzinfo=UTC) if row.get("published") else None
        articles[row["id"]] = Article(
            row["id"], row["id"], row["text"], row["url"], row["title"], row.get("source"), None, published
        )
    return articles


def place_in(words: str, gazetteer: Gazetteer) -> Span | None:
    """The finest place in the words: the last one, as they are written from the largest to the finest."""
    if words in gazetteer.names:
        return cut_places(Span(0, len(words)), words, gazetteer)[-1]
    matches = match_places(words, gazetteer)
    if matches:
        return matches[-1].span
    # A short name that only its context shows to be a place: the reader has shown it.
    for size in range(len(words), 1, -1):
        if words[:size] in gazetteer.names and words[:size] not in weak_names():
            return Span(0, size)
    return None


def weak_names() -> set[str]:
    """Common words, and names that are no place without what holds them (新区)."""
    lexicon = load_lexicon("recognise")
    return {*lexicon["common_words"]["words"], *lexicon["needs_container"]["names"]}


def coded(code: str | None, gazetteer: Gazetteer) -> str | None:
    """The division that a township or zone acts as: the smallest county or prefecture around it."""
    while code and code in gazetteer.regions and gazetteer[code].level in (TOWNSHIP, ZONE):
        code = gazetteer[code].parent_code
    return code


def region_of(
    role: dict[str, Any], link: dict[str, Any], article: Article, found: list[Mention], home: Home, gazetteer: Gazetteer
) -> tuple[str | None, str]:
    """(code or None, how it was resolved) of a learner or model at its words."""
    words = role["text"]
    inner = place_in(words, gazetteer)
    if inner is None:
        return home_at_rank(words, home, gazetteer), "home"
    within = article.text.find(words, max(0, link["start"]))
    at = within if within >= 0 else article.text.find(words)
    if at < 0:
        return None, "words not in text"
    span = Span(at + inner.start, at + inner.end)
    given = Mention(span, span.of(article.text), "LOC", "", "given", True, codes_of(span.of(article.text), gazetteer))
    others = [m for m in found if m.span.end <= span.start or m.span.start >= span.end]
    mentions = sorted([*others, given], key=lambda m: (m.span.start, -m.span.end))
    (result,) = [
        m for m in resolve_mentions(article, mentions, home, gazetteer) if m.mention is given or m.span == span
    ]
    return result.region_code, result.rule or result.resolution


def measure(
    dev: Path, part: str = "all", *, show_wrong: bool = False
) -> tuple[Counter[tuple[str, str, str]], int, int]:
    """(role, by name or by home, right, undecided or wrong) -> how many; homes that are right; all homes."""
    gazetteer = load_gazetteer()
    articles = read_articles(dev / "articles.jsonl")
    counts: Counter[tuple[str, str, str]] = Counter()
    homes: Counter[str] = Counter()
    for number, path in enumerate(sorted((dev / "gold").glob("*.json"))):
        if part != "all" and number % 2 != (part == "odd"):
            continue
        gold, article = json.loads(path.read_text(encoding="utf-8")), articles[path.stem]
        found = find_mentions(article, gazetteer)
        home = find_home(article, found, gazetteer)
        wanted = (gold["home"] or {}).get("adcode")
        homes["right" if home.region_code == wanted else "wrong"] += 1
        for link in gold["links"]:
            for role in ("learner", "model"):
                told = link[role]
                if told.get("kind", "region") != "region" or not told.get("adcode"):
                    continue
                code, how = region_of(told, link, article, found, home, gazetteer)
                code = coded(code, gazetteer)
                today = gazetteer.today(code) if code in gazetteer.regions else ()
                region = gazetteer.get(code)
                held = region is not None and region.level == COMPOSITE and told["adcode"] in region.members
                right = told["adcode"] in today or held
                verdict = "right" if right else "undecided" if code is None else "wrong"
                by = "by home" if how == "home" else "by name"
                counts[role, by, verdict] += 1
                if show_wrong and not right:
                    print(path.stem, role, told["text"], told["adcode"], told["name"], "found", code, how, home)
    return counts, homes["right"], homes.total()


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Resolution given the words.")
    parser.add_argument("dev", type=Path)
    parser.add_argument("--part", choices=("all", "even", "odd"), default="all")
    parser.add_argument("--wrong", action="store_true", help="print what is wrong or ambiguous")
    options = parser.parse_args()
    counts, right_homes, all_homes = measure(options.dev, options.part, show_wrong=options.wrong)
    for role in ("learner", "model"):
        for by in ("by name", "by home"):
            row = {verdict: counts[role, by, verdict] for verdict in ("right", "undecided", "wrong")}
            total = max(1, sum(row.values()))
            print(
                f"{role:8s}{by}: {row['right'] / total:.3f} right of {total}, "
                f"{row['undecided']} undecided, {row['wrong']} wrong"
            )
    total = sum(counts.values())
    right = sum(n for key, n in counts.items() if key[-1] == "right")
    print(f"together: {right / max(1, total):.3f} right of {total}; homes: {right_homes} of {all_homes} right")
    return 0


if __name__ == "__main__":
    sys.exit(main())
