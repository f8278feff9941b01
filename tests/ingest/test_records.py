from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from pipeline.ingest import MissingInputError, UnreadableInputError, find_inputs, read_articles
from pipeline.records import Article, Rejection


def test_every_line_of_a_jsonl_is_an_article_or_a_rejection(tmp_path: Path) -> None:
    good = {
        "id": "a1",
        "text": "宜春市代表团赴佛山考察学习。",
        "title": "考察",
        "source": "宜春市",
        "published": "2020-05-06",
    }
    lines = [
        json.dumps(good, ensure_ascii=False),
        "",
        '{"id": "a2", "text": ',
        '["no object"]',
        '{"id": "a3"}',
        '{"id": "a4", "text": "短"}',
        '{"id": "a5", "text": "half a pair \\ud83d stands in this text"}',
        json.dumps({"text": "记录没有编号，只有一段正文。"}, ensure_ascii=False),
    ]
    path = tmp_path / "crawl.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    items = list(read_articles(find_inputs([str(path)])))
    found = [item.code if isinstance(item, Rejection) else item.source_id for item in items]
    assert found == ["a1", "invalid_json", "no_text", "no_text", "empty", "invalid_unicode", "crawl-8"]
    assert [item.source_uri.rsplit("#")[1] for item in items] == ["1", "3", "4", "5", "6", "7", "8"]
    first = items[0]
    assert isinstance(first, Article)
    assert (first.title, first.source_name) == ("考察", "宜春市")


def test_a_file_that_cannot_be_used_is_rejected_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text("湘潭市对标长沙营商环境，加快审批改革。", encoding="gb18030")
    (tmp_path / "broken.txt").write_bytes(b"\xe5\xa4\xaa\xff\xff")
    (tmp_path / "empty.txt").write_text("打印\n", encoding="utf-8")
    (tmp_path / "image.png").write_bytes(b"\x89PNG")
    (tmp_path / ".hidden.txt").write_text("这个文件不该被读到，因为它是隐藏的。", encoding="utf-8")
    items = list(read_articles(find_inputs([str(tmp_path)])))
    found = {Path(item.source_uri).name: getattr(item, "code", "article") for item in items}
    assert found == {
        "page.txt": "article",
        "broken.txt": "undecodable",
        "empty.txt": "empty",
        "image.png": "unsupported_format",
    }


def test_inputs_come_in_order_and_once(tmp_path: Path) -> None:
    for name in ("b/2.txt", "a/1.txt", "a/0.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name, encoding="utf-8")
    found = find_inputs([str(tmp_path), str(tmp_path / "a"), str(tmp_path / "b" / ".." / "b" / "2.txt")])
    assert [Path(file.uri).relative_to(tmp_path).as_posix() for file in found] == ["a/0.txt", "a/1.txt", "b/2.txt"]


def test_a_missing_input_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match=r"nowhere: no such file or folder"):
        find_inputs([str(tmp_path / "nowhere")])


def test_what_cannot_be_read_in_a_folder_is_rejected_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text("湘潭市对标长沙营商环境，加快审批改革。", encoding="utf-8")
    (tmp_path / "up").symlink_to(tmp_path)
    (tmp_path / "nowhere.txt").symlink_to(tmp_path / "gone")
    os.mkfifo(tmp_path / "pipe.txt")
    with open(os.fsencode(tmp_path) + "中文".encode("gb18030").join([b"/", b".txt"]), "wb") as file:  # noqa: PTH123
        file.write("宜春市对标佛山营商环境，加快审批改革。".encode())
    items = list(read_articles(find_inputs([str(tmp_path)])))
    found = {Path(item.source_uri).name: getattr(item, "detail", "article") for item in items}
    assert found == {
        "page.txt": "article",
        "up": "a link to a folder that holds it",
        "nowhere.txt": "No such file or directory",
        "pipe.txt": "not a regular file",
        r"\xd6\xd0\xce\xc4.txt": "article",
    }


def test_a_named_loop_of_links_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to(tmp_path / "two")
    (tmp_path / "two").symlink_to(tmp_path / "one")
    with pytest.raises(UnreadableInputError, match="cannot be read"):
        find_inputs([str(tmp_path / "one")])


def test_a_number_too_long_for_python_is_invalid_json(tmp_path: Path) -> None:
    path = tmp_path / "crawl.jsonl"
    path.write_text('{"id": ' + "1" * 5000 + ', "text": "宜春市对标佛山营商环境，加快审批改革。"}\n', encoding="utf-8")
    (item,) = read_articles(find_inputs([str(path)]))
    assert isinstance(item, Rejection)
    assert item.code == "invalid_json"
