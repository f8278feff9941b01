"""The rows of one run on their way to the commit: its shards' files, less what is there already, with reprints marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.ingest import find_duplicates
from pipeline.shards import StagedShard, repeated
from pipeline.tables.files import read_rows, write_rows
from pipeline.tables.generation import MARKED, mark_duplicates
from pipeline.tables.rows import Row, rejection_row, stage_rows
from pipeline.tables.schema import ALL_TABLES, OF_ARTICLE, SCHEMA_VERSION
from pipeline.tables.signatures import SignatureFiles


class Batch:
    """Parts, each of Parquet files by table: the rows of an article are all in one part.

    A shard's files are never written to, for the next run may use them: what changes is written beside them, in `folder`.
    """

    def __init__(self, run_id: str, started: datetime, folder: Path) -> None:
        self._run_id = run_id
        self._started = started
        self._folder = folder
        self._written = 0
        self.parts: list[dict[str, list[Path]]] = []
        self.article_ids: list[str] = []
        self.unsettled: set[str] = set()

    @property
    def files(self) -> dict[str, list[Path]]:
        """The files of the batch by table."""
        return {name: [path for part in self.parts for path in part.get(name, ())] for name in ALL_TABLES}

    def counts(self) -> Counter[str]:
        """Rows of the batch by table."""
        return Counter({name: sum(pq.read_metadata(p).num_rows for p in paths) for name, paths in self.files.items()})

    def take(self, staged: Iterable[StagedShard], held: SignatureFiles, leaving: Collection[str]) -> None:
        """Takes in the files of shards. Articles that are there already (same id, same text), in an earlier shard or among
        those that are committed and do not leave, are left out, and their records quarantined as repeated.
        """
        shards = list(staged)
        again = held.numbers({article for shard in shards for article, _ in shard.articles} - set(leaving))
        rows: list[Any] = held.rows(again).select(["article_id", "source_uri"]).to_pylist()
        came_from = {row["article_id"]: row["source_uri"] for row in rows}
        rejections: list[Row] = []
        for shard in shards:
            parts = list(shard.parts)
            known = {article for article, _ in shard.articles if article in came_from}
            if known:
                rejections += [
                    rejection_row(repeated(article, uri, came_from[article]), self._started)
                    for article, uri in shard.articles
                    if article in known
                ]
                wanted = pa.array(sorted(known), pa.string())
                self._rewrite(parts, OF_ARTICLE, wanted, lambda rows, ids=wanted: _without(rows, ids))  # type: ignore[misc]
            came_from |= dict(shard.articles)
            self.parts += parts
            self.article_ids += [article for article, _ in shard.articles if article not in known]
            self.unsettled |= set(shard.unsettled)
        if rejections:
            self.stage("quarantine", rejections)

    def stage(self, name: str, rows: list[Row]) -> None:
        """Adds rows of the run itself."""
        provenance: Row = {"run_id": self._run_id, "schema_version": SCHEMA_VERSION}
        path = self._new_file(name)
        stage_rows(name, [{**row, **provenance} for row in rows], path)
        self.parts.append({name: [path]})

    def mark(self, duplicate_of: Mapping[str, str | None]) -> None:
        """Sets `duplicate_of` in the rows of these articles."""
        if duplicate_of:
            wanted = pa.array(sorted(duplicate_of), pa.string())
            self._rewrite(self.parts, MARKED, wanted, lambda rows: mark_duplicates(rows, duplicate_of))

    def _rewrite(
        self,
        parts: list[dict[str, list[Path]]],
        names: Iterable[str],
        article_ids: pa.Array[pa.StringScalar],
        change: Callable[[pa.Table], pa.Table],
    ) -> None:
        """Writes anew the files of these tables that hold these articles, with their rows changed."""
        for part in parts:
            for name in names:
                part[name] = [self._rewritten(name, path, article_ids, change) for path in part.get(name, ())]

    def _rewritten(
        self, name: str, path: Path, article_ids: pa.Array[pa.StringScalar], change: Callable[[pa.Table], pa.Table]
    ) -> Path:
        rows = read_rows(path)
        if not pc.any(pc.is_in(rows.column("article_id"), value_set=article_ids)).as_py():
            return path
        target = self._new_file(name)
        write_rows(change(rows), target)
        return target

    def _new_file(self, name: str) -> Path:
        self._written += 1
        return self._folder / f"{name}-{self._written:05d}.parquet"


def find_reprints(
    signatures: SignatureFiles, own: Collection[str], leaving: Collection[str]
) -> tuple[dict[str, str], dict[str, str | None]]:
    """`duplicate_of` of a run's own articles, and of committed ones where it is another than in their rows.

    `signatures` are those of the committed articles, the leaving ones included, and of the run's own; where an article is
    made anew, it is among both.
    """
    own_ids = set(own)
    gone = signatures.numbers(leaving)
    new = signatures.numbers(own_ids)
    gone, new = gone[gone < len(signatures) - len(own_ids)], new[new >= len(signatures) - len(own_ids)]
    first_of = find_duplicates(signatures.bands, signatures.signatures, new, gone)
    numbers = np.array(
        sorted({*first_of, *(first for first in first_of.values() if first is not None)}), dtype=np.int64
    )
    rows: list[Any] = signatures.rows(numbers).select(["article_id", "duplicate_of"]).to_pylist()
    row_of = dict(zip(numbers.tolist(), rows, strict=True))
    duplicate_of: dict[str, str] = {}
    marks: dict[str, str | None] = {}
    fresh = set(new.tolist())
    for number, first in first_of.items():
        article, known = row_of[number]["article_id"], row_of[number]["duplicate_of"]
        found = None if first is None else row_of[first]["article_id"]
        if number in fresh:
            duplicate_of |= {article: found} if found else {}
        elif found != known:
            marks[article] = found
    return duplicate_of, marks


def _without(rows: pa.Table, article_ids: pa.Array[pa.StringScalar]) -> pa.Table:
    return rows.filter(pc.invert(pc.is_in(rows.column("article_id"), value_set=article_ids)))
