"""The generations of an output folder over time: what each was, what changed between two, going back, compacting."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline.tables.commit import OutputError, Retention, Store
from pipeline.tables.commits import Commit
from pipeline.tables.read import read_changes
from pipeline.tables.schema import SCHEMA_VERSION, TABLES


@dataclass(frozen=True, slots=True)
class Difference:
    """Rows of a table that one generation has and the other has not; a changed row is in both counts."""

    table: str
    added: int
    removed: int


def history(store: Store) -> list[tuple[Commit, bool]]:
    """Every commit, oldest first, and whether its generation is still kept."""
    kept = set(store.kept())
    newest = max(kept, default=0)
    numbers = sorted(int(path.stem) for path in store.commits.glob("[0-9]*.json"))
    return [(store.commit(number), number in kept) for number in numbers if number <= newest]


def rollback(store: Store, number: int, retention: Retention, say: Callable[[str], None]) -> Commit:
    """Publishes the tables of an earlier generation again, as a new one. Raises OutputError where it is not kept."""
    if store.latest() is None:
        raise OutputError(f"{store.root}: nothing is committed here")
    with store.locked(say):
        if number not in store.kept():
            raise OutputError(f"{store.root}: generation {number} is not kept; there are {_listed(store)}")
        header = {"run_id": new_run_id(), "kind": "rollback", "source": number}
        return store.publish_copy(store.commit(number), header, retention)


def compact(store: Store, retention: Retention, say: Callable[[str], None]) -> Commit | None:
    """Publishes the rows of the newest generation in one file a table; None where they are so already."""
    if store.latest() is None:
        raise OutputError(f"{store.root}: nothing is committed here")
    with store.locked(say):
        latest = store.latest()
        if latest and latest.schema_version == SCHEMA_VERSION and all(len(f) == 1 for f in latest.files.values()):
            return None
        header = {"run_id": new_run_id(), "kind": "compact", "schema_version": SCHEMA_VERSION, "source": None}
        return store.publish_compacted(header, retention)


def difference(store: Store, since: int, until: int) -> list[Difference]:
    """What changed between two generations, by table. Raises FileNotFoundError where one is not kept."""
    changes = ((name, read_changes(name, since, store.root, until)) for name in TABLES)
    return [Difference(name, change.inserted.num_rows, change.deleted.num_rows) for name, change in changes]


def new_run_id() -> str:
    """A name for a run, in the order of time as far as the clock goes forward, and never given twice."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def _listed(store: Store) -> str:
    return ", ".join(map(str, store.kept())) or "none"
