from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.evaluate import (
    FLOORED,
    Figures,
    GoldError,
    evaluate,
    fallen,
    figure_lines,
    fingerprint,
    read_floors,
    set_floors,
)
from pipeline.job import run
from tests.conftest import FIRST_ARTICLE, ROOT
from tests.test_cli import biaogan, one_line

FLOORS = ROOT / "configs" / "floors.toml"


def link(learner: str, model: str, relation: str, evidence: str, **more: object) -> dict:
    return {
        "learner": {"adcode": learner, "name": learner},
        "model": {"adcode": model, "name": model, "kind": "region"},
        "relation": relation,
        "evidence": evidence,
        "flags": [],
    } | more


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    """Two articles of our own: one with a link that is found and one that is not there, one without a link."""
    folder = tmp_path / "mini"
    (folder / "gold").mkdir(parents=True)
    texts = {"a": "5月9日,岳阳市代表团赴株洲市考察学习城市管理工作。", "b": "湘潭市召开会议,对标一流找差距。"}
    rows = [{"id": key, "text": text, "published": "2023-05-12"} for key, text in texts.items()]
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (folder / "articles.jsonl").write_text(lines, encoding="utf-8")
    found = link("430600", "430200", "visits", texts["a"], date={"visited": "2023-05-09"})
    annotations = {
        "a": {"home": {"adcode": "430600"}, "links": [found, link("430600", "430100", "benchmarks", texts["a"])]},
        "b": {"home": None, "links": []},
    }
    for key, annotation in annotations.items():
        (folder / "gold" / f"{key}.json").write_text(json.dumps(annotation), encoding="utf-8")
    return folder


def test_figures_count_what_is_right_wrong_and_missed(gold: Path) -> None:
    figures = evaluate(gold)
    assert (figures.hits, figures.wrong, figures.missed) == (1, 0, 1)
    assert figures.shares == {"relation": (1, 1), "evidence": (1, 1), "date": (1, 1), "home": (1, 1), "silent": (1, 1)}
    assert figures.value("f1") == pytest.approx(2 / 3)
    assert figures.value("leader") is None
    assert figures.errors == ["a  missed  430600 -> 430100  benchmarks"]
    assert "found    1 of    2" in "\n".join(figure_lines(figures))


def test_a_figure_under_its_floor_is_named(gold: Path) -> None:
    figures = evaluate(gold)
    assert fallen(figures, {"fingerprint": fingerprint(gold), "f1": 0.6, "date": 1.0}, gold) == []
    (line,) = fallen(figures, {"fingerprint": fingerprint(gold), "f1": 0.7}, gold)
    assert line.startswith("f1 fell to 0.6667")
    (line,) = fallen(figures, {"fingerprint": "of another gold", "f1": 0.1}, gold)
    assert "not the one" in line


def test_floors_are_raised_freely_and_lowered_only_when_told(gold: Path, tmp_path: Path) -> None:
    path, good = tmp_path / "floors.toml", evaluate(gold)
    assert set_floors(path, "mini", good, gold, lower=False) == []
    assert read_floors(path)["mini"]["f1"] == 0.6666
    worse = Figures(hits=1, wrong=3, missed=1)
    before = path.read_text(encoding="utf-8")
    assert set_floors(path, "mini", worse, gold, lower=False)
    assert path.read_text(encoding="utf-8") == before
    assert set_floors(path, "mini", worse, gold, lower=True) == []
    assert read_floors(path)["mini"]["f1"] == 0.3333


def test_the_command_exits_with_1_where_a_floor_fell(gold: Path, tmp_path: Path) -> None:
    floors = tmp_path / "floors.toml"
    assert biaogan("evaluate", str(gold), "--floors", str(floors), "--set-floors").exit_code == 0
    assert biaogan("evaluate", str(gold), "--floors", str(floors)).exit_code == 0
    floors.write_text(floors.read_text(encoding="utf-8").replace("f1 = 0.6666", "f1 = 0.9"), encoding="utf-8")
    result = biaogan("evaluate", str(gold), "--floors", str(floors), "--errors", "--json")
    assert result.exit_code == 1
    assert "f1 fell to 0.6667, under its floor 0.9" in result.stderr
    assert json.loads(result.stdout.splitlines()[-1])["missed"] == 1


def test_a_folder_without_annotations_is_told_in_one_line(tmp_path: Path) -> None:
    result = biaogan("evaluate", str(tmp_path))
    assert result.exit_code == 2
    assert "no annotation" in one_line(result)


def test_an_unknown_floor_is_told(tmp_path: Path) -> None:
    path = tmp_path / "floors.toml"
    path.write_text("[dev]\nspeed = 1\n", encoding="utf-8")
    with pytest.raises(GoldError, match="unknown key 'speed'"):
        read_floors(path)


def test_floors_of_the_annotated_articles_hold_and_the_scorer_agrees(shared: Path, tmp_path: Path) -> None:
    gold, output = shared / "gold" / "dev", tmp_path / "out"
    figures = evaluate(gold)
    assert fallen(figures, read_floors(FLOORS)["dev"], gold) == []
    from pipeline.config import RunSettings, Settings

    run(Settings(run=RunSettings(inputs=(str(gold / "articles.jsonl"),), output=str(output))))
    scorer = [sys.executable, str(shared / "tools" / "score_links.py"), str(output), str(gold / "gold"), "--json"]
    printed = subprocess.run(scorer, capture_output=True, text=True, check=True).stdout.splitlines()[-1]
    theirs = json.loads(printed)
    assert (figures.hits, figures.wrong, figures.missed) == (theirs["hits"], theirs["wrong"], theirs["missed"])
    for name in ("precision", "recall", "f1", "relation", "evidence"):
        assert figures.value(name) == pytest.approx(theirs[name], abs=1e-4)


def test_every_floor_is_a_figure() -> None:
    for floor in read_floors(FLOORS).values():
        assert {"fingerprint", "f1", "relation", "evidence", "home"} <= set(floor) <= {"fingerprint", *FLOORED}


def test_explain_shows_mentions_rules_and_evidence() -> None:
    result = biaogan("explain", str(FIRST_ARTICLE))
    assert result.exit_code == 0
    for words in (
        "home: 山西省 (told by publisher)",
        "太原市 benchmarks 合肥市 (region)",
        "rule benchmark",
        "aspects: 创新转型",
    ):
        assert words in result.stdout


def test_explain_takes_one_record_and_says_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "two.jsonl"
    rows = [{"id": "x", "text": "湘潭市对标长沙营商环境,加快改革。"}, {"id": "y", "text": "株洲市对标武汉,加快转型。"}]
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    assert "株洲市 benchmarks 武汉市" in biaogan("explain", f"{path}#2").stdout
    assert "湘潭市 benchmarks 长沙市" in biaogan("explain", str(path), "--id", "x").stdout
    assert "1 more records" in biaogan("explain", str(path)).stderr
    missing = biaogan("explain", str(path), "--id", "z")
    assert missing.exit_code == 2
    assert "no record with the id 'z'" in one_line(missing)
    shutil.rmtree(tmp_path)
    assert biaogan("explain", str(path)).exit_code == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"home": "430600"}, "not an annotation"),
        ({"links": [{"learner": {"adcode": "430600"}}]}, "not an annotation"),
        ({"links": [link("430600", "430100", "visits", "x", flags=None)]}, "not an annotation"),
        ({"links": [link("430600", "430100", "visits", "x", date="2023-05-09")]}, "not an annotation"),
        ({"links": [link("430600", "430100", "visits", "x", people={"leader": "某某"})]}, "not an annotation"),
        ({"links": [link("430600", "430100", "visits", "x") | {"model": {"kind": "foreign"}}]}, "not an annotation"),
        ({"links": [link("430600", "430100", "visits", 5)]}, "not an annotation"),  # type: ignore[arg-type]
    ],
)
def test_an_annotation_with_a_field_of_another_kind_is_named(gold: Path, change: dict, said: str) -> None:
    path = gold / "gold" / "a.json"
    path.write_text(json.dumps({"home": None, "links": []} | change), encoding="utf-8")
    result = biaogan("evaluate", str(gold))
    assert result.exit_code == 2
    assert f"a.json: {said}" in one_line(result)


def test_an_annotated_article_that_cannot_be_read_is_named(gold: Path) -> None:
    (gold / "articles.jsonl").write_bytes(b"\xff\xff")
    with pytest.raises(GoldError, match="2 annotated articles cannot be read, a the first"):
        evaluate(gold)


def test_floors_of_a_gold_with_any_name_are_read_again(gold: Path, tmp_path: Path) -> None:
    path, figures = tmp_path / "floors.toml", evaluate(gold)
    for name in ("样本", "v1.5"):
        set_floors(path, name, figures, gold, lower=False)
    assert set(read_floors(path)) == {"样本", "v1.5"}
    path.write_text("f1 = 1\n", encoding="utf-8")
    with pytest.raises(GoldError, match="f1 is not a table of figures"):
        read_floors(path)
