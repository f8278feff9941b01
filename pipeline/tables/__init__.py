"""The tables: their schemas, the contract they keep, the commit that publishes them, and reading them."""

from pipeline.tables.commit import OutputError, Store
from pipeline.tables.lock import LockedError
from pipeline.tables.read import read_changes, read_table, read_tables, table_files
from pipeline.tables.schema import TABLES, ContractError

__all__ = [
    "TABLES",
    "ContractError",
    "LockedError",
    "OutputError",
    "Store",
    "read_changes",
    "read_table",
    "read_tables",
    "table_files",
]
