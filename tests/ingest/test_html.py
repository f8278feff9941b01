from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from benchmarks.pages import ours, shingles
from pipeline.ingest.html import read_html
from tests.ingest.write_pages import FOLDER, STORIES, STRUCTURES, expected

CASES = [json.loads(line) for line in (FOLDER / "expected.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["page"])
def test_a_saved_page_yields_its_article_and_what_it_says_of_itself(case: dict[str, Any]) -> None:
    page, _ = read_html((FOLDER / case["page"]).read_bytes())
    assert page.text == case["text"]
    assert (page.title, page.source_name, page.author) == (case["title"], case["source_name"], case["author"])
    assert page.published_at == datetime.fromisoformat(case["published_at"])


def test_the_saved_pages_are_those_that_the_program_writes() -> None:
    for structure in STRUCTURES:
        for number, story in enumerate(STORIES, 1):
            name = f"{structure.make.__name__}-{number}.html"
            assert (FOLDER / name).read_bytes() == structure.make(story).encode(structure.charset)
            assert {"page": name, **expected(structure, story)} in CASES
    assert len(CASES) == 54


def test_a_page_names_its_own_address() -> None:
    head = '<html><head><link rel="canonical" href="http://www.a.gov.cn/1.html"></head><body><p>{0}</p></body></html>'
    assert read_html(head.format("湘潭市对标长沙营商环境，加快审批改革。"))[1] == "http://www.a.gov.cn/1.html"
    wechat = next(case for case in CASES if case["page"] == "wechat-1.html")
    assert read_html((FOLDER / wechat["page"]).read_bytes())[1] == "http://mp.weixin.qq.com/s?__biz=MzA&mid=2651&idx=1"


def test_tables_in_an_article_are_lines_of_cells() -> None:
    rows = "".join(
        f"<tr><td>{city}</td><td>对标{model}</td></tr>" for city, model in (("湘潭市", "长沙"), ("怀化市", "杭州"))
    )
    told = "<p>各市对标对象如下表所示，请各市认真抓好落实并定期报送进展。</p>"
    markup = f'<html><body><div id="zoom">{told}<table>{rows}</table></div></body></html>'
    assert read_html(markup)[0].text.split("\n")[-2:] == ["湘潭市 对标长沙", "怀化市 对标杭州"]


def test_the_benchmark_scores_what_the_test_asserts() -> None:
    case = CASES[0]
    found = ours((FOLDER / case["page"]).read_bytes())
    assert shingles(found["text"]) == shingles(case["text"].partition("\n")[2])
