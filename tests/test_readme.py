from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from pipeline.job import RunResult
from pipeline.tables import TABLES, read_table
from tests.conftest import ROOT

READMES = ("README.md", "README.zh-CN.md")


def snippets(name: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize("name", READMES)
def test_the_snippets_run_on_the_tables_of_the_first_article(
    name: str,
    first_run: tuple[Path, RunResult],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copytree(first_run[0], tmp_path / "data" / "processed", symlinks=True)
    monkeypatch.chdir(tmp_path)
    ran = 0
    for snippet in snippets(name):
        if "pyspark" in snippet:
            continue  # tests/tables/test_readers.py reads with Spark where it is installed
        names: dict[str, object] = {}
        exec(snippet, names)
        if "links" in names:
            assert len(names["links"]) == 23  # type: ignore[arg-type]
        ran += 1
    assert ran == 6
    assert capsys.readouterr().out == "湘潭市 benchmarks 长沙市 ('营商环境',)\n"


@pytest.mark.parametrize("name", READMES)
def test_the_rows_shown_are_the_rows_of_the_tables(name: str, first_run: tuple[Path, RunResult]) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    links = read_table("links", first_run[0]).to_pylist()
    shown = {
        f"| {r['learner_name']} | {r['model_name']} | {r['model_code']} | {r['model_kind']} | {r['relation']} "
        f"| [{', '.join(r['aspects'])}] |"
        for r in links
    }
    rows = [line for line in text.splitlines() if re.match(r"\| \S+市 \| ", line)]
    assert len(rows) == 8
    assert set(rows) <= shown
    for table in TABLES:
        (line,) = [line for line in text.splitlines() if line.startswith(f"| `{table}` |")]
        assert line.endswith(f"| {read_table(table, first_run[0]).num_rows:,} |")


def test_the_two_readmes_have_the_same_parts() -> None:
    english, chinese = ((ROOT / name).read_text(encoding="utf-8") for name in READMES)
    assert english.count("\n## ") == chinese.count("\n## ")
    assert snippets("README.md") == snippets("README.zh-CN.md")
    assert re.findall(r"```sh\n(\S+ \S+)", english) == re.findall(r"```sh\n(\S+ \S+)", chinese)


def test_every_reason_for_the_quarantine_is_documented() -> None:
    from pipeline.rejections import CODES

    text = (ROOT / "docs" / "quarantine.md").read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if line.startswith("| `")] == [
        f"| `{code}` | {english} | {chinese} |" for code, (english, chinese) in CODES.items()
    ]


def test_the_default_configuration_holds_the_defaults() -> None:
    from pipeline.config import Settings, load_settings

    assert load_settings(ROOT / "configs" / "default.toml") == Settings()
