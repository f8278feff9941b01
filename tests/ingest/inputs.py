"""Inputs of every format, made by program from texts of our own."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from pipeline.config import IngestSettings, Limits
from pipeline.ingest import find_inputs, read_articles
from pipeline.records import Article, Rejection

TEXT = "湘潭市对标长沙营商环境，加快审批改革，服务企业群众。"


def read(*paths: Path, **limits: int | float) -> list[Article | Rejection]:
    """What reading these paths gives, with these limits."""
    return list(read_articles(find_inputs([str(path) for path in paths]), IngestSettings(limits=Limits(**limits))))


def articles(items: Iterable[Article | Rejection]) -> list[Article]:
    found = list(items)
    assert all(isinstance(item, Article) for item in found), found
    return [item for item in found if isinstance(item, Article)]


def codes(items: Iterable[Article | Rejection]) -> list[str]:
    return [item.code for item in items if isinstance(item, Rejection)]


def text_of(number: int) -> str:
    cities = ("长沙", "佛山", "宁波", "合肥", "无锡", "青岛", "厦门", "洛阳", "昆明", "贵阳")
    themes = ("营商环境", "乡村振兴", "科技创新", "文旅融合", "城市更新", "数字政府", "园区建设", "招商引资")
    city, theme = cities[number % len(cities)], themes[number // 10 % len(themes)]
    details = "，".join(
        f"第{number * 7 + step}项任务由{cities[(number + step) % 10]}专班负责推进" for step in range(1, 9)
    )
    return f"第{number}号消息：湘潭市对标{city}推进{theme}\n湘潭市组织干部赴{city}考察学习{theme}经验。{details}。"


def record(number: int) -> dict[str, object]:
    return {"id": f"r{number}", "title": f"第{number}号消息", "content": text_of(number), "date": "2024-03-05"}


def jsonl(records: Iterable[dict[str, object]]) -> bytes:
    return "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records).encode()


def delimited(records: Iterable[dict[str, object]], delimiter: str = ",") -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(["编号", "标题", "正文", "发布时间"])
    writer.writerows([list(r.values()) for r in records])
    return out.getvalue()


def parquet(records: list[dict[str, object]]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(records), out)
    return out.getvalue()


def page(text: str, charset: str = "utf-8", declared: str | None = None) -> bytes:
    title, _, body = text.partition("\n")
    markup = (
        f'<html><head><meta charset="{declared or charset}"><title>{title}</title></head><body><ul><li><a href="/">首页</a>'
        f'</li></ul><h1>{title}</h1><div class="TRS_Editor"><p>{body}</p></div><div class="footer">版权</div></body></html>'
    )
    return markup.encode(charset)


def warc(pages: Iterable[tuple[str, bytes]], media: str = "text/html; charset=utf-8", wrong: int = 0) -> bytes:
    """Responses; the declared length of the second is wrong by `wrong` bytes."""
    records = []
    for number, (url, content) in enumerate(pages):
        block = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\n\r\n%s" % (media.encode(), content)
        length = len(block) + (wrong if number == 1 else 0)
        records.append(warc_record("response", url, "application/http; msgtype=response", block, length))
    return b"".join(records)


def wet(texts: Iterable[tuple[str, str]]) -> bytes:
    info = warc_record("warcinfo", "", "application/warc-fields", b"software: test\r\n")
    return info + b"".join(warc_record("conversion", url, "text/plain", text.encode()) for url, text in texts)


def warc_record(kind: str, url: str, media: str, block: bytes, length: int | None = None) -> bytes:
    target = f"WARC-Target-URI: {url}\r\n" if url else ""
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\n{target}WARC-Date: 2024-01-01T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:{url}>\r\n"
        f"Content-Type: {media}\r\nContent-Length: {len(block) if length is None else length}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def zipped(members: dict[str, bytes], *, gbk_names: bool = False) -> bytes:
    out = io.BytesIO()
    # Chinese Windows writes names in GBK, which zipfile cannot: they are put over names of the same length.
    stand_in = {name: chr(65 + n) * len(name.encode("gbk")) if gbk_names else name for n, name in enumerate(members)}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(stand_in[name], content)
    packed = out.getvalue()
    for name, placeholder in stand_in.items() if gbk_names else ():
        packed = packed.replace(placeholder.encode(), name.encode("gbk"))
    return packed


def taped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


PACK = {
    ".gz": gzip.compress,
    ".zst": zstandard.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}
