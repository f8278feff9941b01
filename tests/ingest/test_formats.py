from __future__ import annotations

import gzip
import json
import sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import opencc
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.config import FieldNames, IngestSettings
from pipeline.ingest import MissingInputError, Reading, find_inputs, read_articles
from pipeline.records import Article
from tests.ingest.inputs import (
    PACK,
    TEXT,
    articles,
    codes,
    delimited,
    jsonl,
    page,
    parquet,
    read,
    record,
    taped,
    text_of,
    warc,
    wet,
    zipped,
)

BEIJING_MIDNIGHT = datetime(2024, 3, 4, 16, 0, tzinfo=UTC)


def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


RECORDS = [record(number) for number in range(3)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", jsonl(RECORDS)),
        ("a.ndjson", jsonl(RECORDS).decode().encode("gb18030")),
        ("a.jsonl", jsonl(RECORDS).decode().encode("utf-16")),
        ("a.json", json.dumps(RECORDS, ensure_ascii=False).encode()),
        ("b.json", jsonl(RECORDS)),
        ("a.csv", delimited(RECORDS).encode("utf-8-sig")),
        ("a.csv", delimited(RECORDS).encode("gb18030")),
        ("a.csv", delimited(RECORDS, ";").encode()),
        ("a.csv", delimited(RECORDS, "\t").encode("utf-16")),
        ("a.tsv", delimited(RECORDS, "\t").encode()),
        ("a.parquet", parquet(RECORDS)),
        ("crawl.dump", parquet(RECORDS)),
    ],
)
def test_records_of_every_table_format_are_the_same_articles(tmp_path: Path, name: str, content: bytes) -> None:
    found = articles(read(write(tmp_path / name, content)))
    assert [a.source_id for a in found] == ["r0", "r1", "r2"]
    assert [a.title for a in found] == ["第0号消息", "第1号消息", "第2号消息"]
    assert [a.text for a in found] == [text_of(n) for n in range(3)]
    assert {a.published_at for a in found} == {BEIJING_MIDNIGHT}


@pytest.mark.parametrize("suffix", PACK)
def test_compression_may_stand_around_anything(tmp_path: Path, suffix: str) -> None:
    pack = PACK[suffix]
    found = articles(read(write(tmp_path / f"a.jsonl{suffix}", pack(jsonl(RECORDS)))))
    assert [a.source_id for a in found] == ["r0", "r1", "r2"]
    assert found[1].source_uri == f"{tmp_path}/a.jsonl{suffix}#2"
    (text,) = articles(read(write(tmp_path / f"b.txt{suffix}", pack(TEXT.encode("gb18030")))))
    assert (text.source_id, text.text) == ("b", TEXT)
    rows = articles(read(write(tmp_path / f"c.parquet{suffix}", pack(parquet(RECORDS)))))
    assert len(rows) == 3
    again = articles(read(write(tmp_path / f"d.txt{suffix}{suffix}", pack(pack(TEXT.encode())))))
    assert [a.text for a in again] == [TEXT]


def test_members_of_archives_have_uris_of_their_own(tmp_path: Path) -> None:
    inner = zipped({"深/层.txt": TEXT.encode()})
    packed = write(
        tmp_path / "a!b#c.zip",
        zipped({"页/一.txt": TEXT.encode(), "b.html": page(text_of(1)), "c.zip": inner, ".hidden": b"x", "d/": b""}),
    )
    found = articles(read(packed))
    uri = f"{tmp_path}/a%21b%23c.zip"
    assert [a.source_uri for a in found] == [f"{uri}!/页/一.txt", f"{uri}!/b.html", f"{uri}!/c.zip!/深/层.txt"]
    assert [a.source_id for a in found] == ["一", "b", "层"]


def test_a_zip_of_chinese_windows_has_its_names_in_gbk(tmp_path: Path) -> None:
    (found,) = articles(read(write(tmp_path / "a.zip", zipped({"湘潭要闻.txt": TEXT.encode("gbk")}, gbk_names=True))))
    assert (found.source_id, found.text) == ("湘潭要闻", TEXT)


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz", "a.tgz", "a.tar.zst"])
def test_tar_archives_are_read_whatever_stands_around_them(tmp_path: Path, name: str) -> None:
    content = taped({"x/一.txt": TEXT.encode(), "y.jsonl": jsonl(RECORDS), "x/二.txt": text_of(2).encode("gb18030")})
    suffix = Path(name).suffix.replace(".tgz", ".gz")
    found = articles(read(write(tmp_path / name, PACK[suffix](content) if suffix in PACK else content)))
    assert [a.source_uri.partition("!/")[2] for a in found] == [
        "x/一.txt",
        "y.jsonl#1",
        "y.jsonl#2",
        "y.jsonl#3",
        "x/二.txt",
    ]


@pytest.mark.parametrize("packed", [False, True])
def test_a_web_archive_yields_its_pages(tmp_path: Path, packed: bool) -> None:
    pages = [(f"http://www.xiangtan.gov.cn/{n}.html", page(text_of(n))) for n in range(3)]
    content = warc(pages) + warc([("http://a/logo.png", b"\x89PNG")], "image/png")
    if packed:
        content = b"".join(gzip.compress(part) for part in (content[:700], content[700:]))
    reading = Reading()
    files = find_inputs([str(write(tmp_path / ("a.warc.gz" if packed else "a.warc"), content))])
    found = articles(read_articles(files, None, reading))
    assert [a.text for a in found] == [text_of(n) for n in range(3)]
    assert [a.url for a in found] == [url for url, _ in pages]
    assert any("passed over 1 records: 1 image/png" in note for note in reading.notes)


def test_bodies_in_a_web_archive_are_decoded_as_their_headers_say(tmp_path: Path) -> None:
    from tests.ingest.inputs import warc_record

    body = page(text_of(1), "gb18030", "utf-8")
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=GBK\r\nContent-Encoding: gzip\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    packed = gzip.compress(body)
    block = head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed)
    missing = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n" + page(
        "页面不存在\n您访问的页面不存在或已删除"
    )
    content = warc_record("response", "http://a.gov.cn/1", "application/http; msgtype=response", block)
    content += warc_record("response", "http://a.gov.cn/2", "application/http; msgtype=response", missing)
    (found,) = articles(read(write(tmp_path / "a.warc", content)))
    assert found.text == text_of(1)


def test_a_wet_file_yields_its_texts(tmp_path: Path) -> None:
    found = articles(read(write(tmp_path / "a.warc.wet.gz", gzip.compress(wet([("http://a.gov.cn/1", text_of(1))])))))
    assert [(a.text, a.url) for a in found] == [(text_of(1), "http://a.gov.cn/1")]


def test_a_saved_page_is_a_page_whatever_its_name(tmp_path: Path) -> None:
    for name in ("a.html", "b.txt", "c", "d.shtml"):
        (found,) = articles(read(write(tmp_path / name, page(text_of(1), "gb18030", "gb2312"))))
        assert (found.title, found.text) == ("第1号消息：湘潭市对标佛山推进营商环境", text_of(1))


def test_fields_are_mapped_by_guesses_that_are_told_and_by_the_configuration(tmp_path: Path) -> None:
    rows = [{"Topic": "题目", "正文 ": TEXT, "点击": 3, "发布时间": "2024-03-05", "来源": "湘潭日报"}]
    path = write(tmp_path / "a.jsonl", jsonl(rows))
    reading = Reading()
    (found,) = articles(read_articles(find_inputs([str(path)]), None, reading))
    assert (found.title, found.text, found.source_name) == ("题目", TEXT, "湘潭日报")
    assert reading.notes == [
        f"{path}: text from 正文 , title from Topic, published from 发布时间, source from 来源; not read: 点击"
    ]
    configured = IngestSettings(fields=FieldNames(text=("点击", "稿件"), title=("来源",)))
    rows = [{"稿件": TEXT, "来源": "栏目", "title": "x"}]
    (found,) = articles(read_articles(find_inputs([str(write(tmp_path / "b.jsonl", jsonl(rows)))]), configured))
    assert (found.title, found.text) == ("栏目", TEXT)


def test_values_of_other_types_are_read_for_what_they_are(tmp_path: Path) -> None:
    table = pa.table(
        {
            "id": [17, 18],
            "content": pa.array([TEXT, None]),
            "date": pa.array([datetime(2024, 3, 5), None], pa.timestamp("us")),
            "html": pa.array([None, page(text_of(3))], pa.binary()),
        }
    )
    out = BytesIO()
    pq.write_table(table, out)
    first, second = articles(read(write(tmp_path / "a.parquet", out.getvalue())))
    assert (first.source_id, first.published_at) == ("17", BEIJING_MIDNIGHT)
    assert second.text == text_of(3)
    lines = jsonl(
        [
            {"text": TEXT, "id": 0, "date": 1709568000},
            {"text": text_of(1), "date": 1709568000000, "author": ["甲", "乙"]},
        ]
    )
    one, two = articles(read(write(tmp_path / "b.jsonl", lines)))
    assert (one.source_id, one.published_at, two.published_at) == ("0", BEIJING_MIDNIGHT, BEIJING_MIDNIGHT)
    assert two.author == "甲 乙"


def test_folders_globs_and_standard_input_are_inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("b/2.txt", "a/1.txt", "a/x/3.txt", "a/.hidden.txt", "c.md"):
        write(tmp_path / name, f"{TEXT}{name}".encode())
    walked = find_inputs([str(tmp_path)])
    assert [f.uri.removeprefix(f"{tmp_path}/") for f in walked] == ["a/1.txt", "a/x/3.txt", "b/2.txt", "c.md"]
    assert find_inputs([str(tmp_path / "b"), str(tmp_path), str(tmp_path / "a/1.txt")]) == walked
    globbed = find_inputs([str(tmp_path / "**" / "*.txt")])
    assert [f.uri for f in globbed] == [f.uri for f in walked[:3]]
    for name in ("out/_commits/000001.json", "out/_generations/g000001/links/a.parquet"):
        write(tmp_path / name, b"{}")
    assert find_inputs([str(tmp_path)]) == walked  # tables of ours are no inputs
    with pytest.raises(MissingInputError, match="no file matches"):
        find_inputs([str(tmp_path / "*.csv")])
    monkeypatch.setattr(sys, "stdin", type("Stream", (), {"buffer": BytesIO(jsonl(RECORDS))}))
    found = articles(read_articles(find_inputs(["-"])))
    assert [a.source_id for a in found] == ["r0", "r1", "r2"]
    assert found[0].source_uri.startswith("stdin-")


def test_an_article_in_traditional_script_is_marked_and_read_offset_for_offset(tmp_path: Path) -> None:
    from pipeline import extract

    simplified = (
        "湘潭市党政代表团赴苏州考察学习。\n湘潭市对标长沙营商环境，加快审批改革；重庆市永川区学习借鉴浙江经验。"
    )
    traditional = opencc.OpenCC("s2t").convert(simplified)
    (found,) = articles(read(write(tmp_path / "a.txt", traditional.encode())))
    assert (found.script, found.text) == ("traditional", traditional)
    ours, theirs = extract(traditional), extract(simplified)
    assert theirs.article.script == "simplified"
    assert [(k.learner.code, k.model.code, k.relation, k.evidence) for k in ours.links] == [
        (k.learner.code, k.model.code, k.relation, k.evidence) for k in theirs.links
    ]
    assert len(ours.links) >= 2
    for mention in ours.mentions:
        assert mention.mention.text == traditional[mention.span.start : mention.span.end]
    for link in ours.links:
        assert link.model.text == link.model.span.of(traditional)
        assert all(aspect in traditional for aspect in link.aspects)
        assert link.model.name == next(k.model.name for k in theirs.links if k.model.code == link.model.code)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.pdf", b"%PDF-1.7\n", "a PDF document"),
        ("a.txt", b"%PDF-1.7\n", "a PDF document"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "doc, xls"),
        ("a.docx", zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}), "an Office document"),
        ("a.rar", b"Rar!\x1a\x07\x00", "a RAR archive"),
        ("a.parquet", b"no parquet at all", "first bytes are not those"),
        ("a.log", TEXT.encode(), "ends in .log"),
    ],
)
def test_what_is_not_read_is_named(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (found,) = read(write(tmp_path / name, content))
    assert not isinstance(found, Article)
    assert found.code == "unsupported_format"
    assert said in found.detail


def test_records_without_a_text_are_refused_each_with_its_reason(tmp_path: Path) -> None:
    lines = b'{"id": 1}\n[1, 2]\n{"text": 5}\n{"text": "\xe7\x9f\xad"}\n{broken\n\xff\xff\n{"text": "ok\\u0000"}\n'
    lines += b'{"text": "\\ud800 half of a pair stands here"}\n' + jsonl([record(1)])
    found = read(write(tmp_path / "a.jsonl", lines))
    assert codes(found) == [
        "no_text", "no_text", "no_text", "empty", "invalid_json", "undecodable", "null_bytes", "invalid_unicode",
    ]  # fmt: skip
    assert [item.source_uri.rpartition("#")[2] for item in found] == list("123456789")
    assert codes(read(write(tmp_path / "b.csv", b"a,b\n1,2\n"))) == ["no_text"]
