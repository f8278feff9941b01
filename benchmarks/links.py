"""Links against annotated articles, beside a simpler way, with the speed of all stages.

    python benchmarks/links.py GOLD

GOLD holds articles.jsonl and gold/<id>.json. Prints for Biaogan, and for the first thing one would try (a word of
learning and a place in one sentence; the home of the article learns from it), the figures of `biaogan evaluate` and the
characters a second from the bytes of the input to the links, in one process; then Biaogan's figures for each fifth of
the articles (SHA-1 of the id, modulo 5).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from pipeline import recognise, resolve
from pipeline.evaluate import Figures, evaluate
from pipeline.extraction import extract_article
from pipeline.gazetteer import Gazetteer, load_gazetteer
from pipeline.gazetteer.region import DIVISION_LEVELS
from pipeline.records import Article, Extraction, Link, RegionRef, ResolvedMention, Span

N_FIFTHS = 5
WORDS = (
    ("benchmarks", re.compile("对标|看齐|瞄准|追赶|赶超|标杆")),
    ("learns_from", re.compile("学习借鉴|借鉴|取经|学习[^,，。]{0,20}经验")),
    ("visits", re.compile("考察|观摩|参观|学习")),
)


def first_try(article: Article, gazetteer: Gazetteer) -> Extraction:
    """The links of an article by words and places in one sentence."""
    mentions = recognise.find_mentions(article, gazetteer)
    home = resolve.find_home(article, mentions, gazetteer)
    resolved = resolve.resolve_mentions(article, mentions, home, gazetteer)
    links: dict[str, Link] = {}
    for match in re.finditer(r"[^。！？\n]+[。！？]?", article.text):
        sentence = Span(*match.span())
        relation = next((name for name, words in WORDS if words.search(match.group())), None)
        if relation is None or home.region_code is None:
            continue
        learner = RegionRef(sentence, "", home.region_code, "", "", "region")
        for place in resolved:
            code = _division(place, sentence, gazetteer)
            if code and not gazetteer.contains(code, home.region_code) and code != home.region_code:
                name = gazetteer[code].name
                model = RegionRef(place.span, name, code, name, gazetteer[code].level, "region")
                links.setdefault(code, Link(learner, model, relation, sentence, "first_try", (), (), ()))
    return Extraction(article, home, tuple(resolved), tuple(links.values()), ())


def _division(place: ResolvedMention, sentence: Span, gazetteer: Gazetteer) -> str | None:
    code = place.region_code
    inside = sentence.start <= place.span.start and place.span.end <= sentence.end
    return code if code and inside and gazetteer[code].level in DIVISION_LEVELS else None


def fifth_of(source_id: str) -> int:
    """The fifth, 0 to 4, that an article is in."""
    return int(hashlib.sha1(source_id.encode(), usedforsecurity=False).hexdigest(), 16) % N_FIFTHS


def main() -> None:
    """Measures and prints, a line each."""
    parser = argparse.ArgumentParser(description="links against annotated articles, and their speed")
    parser.add_argument("gold", type=Path)
    gold = parser.parse_args().gold
    rows = (gold / "articles.jsonl").read_text(encoding="utf-8").splitlines()
    characters = sum(len(json.loads(row)["text"]) for row in rows)
    load_gazetteer()
    extract_article(Article("warm", "warm", "湘潭市对标长沙。"), load_gazetteer())
    for name, read in (("biaogan", extract_article), ("first try", first_try)):
        figures, seconds = _timed(gold, read)
        print(f"{name:10} {_line(figures)}  {characters / seconds:,.0f} characters a second")
    for fifth in range(N_FIFTHS):
        figures = evaluate(gold, keep=lambda key, fifth=fifth: fifth_of(key) == fifth)  # type: ignore[misc]
        print(f"fifth {fifth}    {_line(figures)}")


def _timed(gold: Path, read: Callable[[Article, Gazetteer], Extraction]) -> tuple[Figures, float]:
    started = time.perf_counter()
    figures = evaluate(gold, read=read)
    return figures, time.perf_counter() - started


def _line(figures: Figures) -> str:
    names = ("f1", "precision", "recall", "relation", "evidence")
    return "  ".join(f"{name} {figures.value(name) or 0.0:.3f}" for name in names)


if __name__ == "__main__":
    main()
