"""The signatures of articles as they lie in files: the bands of all at once, the rest where it is asked for."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.ingest import Signatures, numbers_of
from pipeline.ingest.duplicates import N_BANDS
from pipeline.tables.files import read_group, read_rows, write_rows
from pipeline.tables.rows import signature_row
from pipeline.tables.schema import ALL_TABLES

_Numbers = npt.NDArray[np.int64]
_REST = ["article_id", "published_at", "source_uri", "duplicate_of", "n_shingles", "minhash"]


class SignatureFiles:
    """Files of `signatures` one after the other; an article is known by its place in them, its number."""

    def __init__(self, paths: list[Path]) -> None:
        self._groups: list[tuple[Path, int]] = []
        self._read: dict[int, pa.Table] = {}
        self._starts = np.zeros(1, np.int64)
        schema = ALL_TABLES["signatures"].schema
        self.article_ids: pa.ChunkedArray[Any] = pa.chunked_array([], schema.field("article_id").type)
        self.bands = numbers_of(pa.chunked_array([], schema.field("bands").type), N_BANDS)
        self.add(paths)

    def add(self, paths: list[Path]) -> None:
        """Adds files behind those that are here."""
        ids, bands = self.article_ids.chunks, [self.bands]
        sizes = []
        for path in paths:
            with pq.ParquetFile(path, pre_buffer=False) as file:
                self._groups += [(path, n) for n in range(file.num_row_groups)]
                sizes += [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)]
                part = file.read(columns=["article_id", "bands"], use_threads=False)
            ids += part.column("article_id").chunks
            bands.append(numbers_of(part.column("bands"), N_BANDS))
        self._starts = np.concatenate([self._starts, self._starts[-1] + np.cumsum(sizes, dtype=np.int64)])
        self.article_ids = pa.chunked_array(ids, self.article_ids.type)
        self.bands = np.concatenate(bands)

    def __len__(self) -> int:
        return len(self.article_ids)

    def numbers(self, article_ids: Collection[str]) -> _Numbers:
        """The numbers of those of these articles that are here."""
        found: Any = pc.is_in(self.article_ids, value_set=pa.array(sorted(article_ids), pa.string()))
        return np.flatnonzero(found.to_numpy())

    def rows(self, numbers: _Numbers) -> pa.Table:
        """The rows of these numbers, in their order, less bands and provenance. Reads a row group once."""
        groups = np.searchsorted(self._starts, numbers, side="right") - 1
        wanted, group = np.unique(groups, return_inverse=True)
        parts = [self._group(int(n)) for n in wanted]
        begins = np.concatenate([[0], np.cumsum([part.num_rows for part in parts])]).astype(np.int64)
        places = begins[group] + numbers - self._starts[groups]
        table = pa.concat_tables(parts) if parts else ALL_TABLES["signatures"].schema.empty_table().select(_REST)
        return table.take(pa.array(places, pa.int64()))

    def signatures(self, numbers: _Numbers) -> Signatures:
        """The signatures of these numbers, in their order."""
        return Signatures.of_table(self.rows(numbers))

    def _group(self, number: int) -> pa.Table:
        if number not in self._read:
            self._read[number] = read_group(*self._groups[number], _REST)
        return self._read[number]


def sign_anew(articles: list[Path], leaving: Collection[str], folder: Path) -> list[Path]:
    """Writes the signatures of the articles in these files, less the leaving ones, into the folder: for tables whose
    signatures have an older schema. `duplicate_of` is that of the article.
    """
    written = []
    columns = ["article_id", "text", "published_at", "source_uri", "duplicate_of", "run_id", "schema_version"]
    for number, path in enumerate(articles):
        rows: list[Any] = read_rows(path, columns).to_pylist()
        signed = [
            {**signature_row(*(row[name] for name in columns[:4])), **{name: row.get(name) for name in columns[4:]}}
            for row in rows
            if row["article_id"] not in leaving
        ]
        if signed:
            target = folder / f"signatures-anew-{number:05d}.parquet"
            write_rows(pa.Table.from_pylist(signed, schema=ALL_TABLES["signatures"].schema), target)
            written.append(target)
    return written
