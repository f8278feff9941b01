from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.extraction import extract_article
from pipeline.gazetteer import Gazetteer
from pipeline.job import RunResult
from pipeline.records import Article
from pipeline.tables import read_table
from tests.link.perturb import f1, found_pairs, perturb

N_PERTURBED = 50


def test_links_of_the_first_article_are_those_read_by_hand(
    first_article: Article, gazetteer: Gazetteer, expected: dict
) -> None:
    links = extract_article(first_article, gazetteer).links
    found = sorted((link.relation, link.learner.name, link.model.name) for link in links)
    by_hand = sorted((relation, *pair) for relation, pairs in expected["links"].items() for pair in pairs)
    assert found == by_hand


def test_aspects_kinds_and_evidence_are_those_read_by_hand(
    first_article: Article, gazetteer: Gazetteer, expected: dict
) -> None:
    links = extract_article(first_article, gazetteer).links
    found = {(link.learner.name, link.model.name): list(link.aspects) for link in links if link.aspects}
    assert found == {tuple(row["pair"]): row["words"] for row in expected["aspects"]}
    kinds = {link.model.name: [link.model.kind, link.model.code] for link in links}
    assert {name: kinds[name] for name in expected["kinds"]} == expected["kinds"]
    for link in links:
        evidence = link.evidence.of(first_article.text)
        assert link.model.text in evidence
        assert evidence.endswith("。")
        assert "\n" not in evidence


def test_nothing_that_only_tempts_is_a_model(first_article: Article, gazetteer: Gazetteer, expected: dict) -> None:
    words = {link.model.text for link in extract_article(first_article, gazetteer).links}
    assert not [name for name in expected["not_models"] if any(name in text for text in words)]


def test_every_acting_city_is_a_learner_and_the_generic_ones_are_marked(
    first_article: Article, gazetteer: Gazetteer, expected: dict
) -> None:
    learners = extract_article(first_article, gazetteer).learners
    assert sorted(learner.region_name for learner in learners) == sorted(expected["acting"])
    generic = {learner.region_name for learner in learners if learner.generic}
    assert generic == set(expected["generic"])
    assert all((learner.n_links == 0) == learner.generic for learner in learners)


def test_sites_go_to_the_city_where_they_stand(first_article: Article, gazetteer: Gazetteer) -> None:
    links = extract_article(first_article, gazetteer).links
    sites = {link.model.name: [site.text for site in link.sites] for link in links if link.sites}
    assert set(sites) == {"深圳市", "台州市"}
    assert sites["深圳市"] == ["深圳湾创业广场", "前海蛇口自贸片区", "华为公司"]
    assert len(sites["台州市"]) == 6
    assert "黄岩区屿头乡沙滩村" in sites["台州市"]


@pytest.mark.parametrize("locate", [False, True], ids=["cities_alone", "with_their_provinces"])
def test_fifty_articles_with_other_cities_score_the_same(
    first_article: Article, gazetteer: Gazetteer, expected: dict, locate: bool
) -> None:
    pairs = {tuple(pair) for listed in expected["links"].values() for pair in listed}
    scores = []
    for seed in range(N_PERTURBED):
        changed = perturb(first_article, pairs, gazetteer, seed, locate=locate)
        assert changed.article.text != first_article.text
        scores.append(f1(found_pairs(changed.article, gazetteer), changed.pairs))
    print(f"mean F1 {statistics.mean(scores):.4f}, worst {min(scores):.3f} of {len(scores)} articles")  # shown by -rP
    assert statistics.mean(scores) >= 0.97


def test_the_scorer_prints_one_for_the_committed_tables(first_run: tuple[Path, RunResult], shared: Path) -> None:
    scorer, gold = shared / "tools" / "score_links.py", shared / "gold" / "seed" / "gold"
    printed = subprocess.run(
        [sys.executable, str(scorer), str(first_run[0]), str(gold)], capture_output=True, text=True, check=True
    ).stdout
    assert "F1 1.000" in printed
    assert "relation 1.000  evidence 1.000" in printed


def test_aspects_and_sites_equal_the_gold(first_run: tuple[Path, RunResult], shared: Path) -> None:
    gold = json.loads((shared / "gold" / "seed" / "gold" / "shanxi-2019-04-10.json").read_text(encoding="utf-8"))
    links = read_table("links", first_run[0]).to_pylist()
    sites: dict[str, set[str]] = {}
    for site in read_table("sites", first_run[0]).to_pylist():
        sites.setdefault(site["link_id"], set()).add(site["text"])
    mine = {
        (row["learner_code"], row["model_code"], row["model_name"]): (
            set(row["aspects"]),
            sites.get(row["link_id"], set()),
        )
        for row in links
    }
    theirs = {
        (link["learner"]["adcode"], link["model"]["adcode"], link["model"]["name"]): (
            set(link["aspects"]),
            set(link["sites"]),
        )
        for link in gold["links"]
    }
    assert mine == theirs
