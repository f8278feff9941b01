"""How fast inputs become articles, in one process, and whether memory stays flat over a large web archive.

    python benchmarks/ingest.py [CORPUS.parquet] [--archive-gb 1]

Texts are those of CORPUS (id, title, text), or made by program without it; pages are these texts in the markup of the saved
pages of tests/ingest/pages, with their menus, scripts and footers. Beside us: decoding with `errors="replace"` and nothing
else for text, a plain trafilatura call for pages. The archive is made by program, without compression, of such pages.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import trafilatura

from pipeline.ingest import find_inputs, read_articles, signature_of
from pipeline.records import Article
from tests.ingest.inputs import text_of, warc_record
from tests.ingest.write_pages import STRUCTURES, Story

CONTAINERS = 11
"""Structures whose article stands in a known container, which come first; the others are found by trafilatura, too."""


def texts(corpus: Path | None, number: int) -> list[str]:
    """Articles, title first."""
    if corpus is None:
        return ["\n".join(text_of(20 * n + k) for k in range(4)) for n in range(number)]
    rows = pq.read_table(corpus, columns=["title", "text"]).slice(0, number).to_pylist()
    return [f"{row['title']}\n{row['text']}" for row in rows]


def page_of(text: str, number: int) -> bytes:
    """The text as a saved page, in one of the structures."""
    structure = STRUCTURES[number % len(STRUCTURES)]
    title, *lines = text.split("\n")
    story = Story(
        title[:60], tuple(lines), "2024-03-05", "10:22:00", "日报", "李明", "周晓", "市政府", "www.a.gov.cn", "要闻"
    )
    # Real pages are some 20 to 60 kB for an article of 2 to 3: scripts, styles and menus.
    markup = structure.make(story)
    chrome = "<script>" + "var option = {url: '/api/list', size: 10};\n" * 150 + "</script>"
    menus = (
        '<div class="nav"><ul>' + '<li><a href="/zwgk/list.html" title="栏目">政务公开</a></li>' * 120 + "</ul></div>"
    )
    return (
        re.sub("</head>", lambda _: f"{chrome}</head>", markup, count=1)
        .replace("<body>", f"<body>{menus}")
        .encode(structure.charset, "xmlcharrefreplace")
    )


def speed(folder: Path, name: str, contents: list[bytes]) -> str:
    """Writes the files, reads them, and tells the speed."""
    (folder / name).mkdir()
    for number, content in enumerate(contents):
        (folder / name / f"{number:05}.{name}").write_bytes(content)
    n_bytes = sum(map(len, contents))
    files = find_inputs([str(folder / name)])
    next(read_articles(files))  # what is made once
    started = time.perf_counter()
    found = list(read_articles(files))
    seconds = time.perf_counter() - started
    n_articles = sum(isinstance(item, Article) for item in found)
    signed = time.perf_counter()
    for item in found:
        if isinstance(item, Article):
            signature_of(item.article_id, item.text)
    signing = time.perf_counter() - signed
    both = n_bytes / (seconds + signing) / 1e6
    return (
        f"{name:5} {n_bytes / seconds / 1e6:6.1f} MB/s, with signatures of reprints {both:.1f} MB/s  "
        f"({n_articles:,} articles of {len(contents):,} files, {n_bytes / 1e6:.1f} MB)"
    )


def peer(contents: list[bytes]) -> float:
    """MB/s of a plain trafilatura call."""
    started = time.perf_counter()
    for content in contents:
        trafilatura.extract(content)
    return sum(map(len, contents)) / (time.perf_counter() - started) / 1e6


def archive(path: Path, pages: list[bytes], n_bytes: int) -> int:
    """Writes a web archive of at least that many bytes; returns its records."""
    written = number = 0
    with path.open("wb") as file:
        while written < n_bytes:
            content = pages[number % len(pages)]
            block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + content
            record = warc_record(
                "response", f"http://a.gov.cn/{number}.html", "application/http; msgtype=response", block
            )
            written += file.write(record)
            number += 1
    return number


def memory() -> int:
    """Megabytes that the process has now."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) // 1024  # type: ignore[union-attr]


def over_archive(path: Path) -> Iterator[tuple[int, int, float]]:
    """(records, megabytes of memory, seconds) now and then while the archive is read."""
    started = time.perf_counter()
    files = find_inputs([str(path)])
    for number, item in enumerate(read_articles(files), start=1):
        assert isinstance(item, Article), item
        if number % 5_000 == 0 or number == 500:
            yield number, memory(), time.perf_counter() - started
    yield number, memory(), time.perf_counter() - started


def main() -> None:
    """Reads the arguments and prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="?", type=Path)
    parser.add_argument("--archive-gb", type=float, default=1.0)
    options = parser.parse_args()
    plain = texts(options.corpus, 4_000)
    pages = [page_of(text, number) for number, text in enumerate(plain[:1_000])]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(speed(folder, "txt", [text.encode("gb18030" if n % 3 == 0 else "utf-8") for n, text in enumerate(plain)]))
        lines = "".join(json.dumps({"id": n, "text": text}, ensure_ascii=False) + "\n" for n, text in enumerate(plain))
        print(speed(folder, "jsonl", [lines.encode()]))
        print(speed(folder, "html", pages))
        print(f"      trafilatura.extract, the text alone: {peer(pages[:300]):.1f} MB/s")
        if options.archive_gb:
            path = folder / "large.warc"
            n_records = archive(path, pages, int(options.archive_gb * 1e9))
            size = path.stat().st_size
            for number, megabytes, seconds in over_archive(path):
                print(
                    f"warc  {number:7,} of {n_records:,} records  {megabytes:5} MB of memory  {seconds:6.1f} s",
                    flush=True,
                )
            print(f"warc  {size / seconds / 1e6:.1f} MB/s over {size / 1e9:.2f} GB")


if __name__ == "__main__":
    main()
