"""Settings of a run: a TOML file becomes frozen, typed settings; an unknown key is an error that names a near one."""

from __future__ import annotations

import difflib
import hashlib
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class ConfigError(Exception):
    """The configuration cannot be used; the message names the file, the key and, where there is one, a near key."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class RunSettings(_Section):
    """What to read, where to write, and how the work is cut. Paths are relative to the working directory."""

    inputs: tuple[str, ...] = Field(default=("data/raw",), strict=False)
    output: str = Field(default="data/processed", min_length=1)
    engine: Literal["local"] = "local"
    workers: int = Field(default=1, ge=1, le=256)
    shard_bytes: int = Field(default=4_000_000, ge=1)
    """Bytes of input in one shard, at most; one larger file is a shard of its own."""
    max_rejected: int = Field(default=0, ge=0)
    """Inputs that may be quarantined before the exit code says so (3)."""


class CommitSettings(_Section):
    """How long old generations of the tables are kept for readers that still hold them."""

    keep_generations: int = Field(default=5, ge=1)


class Settings(_Section):
    """All settings of one run."""

    run: RunSettings = RunSettings()
    commit: CommitSettings = CommitSettings()

    def digest(self) -> str:
        """SHA-256 of the settings, hexadecimal."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


def load_settings(path: Path | None) -> Settings:
    """Reads `path`, or the defaults where it is None. Raises ConfigError with one line for a person."""
    if path is None:
        return Settings()
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    try:
        return Settings.model_validate(content)
    except ValidationError as error:
        raise ConfigError(f"{path}: {_first_problem(error)}") from None


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    place = [str(part) for part in problem["loc"]]
    if problem["type"] == "extra_forbidden":
        *sections, key = place
        where = f" in [{'.'.join(sections)}]" if sections else ""
        close = difflib.get_close_matches(key, _keys(sections), n=1, cutoff=0.5)
        hint = f"; did you mean {close[0]!r}?" if close else f"; known keys: {', '.join(_keys(sections))}"
        return f"unknown key {key!r}{where}{hint}"
    said = problem["msg"].replace("valid tuple", "list of strings")
    return f"{'.'.join(place)}: {said}, found {problem['input']!r}"


def _keys(sections: list[str]) -> list[str]:
    model: Any = Settings
    for section in sections:
        model = model.model_fields[section].annotation
    return list(model.model_fields)
