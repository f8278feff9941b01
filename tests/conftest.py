from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from pipeline.config import RunSettings, Settings
from pipeline.gazetteer import Gazetteer, load_gazetteer
from pipeline.ingest import find_inputs, read_articles
from pipeline.job import RunResult, run
from pipeline.records import Article

ROOT = Path(__file__).parent.parent
FIRST_ARTICLE = ROOT / "data" / "raw" / "shanxi-2019-04-10.txt"
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    return load_gazetteer()


@pytest.fixture(scope="session")
def first_article() -> Article:
    (article,) = read_articles(find_inputs([str(FIRST_ARTICLE)]))
    assert isinstance(article, Article)
    return article


@pytest.fixture(scope="session")
def expected() -> dict:
    return tomllib.loads((ROOT / "tests" / "first_article.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RunResult]:
    """The tables of one run over the first article: (folder, result)."""
    output = tmp_path_factory.mktemp("tables") / "processed"
    return output, run(Settings(run=RunSettings(inputs=(str(FIRST_ARTICLE),), output=str(output))))


@pytest.fixture(scope="session")
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip("the annotated articles and scorers are not beside this checkout")
    return SHARED
