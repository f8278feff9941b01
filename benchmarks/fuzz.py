"""Fuzzes the reading of inputs: any bytes, under any name, must become articles and rejections.

    pip install atheris
    python benchmarks/fuzz.py -max_total_time=600 -timeout=5 -rss_limit_mb=1024 [CORPUS_FOLDER]

atheris (libFuzzer) grows inputs by the code that they reach. It stops at a crash, at an input that takes more than 5 s, or
at more than 1 GB of memory, and writes that input to a file; what it found is a test in tests/ingest/test_hostile.py. The
first byte of an input chooses its name, the rest are the bytes of the file. `--seeds FOLDER` writes inputs to begin with.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import zstandard

NAMES = (
    "a.txt", "a.html", "a.jsonl", "a.json", "a.csv", "a.tsv", "a.parquet", "a.warc", "a.warc.gz", "a.zip", "a.tar", "a.tgz",
    "a.gz", "a.zst", "a.bz2", "a.xz", "a", "a.wet",
)  # fmt: skip
TEXT = "湘潭市对标长沙营商环境，加快审批改革。\n来源：湘潭日报　发布时间：2024-03-05 10:22\n代表团赴苏州市考察学习。\n"


def seeds() -> dict[str, bytes]:
    """Small inputs of every format, by name."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    page = (Path(__file__).parent.parent / "tests/ingest/pages/trs_wcm-1.html").read_bytes()
    record = (
        json.dumps({"id": 1, "title": "题", "content": TEXT, "date": "2024-03-05"}, ensure_ascii=False).encode() + b"\n"
    )
    response = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page[:1500]
    warc = b"".join(
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.gov.cn/%d\r\nWARC-Date: 2024-01-01T00:00:00Z\r\n"
        b"WARC-Record-ID: <urn:uuid:%d>\r\nContent-Type: application/http; msgtype=response\r\n"
        b"Content-Length: %d\r\n\r\n%s\r\n\r\n" % (n, n, len(response), response)
        for n in range(3)
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("页/一.txt", TEXT)
        archive.writestr("b.html", page[:800])
    taped = io.BytesIO()
    with tarfile.open(fileobj=taped, mode="w") as tar:
        member = tarfile.TarInfo("一.txt")
        member.size = len(TEXT.encode())
        tar.addfile(member, io.BytesIO(TEXT.encode()))
    table = io.BytesIO()
    pq.write_table(pa.table({"标题": ["题"], "正文": [TEXT]}), table)
    return {
        "a.txt": TEXT.encode("gb18030"),
        "a.html": page[:3000],
        "a.jsonl": record * 3,
        "a.json": b"[" + record.strip() + b"]",
        "a.csv": '标题,正文,日期\n题,"一段""正文""，\n对标深圳",2024-03-05\n'.encode() * 2,
        "a.tsv": "title\tcontent\n题\t湘潭市对标长沙营商环境\n".encode("utf-16"),
        "a.parquet": table.getvalue(),
        "a.warc": warc,
        "a.warc.gz": gzip.compress(warc[:900]) + gzip.compress(warc[900:]),
        "a.zip": packed.getvalue(),
        "a.tar": taped.getvalue(),
        "a.tgz": gzip.compress(taped.getvalue()),
        "a.gz": gzip.compress(TEXT.encode()),
        "a.zst": zstandard.compress(TEXT.encode()),
        "a.bz2": bz2.compress(TEXT.encode()),
        "a.xz": lzma.compress(TEXT.encode()),
        "a": page[:500],
        "a.wet": warc.replace(b"response", b"conversion").replace(
            b"application/http; msgtype=conversion", b"text/plain"
        ),
    }


def write_seeds(folder: Path) -> None:
    """Writes them as the fuzzer reads them: the byte of their name, then their bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in seeds().items():
        (folder / f"seed-{name}").write_bytes(bytes([NAMES.index(name)]) + content)


def main() -> None:
    """Writes seeds, or fuzzes until the time is over."""
    if "--seeds" in sys.argv:
        write_seeds(Path(sys.argv[sys.argv.index("--seeds") + 1]))
        return
    import atheris

    with atheris.instrument_imports(include=["pipeline"]):
        from pipeline.config import IngestSettings, Limits
        from pipeline.ingest import find_inputs, read_articles
        from pipeline.ingest.duplicates import signature_of
        from pipeline.records import Article, Rejection
    folder = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    settings = IngestSettings(limits=Limits(seconds=0, document_bytes=2_000_000, ratio_from_bytes=8_000_000))

    def read(data: bytes) -> None:
        if not data:
            return
        path = folder / NAMES[data[0] % len(NAMES)]
        path.write_bytes(data[1:])
        uris = set()
        for item in read_articles(find_inputs([str(path)]), settings):
            assert isinstance(item, Article | Rejection)
            assert item.source_uri not in uris, item.source_uri
            uris.add(item.source_uri)
            if isinstance(item, Article):
                item.text.encode("utf-8")
                signature_of(item.article_id, item.text)
            else:
                f"{item.detail}{item.excerpt}{item.source_uri}".encode()
        path.unlink()

    atheris.Setup(sys.argv, read)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
