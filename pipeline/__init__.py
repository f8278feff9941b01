"""Biaogan: reads Chinese government news and writes who benchmarks against whom as tables.

from pipeline import extract, read_changes, read_table, read_tables, table_files
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.extraction import extract
    from pipeline.tables import read_changes, read_table, read_tables, table_files

__version__ = "0.1.0"
_READING = ("read_changes", "read_table", "read_tables", "table_files")
__all__ = ["__version__", "extract", "read_changes", "read_table", "read_tables", "table_files"]


def __getattr__(name: str) -> Any:
    """Imports a function on first use, so that a command loads no more than it needs."""
    if name == "extract":
        from pipeline.extraction import extract

        return extract
    if name in _READING:
        from pipeline import tables

        return getattr(tables, name)
    raise AttributeError(f"module 'pipeline' has no attribute {name!r}")
