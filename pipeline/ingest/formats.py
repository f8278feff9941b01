"""What a document is: by its first bytes where they tell it, else by its name."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

from pipeline.ingest.containers import Document
from pipeline.ingest.html import looks_like_html

_BY_SUFFIX: Final = {
    ".txt": "text",
    ".text": "text",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".shtml": "html",
    ".jhtml": "html",
    ".jsp": "html",
    ".aspx": "html",
    ".php": "html",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".jl": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".warc": "warc",
    ".wet": "warc",
}
_MAGIC: Final = (
    (b"PAR1", "parquet"),
    (b"WARC/", "warc"),
)
_NOT_READ: Final = (
    (b"%PDF", "a PDF document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office document of before 2007 (doc, xls)"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"{\\rtf", "an RTF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"SQLite format 3", "an SQLite database"),
    (b"ARROW1", "an Arrow file"),
    (b"Obj\x01", "an Avro file"),
    (b"\x04\x22\x4d\x18", "an LZ4 file"),
)
FORMATS: Final = ("text", "html", "jsonl", "json", "csv", "tsv", "parquet", "warc")


def format_of(document: Document) -> tuple[str | None, str]:
    """One of FORMATS, and nothing; or None, and why the document is none of them."""
    head = document.head
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name, ""
    for magic, words in _NOT_READ:
        if head.startswith(magic):
            return None, words
    suffix = PurePosixPath(document.name).suffix.lower()
    named = _BY_SUFFIX.get(suffix)
    if named in ("parquet", "warc"):
        return None, f"the name ends in {suffix}, but the first bytes are not those of such a file"
    if named in (None, "text") and looks_like_html(head):
        return "html", ""
    if named:
        return named, ""
    if head.lstrip().startswith((b'{"', b"{ ")):
        return "jsonl", ""
    if not suffix or suffix[1:].isdigit():
        return "text", ""
    return None, f"the name ends in {suffix}, which is none of {', '.join(sorted(_BY_SUFFIX))}"
