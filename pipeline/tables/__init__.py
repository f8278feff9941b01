"""The tables: their schemas, the contract they keep, the commit that publishes them, and reading them."""

from pipeline.tables.commit import LockedError, OutputError, Store
from pipeline.tables.read import read_table
from pipeline.tables.schema import TABLES, ContractError

__all__ = ["TABLES", "ContractError", "LockedError", "OutputError", "Store", "read_table"]
