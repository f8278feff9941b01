"""Places beside peers, in one run: how many traps each sees through, and characters a second on articles of your own.

    pip install -c constraints.txt -e '.[bench]'
    python benchmarks/places.py [ARTICLES.jsonl]

The peer is cpca 0.5, which finds divisions by an automaton over the table of codes. It names county and city of a text,
not spans, so a trap counts as seen through where the set of the finest codes that a tool finds is the expected one. The
traps are those of tests/resolve/traps.toml that name divisions of China.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import cpca

sys.path.insert(0, str(Path(__file__).parent.parent))

from pipeline.gazetteer import load_gazetteer
from pipeline.recognise import find_mentions
from pipeline.records import Article, Home
from pipeline.resolve import resolve_mentions
from tests.resolve.trap_cases import cases

FIRST_ARTICLE = Path(__file__).parent.parent / "data" / "raw" / "shanxi-2019-04-10.txt"


def ours(text: str, year: int = 2022) -> set[str]:
    """The codes of divisions that Biaogan finds, without those that hold another one of them."""
    gazetteer = load_gazetteer()
    article = Article("benchmark", "benchmark", text, published_at=datetime(year, 6, 1, tzinfo=UTC))
    resolved = resolve_mentions(article, find_mentions(article, gazetteer), Home(None, "none"), gazetteer)
    codes = {m.region_code for m in resolved if m.region_code and m.mention.outer and m.region_code[:6].isdigit()}
    return finest(code[:6] for code in codes)


def theirs(text: str, _: int = 2022) -> set[str]:
    """The code that cpca finds; a text with several divisions yields the first alone."""
    found = cpca.transform([text])["adcode"].tolist()
    return {code[:6] for code in found if code}


def finest(codes: Iterable[str]) -> set[str]:
    """The codes that no other one lies in, by their digits."""
    known = set(codes)
    return {c for c in known if not any(o != c and o.startswith(c.rstrip("0") or c) for o in known)}


def seen_through(find: Callable[[str, int], set[str]]) -> tuple[int, int]:
    """(right, all) of the traps that hold at most one division of China, for cpca names one a text."""
    right = total = 0
    for _, text, year, home, places in cases():
        expected = finest(code[:6] for code in places.values() if code[:6].isdigit())
        if home or len(expected) > 1 or len(places) != len([c for c in places.values() if c[:6].isdigit()]):
            continue
        total += 1
        right += find(text, year) == expected
    return right, total


def speed(find: Callable[[str], set[str]], texts: list[str]) -> float:
    """Characters a second over the texts, after one warm-up."""
    find(texts[0])
    began = time.perf_counter()
    for text in texts:
        find(text)
    return sum(map(len, texts)) / (time.perf_counter() - began)


def main() -> None:
    """Prints one line a tool."""
    warnings.simplefilter("ignore")
    if len(sys.argv) > 1:
        lines = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
        texts = [json.loads(line)["text"] for line in lines if line]
    else:
        texts = [FIRST_ARTICLE.read_text(encoding="utf-8")] * 20
    print(f"{'tool':10}{'traps right':>14}{'share':>8}{'characters/s':>15}")
    for name, find in (("biaogan", ours), ("cpca", theirs)):
        right, total = seen_through(find)
        print(f"{name:10}{f'{right} of {total}':>14}{right / total:8.2f}{speed(find, texts):15,.0f}")


if __name__ == "__main__":
    main()
