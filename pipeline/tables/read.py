"""Reading the committed tables: the snapshot is resolved once, so that a commit in between changes nothing."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds

from pipeline.tables.schema import TABLES


def read_table(name: str, root: str | Path = "data/processed") -> pa.Table:
    """The rows of table `name` in the newest generation under `root`, with the schema of `biaogan schema`.

    Raises KeyError for a name that is no table, FileNotFoundError where nothing is committed yet.
    """
    if name not in TABLES:
        raise KeyError(f"{name!r} is no table; the tables are {', '.join(TABLES)}")
    folder = (Path(root) / "_current").resolve() / name
    if not folder.is_dir():
        raise FileNotFoundError(f"{root}: no tables are committed here; `biaogan run --output {root}` writes them")
    paths = [str(path) for path in sorted(folder.glob("*/*.parquet"))]
    return ds.dataset(paths, schema=TABLES[name].schema, format="parquet").to_table()
