"""What a commit file says: who made a generation, when, from which inputs, and every file in it with its hash."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pipeline.tables.files import FileEntry

KINDS = ("run", "rollback", "compact")


@dataclass(frozen=True, slots=True)
class Commit:
    """What `_commits/<number>.json` says.

    `files` lists the Parquet files by table and name; `inputs` all inputs whose rows the generation holds, by uri, each
    with its state (see `input_state`). Both are empty in the file of a generation that is no longer kept. `source` is
    the generation that a rollback went back to.
    """

    number: int
    run_id: str
    kind: str
    committed_at: str
    fingerprint: str
    gazetteer_hash: str
    schema_version: int
    rows: dict[str, int]
    files: dict[str, dict[str, FileEntry]] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)
    source: int | None = None

    @property
    def time(self) -> datetime:
        """When the commit was made, by the clock of its machine."""
        return datetime.fromisoformat(self.committed_at)

    def to_json(self) -> str:
        """The commit as a JSON object, one key a line."""
        said = {name: getattr(self, name) for name in self.__slots__}
        said["files"] = {
            table: {
                name: {"sha256": entry.sha256, "n_bytes": entry.n_bytes, "n_rows": entry.n_rows}
                for name, entry in entries.items()
            }
            for table, entries in self.files.items()
        }
        lines = [f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in said.items()]
        return "{\n" + ",\n".join(lines) + "\n}\n"

    @classmethod
    def read(cls, path: Path) -> Commit:
        """Reads a commit file. Raises OSError, and ValueError where it is not what it should be."""
        said = json.loads(path.read_text(encoding="utf-8"))
        try:
            said["files"] = {
                table: {name: FileEntry(**entry) for name, entry in entries.items()}
                for table, entries in said.get("files", {}).items()
            }
            return cls(**said)
        except (TypeError, AttributeError) as error:
            raise ValueError(str(error)) from None


def input_state(content_hash: str, fingerprint: str) -> str:
    """What is known of an input: 32 digits of the hash of its bytes, a point, 16 of all that reads them."""
    return f"{content_hash[:32]}.{fingerprint[:16]}"


def content_of(state: str) -> str:
    """The part of an input's state that its bytes make."""
    return state.partition(".")[0]


def fingerprint_of(state: str) -> str:
    """The part of an input's state that code, models, data and settings make."""
    return state.partition(".")[2]


def outdated(inputs: Mapping[str, str], fingerprint: str) -> list[str]:
    """The inputs that something else read than what would read them now."""
    return [uri for uri, state in inputs.items() if fingerprint_of(state) != fingerprint[:16]]
