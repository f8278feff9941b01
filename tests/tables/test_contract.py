from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipeline.job import RunResult
from pipeline.tables import TABLES, ContractError, read_table
from pipeline.tables.contract import check_batch
from pipeline.tables.files import write_rows
from pipeline.tables.rows import stage_rows


def batch(first_run: tuple[Path, RunResult], folder: Path, changes: dict[str, Any]) -> dict[str, list[Path]]:
    """The committed rows of the first article, staged anew with `changes`: table -> {field: value of its first row}."""
    files = {}
    for name in ("articles", "mentions", "links", "sites", "learners"):
        rows = read_table(name, first_run[0]).to_pylist()
        rows[0].update(changes.get(name, {}))
        rows += changes.get(f"{name}+", [])
        files[name] = [folder / f"{name}.parquet"]
        write_rows(pa.Table.from_pylist(rows, schema=TABLES[name].schema), files[name][0])
    return files


def _value(kind: pa.DataType) -> object:
    return False if pa.types.is_boolean(kind) else 0 if pa.types.is_integer(kind) else "words"


def region_codes(first_run: tuple[Path, RunResult]) -> frozenset[str]:
    return frozenset(read_table("regions", first_run[0]).column("region_code").to_pylist())


def test_the_rows_of_the_first_article_keep_the_contract(first_run: tuple[Path, RunResult], tmp_path: Path) -> None:
    check_batch(batch(first_run, tmp_path, {}), region_codes(first_run))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mentions": {"text": "大连"}}, r"mentions.text: '大连' does not stand at"),
        ({"links": {"model_start": 3}}, r"links.model_text: .* does not stand at"),
        ({"links": {"relation": "admires"}}, r"links.relation: 'admires' is not one of"),
        ({"links": {"model_code": "999999"}}, r"links.model_code: '999999' is not one of"),
        ({"links": {"article_id": "0123456789abcdef"}}, r"links.article_id: '0123456789abcdef' is not one of"),
        ({"sites": {"link_id": "0123456789abcdef"}}, r"sites.link_id: '0123456789abcdef' is not one of"),
        ({"links": {"aspects": ["never written"]}}, r"links.aspects: 'never written'"),
        ({"links": {"flags": ["polite"]}}, r"links.flags: 'polite'"),
        ({"links": {"leader": "查无此人"}}, r"links.leader: '查无此人' is not in the text"),
        ({"links": {"host_title": "查无此职"}}, r"links.host_title: '查无此职' is not in the text"),
        (
            {"links": {"visited_from": date(2024, 5, 2), "visited_to": date(2024, 5, 1)}},
            r"links.visited_to: 2024-05-01 is before 2024-05-02",
        ),
        ({"articles": {"home_method": "guess"}}, r"articles.home_method: 'guess'"),
    ],
)
def test_rows_that_break_the_contract_are_named(
    first_run: tuple[Path, RunResult], tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ContractError, match=message):
        check_batch(batch(first_run, tmp_path, changes), region_codes(first_run))


def test_two_rows_with_one_key_are_refused(first_run: tuple[Path, RunResult], tmp_path: Path) -> None:
    again = read_table("learners", first_run[0]).to_pylist()[:1]
    with pytest.raises(ContractError, match="learners: two rows have the same article_id, region_code"):
        check_batch(batch(first_run, tmp_path, {"learners+": again}), region_codes(first_run))


def test_a_null_where_none_may_be_is_a_breach_of_the_contract(tmp_path: Path) -> None:
    row = {
        field.name: None if field.name == "region_name" else _value(field.type) for field in TABLES["learners"].schema
    }
    with pytest.raises(ContractError, match=r"learners.region_name: holds a null and may not"):
        stage_rows("learners", [row], tmp_path / "learners.parquet")


def test_a_file_of_another_schema_is_refused(first_run: tuple[Path, RunResult], tmp_path: Path) -> None:
    files = batch(first_run, tmp_path, {})
    write_rows(read_table("learners", first_run[0]).drop_columns(["generic"]), files["learners"][0])
    with pytest.raises(ContractError, match="does not have the schema"):
        check_batch(files, region_codes(first_run))
