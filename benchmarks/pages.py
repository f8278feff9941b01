"""Text and metadata of HTML pages: Biaogan beside a plain trafilatura call, on the same pages, in one run.

    python benchmarks/pages.py [FOLDER] [--errors]

FOLDER holds pages and expected.jsonl (page, title, text, published_at, source_name, author); tests/ingest/pages by
default. Text is scored by its characters' runs of five (F1 over all pages), metadata by fields that are right; the title
is a field, and no part of the text, for trafilatura gives it apart.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import trafilatura

from pipeline.ingest.charset import UndecodableError
from pipeline.ingest.html import read_html
from pipeline.ingest.limits import InputError
from pipeline.ingest.times import parse_time

FIELDS = ("title", "published_at", "source_name", "author")
Found = dict[str, Any]


def ours(content: bytes) -> Found:
    """What Biaogan reads out of a page."""
    page, _ = read_html(content)
    lines = page.text.split("\n")
    text = "\n".join(lines[1:] if lines and lines[0] == page.title else lines)
    return {"text": text, **{name: getattr(page, name) for name in FIELDS}}


def plain(content: bytes) -> Found:
    """What trafilatura reads out of it, called as its manual shows."""
    text = trafilatura.extract(content, include_comments=False)
    said = trafilatura.extract_metadata(content)
    return {
        "text": text or "",
        "title": said.title if said else None,
        "published_at": parse_time(said.date) if said and said.date else None,
        "source_name": said.sitename if said else None,
        "author": said.author if said else None,
    }


def shingles(text: str) -> Counter[str]:
    """The runs of five characters of a text, white space aside."""
    letters = "".join(text.split())
    return Counter(letters[i : i + 5] for i in range(len(letters) - 4))


def score(read: Callable[[bytes], Found], folder: Path, errors: bool) -> str:
    """The figures of one reader over the pages of a folder, as a line."""
    cases = [json.loads(line) for line in (folder / "expected.jsonl").read_text(encoding="utf-8").splitlines()]
    common = found_all = wanted_all = 0
    right: Counter[str] = Counter()
    n_bytes, seconds = 0, 0.0
    for case in cases:
        content = (folder / case["page"]).read_bytes()
        started = time.perf_counter()
        try:
            found = read(content)
        except (UndecodableError, InputError) as error:
            print(f"  {case['page']}: {error}")
            found = {"text": "", **dict.fromkeys(FIELDS)}
        seconds += time.perf_counter() - started
        n_bytes += len(content)
        text = case["text"].partition("\n")[2] if case["text"].startswith(case["title"]) else case["text"]
        wanted, got = shingles(text), shingles(found["text"])
        common += (wanted & got).total()
        found_all += got.total()
        wanted_all += wanted.total()
        if errors and wanted != got:
            print(f"  {case['page']}: text: {found['text'][:60]!r} ... {found['text'][-60:]!r}")
        for name in FIELDS:
            value = datetime.fromisoformat(case[name]) if name == "published_at" and case[name] else case[name]
            # trafilatura gives the day of publication and no time: the day is what it is asked for.
            as_asked = found[name]
            if read is plain and name == "published_at" and value and as_asked:
                value, as_asked = value.date(), as_asked.astimezone(value.tzinfo).date()
            right[name] += value == as_asked
            if errors and value != as_asked:
                print(f"  {case['page']}: {name}: {as_asked!r}, not {value!r}")
    precision, recall = common / max(found_all, 1), common / max(wanted_all, 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    shares = "  ".join(f"{name} {right[name] / len(cases):.3f}" for name in FIELDS)
    share = right.total() / (len(cases) * len(FIELDS))
    return (
        f"text F1 {f1:.3f} (P {precision:.3f}, R {recall:.3f})  metadata {share:.3f} ({shares})  "
        f"{n_bytes / seconds / 1e6:.2f} MB/s  {len(cases)} pages"
    )


def main() -> None:
    """Reads the arguments and prints a line for each reader."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("tests/ingest/pages"))
    parser.add_argument("--errors", action="store_true")
    options = parser.parse_args()
    print(f"biaogan      {score(ours, options.folder, options.errors)}")
    print(f"trafilatura  {score(plain, options.folder, False)}")


if __name__ == "__main__":
    main()
