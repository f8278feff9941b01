from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.gazetteer.build import main
from pipeline.gazetteer.load import GAZETTEER_FOLDER, read_names, read_regions


def test_the_shipped_gazetteer_is_what_the_sources_give(shared: Path, tmp_path: Path) -> None:
    assert main([str(shared / "data" / "gazetteer"), "--target", str(tmp_path)]) == 0
    assert read_regions(tmp_path) == read_regions(GAZETTEER_FOLDER)
    assert read_names(tmp_path) == read_names(GAZETTEER_FOLDER)
    assert (tmp_path / "CARD.md").read_bytes() == (GAZETTEER_FOLDER / "CARD.md").read_bytes()


def test_a_folder_without_the_sources_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "--target", str(tmp_path / "out")]) == 2
    assert "not found; the argument must be the folder of the gazetteer's sources" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
