"""What is broken, hostile or too much: a row of the quarantine with its code, and the rest is read."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys
import tarfile
import time
import tracemalloc
import zipfile
from pathlib import Path

import pytest
import zstandard

from pipeline.ingest import find_inputs
from pipeline.records import Article, Rejection
from tests.conftest import ROOT
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
    zipped,
)

RECORDS = [record(number) for number in range(400)]


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("suffix", PACK)
def test_what_stands_before_a_cut_is_read_and_the_cut_is_told(tmp_path: Path, suffix: str) -> None:
    packed = PACK[suffix](jsonl(RECORDS) * 3)
    found = read(write(tmp_path / f"a.jsonl{suffix}", packed[: len(packed) * 2 // 3]))
    assert codes(found)[-1:] in (["truncated"], ["broken_compression"])
    assert found[-1].source_uri == f"{tmp_path}/a.jsonl{suffix}"
    if suffix == ".gz":  # the others unpack by blocks larger than this file
        assert len([item for item in found if isinstance(item, Article)]) > 100


@pytest.mark.parametrize("suffix", PACK)
def test_broken_compression_is_told(tmp_path: Path, suffix: str) -> None:
    packed = bytearray(PACK[suffix](os.urandom(9000) + TEXT.encode()))
    packed[len(packed) // 2 : len(packed) // 2 + 40] = bytes(40)
    (found,) = read(write(tmp_path / f"a.txt{suffix}", bytes(packed)))
    assert isinstance(found, Rejection)
    assert found.code in ("broken_compression", "truncated", "undecodable", "null_bytes")


@pytest.mark.parametrize("suffix", PACK)
def test_a_bomb_is_stopped_by_its_ratio_in_little_memory(tmp_path: Path, suffix: str) -> None:
    bomb = PACK[suffix](bytes(30_000_000))
    path = write(tmp_path / f"a.jsonl{suffix}", bomb)
    tracemalloc.start()
    found = read(path, ratio_from_bytes=1_000_000, ratio=50)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert codes(found)[-1] == "ratio_limit"
    assert peak < 60_000_000


def test_a_bomb_of_archives_in_archives_is_stopped(tmp_path: Path) -> None:
    bomb = zipped({"zeros.txt": bytes(20_000_000)})
    for _ in range(3):
        bomb = zipped({f"{n}.zip": bomb for n in range(5)})
    path = write(tmp_path / "a.zip", bomb)
    assert set(codes(read(path, ratio_from_bytes=1_000_000))) <= {"ratio_limit", "depth_limit"}
    assert "depth_limit" in codes(read(path, depth=2))
    assert codes(read(write(tmp_path / "b.gz", gzip.compress(gzip.compress(TEXT.encode()))), depth=1)) == [
        "depth_limit"
    ]


def test_an_archive_of_too_many_members_is_read_up_to_the_limit(tmp_path: Path) -> None:
    members = {f"{n}.txt": text_of(n).encode() for n in range(20)}
    for name, content in (("a.zip", zipped(members)), ("a.tar", taped(members))):
        found = read(write(tmp_path / name, content), members=5)
        assert len([item for item in found if isinstance(item, Article)]) == 5
        assert codes(found) == ["count_limit"]


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd.txt", "C:\\x.txt", "a/../../b.txt", "~/x.txt", "a\nb.txt"]
)
def test_a_member_whose_name_leads_out_is_refused_and_the_others_are_read(tmp_path: Path, name: str) -> None:
    members = {name: TEXT.encode(), "good.txt": text_of(1).encode()}
    for path in (write(tmp_path / "a.zip", zipped(members)), write(tmp_path / "a.tar", taped(members))):
        found = read(path)
        assert codes(found) == ["unsafe_name"], found
        assert [item.source_id for item in found if isinstance(item, Article)] == ["good"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.tar", "a.zip"]


def test_links_and_devices_in_a_tar_are_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
            member = tarfile.TarInfo(f"m{kind!r}.txt")
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
    assert codes(read(write(tmp_path / "a.tar", out.getvalue()))) == ["unsupported_format"] * 4


def test_an_encrypted_member_is_told(tmp_path: Path) -> None:
    packed = bytearray(zipped({"a.txt": TEXT.encode()}))
    packed[6] |= 1  # the flag in the member's own header
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    assert codes(read(write(tmp_path / "a.zip", bytes(packed)))) == ["encrypted"]


def test_members_of_one_name_are_both_read(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("a.txt", text_of(1))
        archive.writestr("a.txt", text_of(2))
    found = articles(read(write(tmp_path / "a.zip", out.getvalue())))
    assert [a.source_uri.rpartition("!/")[2] for a in found] == ["a.txt", "a.txt~2"]
    assert [a.text for a in found] == [text_of(1), text_of(2)]


@pytest.mark.parametrize("cut", [30, 200])
def test_a_cut_archive_is_told_and_what_is_whole_before_it_is_read(tmp_path: Path, cut: int) -> None:
    members = {"a.txt": TEXT.encode(), "b.txt": text_of(1).encode()}
    assert codes(read(write(tmp_path / "a.zip", zipped(members)[:-cut]))) == ["broken_archive"]
    found = read(write(tmp_path / "a.tar", taped(members)[: 1024 + 512 + cut]))
    assert [item.source_id for item in found if isinstance(item, Article)][:1] == ["a"]
    assert codes(found)[-1] in ("truncated", "broken_archive")


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    write(tmp_path / "a" / "x.txt", TEXT.encode())
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "dangling.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "self.txt").symlink_to(tmp_path / "self.txt")
    found = read(tmp_path)
    assert [item.source_id for item in found if isinstance(item, Article)] == ["x"]
    assert codes(found) == ["unreadable"] * 3


def peak_of(script: str, *arguments: object) -> tuple[str, int]:
    """What a Python script prints, and the most memory that it had, in MB."""
    told = "\nimport re; print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read()).group(1))"
    done = subprocess.run(
        [sys.executable, "-c", script + told, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    *printed, kilobytes = done.stdout.split()
    return " ".join(printed), int(kilobytes) // 1024


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
def test_a_file_of_one_line_of_gigabytes_costs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.write(jsonl([record(1)]) + b'{"text": "')
        file.seek(1_500_000_000, os.SEEK_CUR)  # a hole: nothing is written
        file.write(b'"}\n' + jsonl([record(2)]))
    script = (
        "import sys\nfrom pathlib import Path\nfrom tests.ingest.inputs import codes, read\n"
        "found = read(Path(sys.argv[1]))\nassert codes(found) == ['size_limit'] and len(found) == 3, found"
    )
    assert peak_of(script, path)[1] < 250
    for name in ("a.txt", "a.html", "a.csv", "a.json"):
        path.rename(tmp_path / name)
        path = tmp_path / name
        assert set(codes(read(path))) <= {"size_limit", "no_text", "invalid_csv"}
        assert codes(read(path))


@pytest.mark.parametrize("depth", [3_000, 200_000])
@pytest.mark.parametrize("tag", ["div", "table><tr><td", "b", "blockquote"])
def test_deeply_nested_html_is_told_in_time(tmp_path: Path, depth: int, tag: str) -> None:
    content = f"<html><body>{f'<{tag}>' * depth}{TEXT}</body></html>".encode()
    started = time.perf_counter()
    found = read(write(tmp_path / "a.html", content))
    assert time.perf_counter() - started < 5
    assert [f.text for f in found if isinstance(f, Article)] == [TEXT] or codes(found) == ["nested_too_deep"]


def test_html_nested_like_old_pages_is_read(tmp_path: Path) -> None:
    content = f"<html><body>{'<table><tr><td>' * 500}<p>{TEXT}</p></body></html>".encode()
    (found,) = articles(read(write(tmp_path / "a.html", content)))
    assert found.text == TEXT


@pytest.mark.parametrize(
    "content",
    [
        b"<html><body>" + b"<a href='x'>" * 80_000,
        b"<html><body>" + b"<p>&nbsp;" * 120_000,
        b"<html><body><p>" + b"&#x4e00;" * 130_000,
        b"<html>" + b"<meta name='author' content='x'>" * 30_000,
        b"<html><script>" + b"var ct = " * 100_000 + b"</script><body><p>" + TEXT.encode(),
        b"<html><title>" + "题_".encode() * 250_000 + b"</title><body><p>" + TEXT.encode(),
        b"<html><body class='" + b"nav-" * 250_000 + b"'><p>" + TEXT.encode(),
        b"<html><body style='" + b"display " * 120_000 + b"'><p>" + TEXT.encode(),
        b"<html><head><script type='application/ld+json'>"
        + b"[" * 500_000
        + b"</script></head><body><p>"
        + TEXT.encode(),
        b"<!DOCTYPE html [" + b'<!ENTITY a "aaaaaaaaaa">' * 40_000 + b"]><html><body>" + b"&a;" * 1000 + TEXT.encode(),
    ],
)
def test_a_megabyte_of_any_markup_is_read_in_time(tmp_path: Path, content: bytes) -> None:
    started = time.perf_counter()
    assert len(read(write(tmp_path / "a.html", content))) == 1
    assert time.perf_counter() - started < 5


def test_quotes_that_do_not_close_cost_one_record_each(tmp_path: Path) -> None:
    lines = delimited(RECORDS[:6]).splitlines(keepends=True)
    broken = (
        delimited([{"id": "bad", "title": "x", "content": "y", "date": ""}]).splitlines()[1].replace("y", '"y') + "\r\n"
    )
    whole = "".join(lines)
    half = whole.index("r3,")
    found = read(write(tmp_path / "a.csv", (whole[:half] + broken + whole[half:]).encode()))
    assert [item.source_id for item in found if isinstance(item, Article)] == [f"r{n}" for n in range(6)]
    assert codes(found) == ["invalid_csv"]
    found = read(write(tmp_path / "b.csv", (whole + broken).encode()))
    assert [item.source_id for item in found if isinstance(item, Article)] == [f"r{n}" for n in range(6)]
    assert codes(found) == ["invalid_csv"]
    found = read(write(tmp_path / "c.csv", (whole[:half] + "one,two\r\n" + whole[half:]).encode()))
    assert len(found) == 7
    assert codes(found) == ["invalid_csv"]


def test_ten_thousand_open_quotes_end(tmp_path: Path) -> None:
    started = time.perf_counter()
    found = read(write(tmp_path / "a.csv", b"id,text\n" + b'1,"x\n2,y"z\n' * 10_000))
    assert time.perf_counter() - started < 20
    assert set(codes(found)) <= {"invalid_csv", "count_limit", "empty"}


@pytest.mark.parametrize("wrong", [-40, 60, 5_000, 10**9])
def test_a_web_archive_with_a_wrong_length_is_read_on_from_the_next_record(tmp_path: Path, wrong: int) -> None:
    pages = [(f"http://a.gov.cn/{n}", page(text_of(n))) for n in range(6)]
    found = read(write(tmp_path / "a.warc", warc(pages, wrong=wrong)))
    texts = [item.text for item in found if isinstance(item, Article)]
    assert "broken_warc" in codes(found)
    assert texts == [text_of(n) for n in (0, 2, 3, 4, 5)]


def test_a_cut_web_archive_is_told(tmp_path: Path) -> None:
    content = warc([(f"http://a.gov.cn/{n}", page(text_of(n))) for n in range(3)])
    found = read(write(tmp_path / "a.warc", content[:-200]))
    assert [item.text for item in found if isinstance(item, Article)] == [text_of(0), text_of(1)]
    assert codes(found) == ["broken_warc"]
    packed = gzip.compress(content)
    found = read(write(tmp_path / "a.warc.gz", packed[: len(packed) - 30]))
    assert codes(found)[-1] == "truncated"


def test_a_broken_parquet_file_is_told(tmp_path: Path) -> None:
    whole = bytearray(parquet(RECORDS))
    for start in (4, 200, len(whole) // 2, len(whole) - 60):
        broken = bytes(whole[:start]) + os.urandom(40) + bytes(whole[start + 40 :])
        found = read(write(tmp_path / "a.parquet", broken))
        assert found
        assert set(codes(found)) <= {
            "broken_parquet",
            "no_text",
            "null_bytes",
            "control_characters",
            "invalid_unicode",
            "empty",
        }
    assert codes(read(write(tmp_path / "b.parquet", bytes(whole[:-50])))) == ["broken_parquet"]


def test_a_document_that_takes_too_long_is_told_and_the_rest_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pipeline.ingest.records as records

    real = records.read_page

    def slow(raw: str) -> object:
        while "慢" in raw:
            try:
                time.sleep(10)
            except Exception:
                continue
        return real(raw)

    monkeypatch.setattr(records, "read_page", slow)
    started = time.perf_counter()
    found = read(write(tmp_path / "a.jsonl", jsonl([record(1), {"text": f"慢{TEXT}"}, record(2)])), seconds=0.3)
    assert time.perf_counter() - started < 5
    assert codes(found) == ["too_slow"]
    assert len(found) == 3


def test_an_article_longer_than_the_limit_is_told(tmp_path: Path) -> None:
    assert codes(read(write(tmp_path / "a.txt", (TEXT * 50).encode()), characters=100)) == ["size_limit"]


def test_a_file_that_cannot_be_read_when_its_turn_comes_is_told(tmp_path: Path) -> None:
    from pipeline.ingest import read_articles

    files = find_inputs(
        [str(write(tmp_path / "a.txt", TEXT.encode())), str(write(tmp_path / "b.txt", text_of(1).encode()))]
    )
    (tmp_path / "a.txt").unlink()
    found = list(read_articles(files))
    assert codes(found) == ["unreadable"]
    assert len(found) == 2


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
def test_memory_stays_within_bounds_over_a_large_archive(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom pipeline.ingest import find_inputs, read_articles\n"
        "print(sum(1 for _ in read_articles(find_inputs([sys.argv[1]]))))"
    )
    peaks = []
    for size in (300, 3_000):
        path = write(tmp_path / f"{size}.warc", warc((f"http://a.gov.cn/{n}", page(text_of(n))) for n in range(size)))
        count, peak = peak_of(script, path)
        assert count == str(size)
        peaks.append(peak)
    assert peaks[1] - peaks[0] < 20, peaks


def test_a_zstd_frame_of_a_huge_window_is_refused(tmp_path: Path) -> None:
    packed = zstandard.ZstdCompressor(
        compression_params=zstandard.ZstdCompressionParameters(window_log=30, enable_ldm=True)
    ).compressobj()
    content = packed.compress(TEXT.encode() * 100) + packed.flush()
    assert codes(read(write(tmp_path / "a.txt.zst", content))) == ["broken_compression"]


# What the fuzzer found.


def test_a_member_without_a_name_is_told(tmp_path: Path) -> None:
    packed = zipped({"A": TEXT.encode(), "good.txt": text_of(1).encode()})
    nameless = packed.replace(b"A" + packed[31:40], b"\x00" + packed[31:40], 1)
    central = nameless.rindex(b"PK\x01\x02", 0, nameless.rindex(b"PK\x01\x02"))
    nameless = nameless[: central + 46] + b"\x00" + nameless[central + 47 :]
    found = read(write(tmp_path / "a.zip", nameless))
    assert [item.source_id for item in found if isinstance(item, Article)] == ["good"]
    assert codes(found) == ["unsafe_name"]


def test_control_characters_in_markup_do_not_stop_the_search_for_the_article(tmp_path: Path) -> None:
    content = f"<html><body><div class='share'>x</div>\x01\x02&#3;<p>{TEXT}</p></body></html>".encode()
    (found,) = articles(read(write(tmp_path / "a.html", content)))
    assert found.text == TEXT


# What a review found.


@pytest.mark.parametrize("day", ["二〇二四年一二月二五日", "二〇二四年十十月十日", "二〇二四年三月三十九日"])
def test_a_date_that_is_none_does_not_stop_anything(tmp_path: Path, day: str) -> None:
    (found,) = articles(read(write(tmp_path / "a.txt", f"{TEXT}\n{day}".encode())))
    assert found.published_at is None


def test_times_out_of_range_are_no_times(tmp_path: Path) -> None:
    from datetime import datetime

    rows = [{"text": text_of(n), "date": datetime(1, 1, 1)} for n in range(2)]
    assert [a.published_at for a in articles(read(write(tmp_path / "a.parquet", parquet(rows))))] == [None, None]
    lines = b'{"text": "%s", "date": 1%s}\n' % (TEXT.encode(), b"0" * 400)
    assert [a.published_at for a in articles(read(write(tmp_path / "a.jsonl", lines)))] == [None]


def test_an_address_that_is_none_does_not_stop_anything(tmp_path: Path) -> None:
    head = '<head><meta name="url" content="a.html"><meta name="SiteDomain" content="[x"></head>'
    (found,) = articles(read(write(tmp_path / "a.html", f"<html>{head}<body><p>{TEXT}</p></body></html>".encode())))
    assert found.url is None


def test_half_of_a_surrogate_pair_in_a_name_is_escaped_where_it_is_told(tmp_path: Path) -> None:
    from pipeline.ingest import Reading, read_articles

    reading = Reading()
    path = write(tmp_path / "a.jsonl", b'{"\\ud800": 1, "text": "%s"}\n' % TEXT.encode())
    assert len(articles(read_articles(find_inputs([str(path)]), None, reading))) == 1
    assert "\\ud800" in reading.notes[0]
    reading.notes[0].encode("utf-8")
    page_with_half = b'{"html": "<p>%s\\ud800</p>"}\n' % TEXT.encode()
    assert codes(read(write(tmp_path / "b.jsonl", page_with_half))) == ["invalid_unicode"]


def test_a_dangling_link_among_what_a_glob_matches_stops_nothing(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", TEXT.encode())
    (tmp_path / "b.txt").symlink_to(tmp_path / "nowhere")
    assert [file.problem for file in find_inputs([str(tmp_path / "*.txt")])] == ["", "No such file or directory"]


@pytest.mark.parametrize("coding", ["Content-Encoding: gzip", "Transfer-Encoding: chunked"])
def test_a_body_that_is_not_as_its_headers_say_costs_one_record(tmp_path: Path, coding: str) -> None:
    from tests.ingest.inputs import warc_record

    block = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{coding}\r\n\r\n".encode() + page(text_of(1))
    content = warc_record("response", "http://a.gov.cn/1", "application/http; msgtype=response", block)
    found = read(write(tmp_path / "a.warc", content + warc([("http://a.gov.cn/2", page(text_of(2)))])))
    assert text_of(2) in [item.text for item in found if isinstance(item, Article)]
    assert len(found) == 2


def test_a_damaged_header_in_a_tar_does_not_pass_for_its_end(tmp_path: Path) -> None:
    whole = bytearray(taped({f"{n}.txt": text_of(n).encode() for n in range(4)}))
    second = 512 + -(-len(text_of(0).encode()) // 512) * 512
    whole[second] ^= 0xFF
    found = read(write(tmp_path / "a.tar", bytes(whole)))
    assert codes(found) == ["broken_archive"]
    assert len(found) == 2
    two = taped({"a.txt": text_of(1).encode()}) + taped({"b.txt": text_of(2).encode()})
    assert codes(read(write(tmp_path / "b.tar", two))) == ["broken_archive"]


def test_no_two_members_or_files_have_one_uri(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        for number, name in enumerate(("a.txt", "a.txt~2", "a.txt", "a.txt")):
            archive.writestr(name if name != "a.txt~2" else "a.txt~2", text_of(number))
    found = read(write(tmp_path / "a.zip", out.getvalue()))
    assert len({item.source_uri for item in found}) == 4
    for name in (b"\xff.txt", b"\\xff.txt"):
        write(Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)), TEXT.encode())
    assert len(find_inputs([str(tmp_path)])) == 3


@pytest.mark.parametrize(
    "content",
    [
        b"text,id\n" + b'a","\n' * 40_000,
        b"text,id\n" + b'"\n' * 200_000,
    ],
)
def test_quotes_in_any_number_end_in_time(tmp_path: Path, content: bytes) -> None:
    started = time.perf_counter()
    assert codes(read(write(tmp_path / "a.csv", content)))
    assert time.perf_counter() - started < 20


def test_many_malformed_lines_cost_themselves_alone(tmp_path: Path) -> None:
    rows = "".join(f"{n},{text_of(n).partition(chr(10))[0]}\n" if n % 2 else f'{n},"x"y\n' for n in range(3_000))
    found = read(write(tmp_path / "a.csv", f"id,text\n{rows}".encode()))
    assert len(found) == 3_000
    assert codes(found) == ["invalid_csv"] * 1_500


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (f"id,text,text\n1,{TEXT[:12]},\n", TEXT[:12]),
        (f"sep=;\nid;text\n1;{TEXT}\n", TEXT),
        (f"\n\nid;text\n1;{TEXT}\n", TEXT),
        (f'id, text\n1, "{TEXT[:12]}, 等"\n', f"{TEXT[:12]}, 等"),
    ],
)
def test_dialects_of_csv_are_read(tmp_path: Path, content: str, text: str) -> None:
    assert [a.text for a in articles(read(write(tmp_path / "a.csv", content.encode())))] == [text]


@pytest.mark.parametrize(
    "content",
    [
        ("a" + "\u0301\u0327" * 200_000).encode(),
        f"<html><body><p {' '.join(f'a{n}={n}' for n in range(60_000))}>{TEXT}</p></body></html>".encode(),
    ],
)
def test_what_libraries_do_in_quadratic_time_is_refused_before(tmp_path: Path, content: bytes) -> None:
    started = time.perf_counter()
    assert codes(read(write(tmp_path / "a.html", content), write(tmp_path / "b.txt", content[:100_000])))
    assert time.perf_counter() - started < 5


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
def test_rows_and_records_of_hundreds_of_megabytes_cost_no_memory(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from tests.ingest.inputs import warc_record

    pq.write_table(pa.table({"text": [TEXT * 200_000] * 64}), tmp_path / "a.parquet", compression="zstd")
    video = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n\r\n" + bytes(300_000_000)
    content = warc_record("response", "http://a.gov.cn/1", "application/http; msgtype=response", video)
    write(tmp_path / "b.warc", content + warc([("http://a.gov.cn/2", page(text_of(2)))]))
    script = (
        "import sys\nfrom pathlib import Path\nfrom tests.ingest.inputs import read\n"
        "print(len(read(Path(sys.argv[1]))))"
    )
    assert peak_of(script, tmp_path / "b.warc")[1] < 350
    count, peak = peak_of(script, tmp_path / "a.parquet")
    assert (count, peak < 1_000) == ("64", True), peak


def test_short_lines_of_a_big5_file_are_read_as_the_whole_file_is(tmp_path: Path) -> None:
    short, long = "臺灣省臺北市學習深圳經驗", "臺北市與新北市對標先進城市，優化營商環境，並赴蘇州考察產業園區"
    lines = f'{{"text": "{short}"}}\n{{"text": "{long}"}}\n'
    found = articles(read(write(tmp_path / "a.jsonl", lines.encode("big5"))))
    assert [a.text[:4] for a in found] == ["臺灣省臺", "臺北市與"]


def test_pages_in_a_column_of_bytes_are_read_as_pages_in_files_are(tmp_path: Path) -> None:
    content = page(text_of(1), "gb18030", "gb2312").replace(b"</body>", b"<div>\xff</div></body>") + b" " * 2_000
    (as_file,) = articles(read(write(tmp_path / "a.html", content)))
    (as_row,) = articles(read(write(tmp_path / "a.parquet", parquet([{"html": content}]))))
    assert as_file.text == as_row.text == text_of(1)
    assert codes(read(write(tmp_path / "b.parquet", parquet([{"text": b"\xff\xff\xff"}])))) == ["undecodable"]
