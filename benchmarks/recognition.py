"""Places, organisations and persons beside peers, in one run: F1 on annotated articles, speed on raw ones.

    python -m venv .venv-bench && . .venv-bench/bin/activate
    pip install 'setuptools<80' wheel paddlepaddle==3.3.1 torch cutword jieba
    pip install --no-build-isolation LAC==2.1.2
    pip install -c constraints.txt -e .
    python benchmarks/recognition.py GOLD [ARTICLES.parquet]

GOLD holds text/<id>.txt and gold/<id>.json; of the column `text` of ARTICLES the first LIMIT are read. A name counts as
found where its words and label are the gold's, as often as they are there. Ours is recognise and resolve together; one
process, one thread of arithmetic for each tool that lets itself be told (LAC and cutword give no codes of regions).
"""

from __future__ import annotations

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import argparse
import json
import logging
import sys
import time
import unicodedata
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parent.parent))

from pipeline.gazetteer import load_gazetteer
from pipeline.recognise import find_mentions
from pipeline.records import Article
from pipeline.resolve import find_home, resolve_mentions

LIMIT = 400
Names = list[tuple[str, str]]
Tool = Callable[[list[str]], list[Names]]


def ours() -> Tool:
    """Biaogan: outer mentions, resolved on the way."""
    gazetteer = load_gazetteer()

    def find(texts: list[str]) -> list[Names]:
        found = []
        for text in texts:
            article = Article("benchmark", "benchmark", text)
            mentions = find_mentions(article, gazetteer)
            resolved = resolve_mentions(article, mentions, find_home(article, mentions, gazetteer), gazetteer)
            found.append([(m.mention.text, m.mention.label) for m in resolved if m.mention.outer])
        return found

    return find


def lac() -> Tool:
    """LAC 2.1.2 in its batch mode, 64 lines a batch; its module `paddle.fluid` is today's `paddle.base`."""
    import paddle

    sys.modules |= {"paddle.fluid": paddle.base, "paddle.fluid.core": paddle.base.core}
    from LAC import LAC

    tool = LAC(mode="lac")

    def find(texts: list[str]) -> list[Names]:
        lines = [(i, line) for i, text in enumerate(texts) for line in text.splitlines() if line.strip()]
        found: list[Names] = [[] for _ in texts]
        for at in range(0, len(lines), 64):
            batch = lines[at : at + 64]
            for (i, _), (words, tags) in zip(batch, tool.run([line for _, line in batch]), strict=True):
                found[i] += [(w, t) for w, t in zip(words, tags, strict=True) if t in ("LOC", "ORG", "PER")]
        return found

    return find


def jieba() -> Tool:
    """jieba.posseg 0.42: ns, nt and nr."""
    import jieba.posseg

    labels = {"ns": "LOC", "nt": "ORG", "nr": "PER", "nrt": "PER", "nrfg": "PER"}
    list(jieba.posseg.cut("读入词典"))
    return lambda texts: [
        [(pair.word, labels[pair.flag]) for pair in jieba.posseg.cut(text) if pair.flag in labels] for text in texts
    ]


def cutword() -> Tool:
    """Cutword 0.1: its NER, a line an item."""
    from cutword import NER

    tool = NER()
    labels = {"LOC": "LOC", "ORG": "ORG", "PERSON": "PER"}

    def find(texts: list[str]) -> list[Names]:
        found = []
        for text in texts:
            lines = [line for line in text.splitlines() if line.strip()]
            items = [item for line in tool.predict(lines) for item in line] if lines else []
            found.append([(i.entity, labels[i.ner_type_en]) for i in items if i.ner_type_en in labels])
        return found

    return find


def plain(words: str) -> str:
    """Words as they are compared: NFKC, without white space."""
    return "".join(unicodedata.normalize("NFKC", words).split())


def f1(found: list[Names], gold: list[Names], labels: tuple[str, ...]) -> float:
    """F1 of words and label over all articles."""
    both = all_of = 0
    for mine, theirs in zip(found, gold, strict=True):
        a = Counter((plain(w), label) for w, label in mine if label in labels)
        b = Counter((plain(w), label) for w, label in theirs if label in labels)
        both += (a & b).total()
        all_of += a.total() + b.total()
    return 2 * both / max(1, all_of)


def main() -> int:
    """The command; returns 2 where GOLD is missing."""
    parser = argparse.ArgumentParser(description="Recognition beside peers.")
    parser.add_argument("gold", type=Path)
    parser.add_argument("articles", type=Path, nargs="?")
    options = parser.parse_args()
    ids = sorted(path.stem for path in (options.gold / "gold").glob("*.json"))
    if not ids:
        print(f"{options.gold}: no gold/*.json", file=sys.stderr)
        return 2
    texts = [(options.gold / "text" / f"{i}.txt").read_text(encoding="utf-8") for i in ids]
    gold = [
        [(e["text"], e["label"]) for e in json.loads((options.gold / "gold" / f"{i}.json").read_text())["entities"]]
        for i in ids
    ]
    raw = texts
    if options.articles:
        raw = pq.read_table(options.articles, columns=["text"]).slice(0, LIMIT).column("text").to_pylist()
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    print(f"{len(texts)} articles annotated, {len(raw)} read for speed ({sum(map(len, raw)):,} characters)")
    print(f"{'':20s}{'LOC+ORG':>8s}{'LOC':>8s}{'ORG':>8s}{'PER':>8s}{'load s':>8s}{'chars/s':>10s}")
    for name, make in (("biaogan", ours), ("LAC 2.1.2", lac), ("cutword", cutword), ("jieba.posseg", jieba)):
        began = time.perf_counter()
        try:
            tool = make()
        except ImportError as error:
            print(f"{name:20s}not installed ({error.name})")
            continue
        tool(texts[:1])
        loaded = time.perf_counter()
        found = tool(texts)
        read = time.perf_counter()
        tool(raw)
        rate = sum(map(len, raw)) / (time.perf_counter() - read)
        scores = [f1(found, gold, labels) for labels in (("LOC", "ORG"), ("LOC",), ("ORG",), ("PER",))]
        print(f"{name:20s}" + "".join(f"{score:8.3f}" for score in scores) + f"{loaded - began:8.1f}{rate:10,.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
