"""Records in are articles, duplicates and quarantine: not one is lost or doubled."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

from pipeline.config import RunSettings, Settings
from pipeline.ingest import Reading, find_inputs, read_articles
from pipeline.job import run
from pipeline.records import Article
from pipeline.tables import read_table
from tests.ingest.inputs import PACK, delimited, jsonl, page, parquet, record, taped, text_of, warc, wet, zipped

CHARSETS = ("utf-8", "utf-8-sig", "gb18030", "utf-16")


def mixed_folder(folder: Path, scale: int = 1) -> Counter[str]:
    """A folder of all formats and charsets, broken inputs and reprints among them; what of each kind it holds.

    With `scale` 1 some 330 files of 550 records, with 7 some 2,300 files.
    """
    folder.mkdir()
    counts: Counter[str] = Counter()
    number = 0

    def texts(n: int) -> list[str]:
        nonlocal number
        number += n
        counts["articles"] += n
        return [text_of(k) for k in range(number - n, number)]

    def records(n: int) -> list[dict[str, object]]:
        nonlocal number
        number += n
        counts["articles"] += n
        return [record(k) for k in range(number - n, number)]

    def write(name: str, content: bytes) -> None:
        counts["files"] += 1
        (folder / f"{counts['files']:05}-{name}").write_bytes(content)

    for _ in range(scale):
        for charset in CHARSETS:
            for text in texts(30):
                write("a.txt", text.encode(charset))
            write("r.jsonl", "".join(jsonl(records(10)).decode()).encode(charset))
            write("r.csv", delimited(records(10)).encode(charset))
            write("r.tsv", delimited(records(5), "\t").encode(charset))
        for charset, declared in (("utf-8", "utf-8"), ("gb18030", "gb2312"), ("gb18030", "gbk"), ("utf-8", "gb2312")):
            for text in texts(30):
                write("p.html", page(text, charset, declared))
        for suffix, pack in PACK.items():
            for text in texts(8):
                write(f"a.txt{suffix}", pack(text.encode()))
            write(f"r.jsonl{suffix}", pack(jsonl(records(10))))
        write("r.parquet", parquet(records(20)))
        write("w.warc", warc((f"http://a.gov.cn/{number}/{n}", page(t)) for n, t in enumerate(texts(20))))
        write(
            "w.warc.gz",
            gzip.compress(warc((f"http://b.gov.cn/{number}/{n}", page(t)) for n, t in enumerate(texts(20)))),
        )
        write(
            "t.warc.wet.gz", gzip.compress(wet((f"http://c.gov.cn/{number}/{n}", t) for n, t in enumerate(texts(10))))
        )
        write("z.zip", zipped({f"页面{n}.txt": t.encode("gbk") for n, t in enumerate(texts(20))}, gbk_names=True))
        write("z.tar.gz", gzip.compress(taped({f"x/{n}.html": page(t) for n, t in enumerate(texts(20))})))
        first = text_of(number - 1)
        for n in range(20):  # reprints: the same article under another name, with another headline, a line more
            title, _, body = first.partition("\n")
            write("again.txt", [first, f"转载：{title}\n{body}", f"{first}\n欢迎关注公众号"][n % 3].encode())
            counts["duplicates"] += 1
        for name, content, refused in (
            ("broken.txt", b"\xff\xff\xff", 1),
            ("binary.txt", b"a\x00b", 1),
            ("empty.txt", b"", 1),
            ("short.txt", "短".encode(), 1),
            ("a.pdf", b"%PDF-1.4", 1),
            ("cut.txt.gz", gzip.compress(first.encode())[:-9], 1),
            ("bad.jsonl", b'{"id": 1}\n{broken\n', 2),
            ("bad.csv", b'id,text\n1,"open\n', 1),
            ("bad.zip", b"PK\x03\x04 no archive", 1),
            ("bad.parquet", b"PAR1 no parquet PAR1", 1),
            ("bad.warc", b"WARC/1.0\r\nContent-Length: x\r\n\r\n", 1),
            ("evil.zip", zipped({"../x.txt": b"x"}), 1),
        ):
            write(name, content)
            counts["quarantine"] += refused
    return counts


def test_every_record_of_a_mixed_folder_is_an_article_or_a_row_of_the_quarantine(tmp_path: Path) -> None:
    counts = mixed_folder(tmp_path / "in", scale=7)
    assert counts["files"] > 2_000
    reading = Reading()
    items = list(read_articles(find_inputs([str(tmp_path / "in")]), None, reading))
    found = [item for item in items if isinstance(item, Article)]
    assert len({item.source_uri for item in items}) == len(items)
    assert len(found) == counts["articles"] + counts["duplicates"]
    assert len(items) - len(found) == counts["quarantine"]
    texts = Counter(article.text for article in found)
    assert all(texts[text_of(n)] for n in range(counts["articles"]))


def test_the_tables_of_a_mixed_folder_account_for_every_record(tmp_path: Path) -> None:
    counts = mixed_folder(tmp_path / "in")
    output = tmp_path / "out"
    result = run(Settings(run=RunSettings(inputs=(str(tmp_path / "in"),), output=str(output), shard_bytes=20_000)))
    articles = read_table("articles", output)
    quarantine = read_table("quarantine", output)
    assert articles.num_rows + quarantine.num_rows == sum(
        counts[name] for name in ("articles", "duplicates", "quarantine")
    )
    (row,) = read_table("runs", output).to_pylist()
    assert (row["n_articles"], row["n_quarantined"], row["exit_code"]) == (articles.num_rows, quarantine.num_rows, 3)
    assert result.counts["duplicates"] == row["n_duplicates"]
    again = [r for r in articles.to_pylist() if r["source_uri"].endswith("again.txt")]
    assert len(again) == counts["duplicates"]
    assert sum(r["duplicate_of"] is not None for r in again) >= len(again) - 1
    links = read_table("links", output).to_pylist()
    of_article = {r["article_id"]: r["duplicate_of"] for r in articles.to_pylist()}
    assert links
    assert all(link["duplicate_of"] == of_article[link["article_id"]] for link in links)
    assert any(link["duplicate_of"] for link in links)
