"""Compiled data and cues that ship with the package, and the one way to read them."""

from __future__ import annotations

import functools
import hashlib
import tomllib
from pathlib import Path
from typing import Any, Final

LEXICON_FOLDER: Final = Path(__file__).parent / "lexicon"


@functools.cache
def load_lexicon(name: str) -> dict[str, Any]:
    """The lexicon `lexicon/<name>.toml`, read once per process."""
    return tomllib.loads((LEXICON_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


@functools.cache
def lexicon_hash() -> str:
    """SHA-256 over all lexicons, hexadecimal: their version in every fingerprint."""
    digest = hashlib.sha256()
    for path in sorted(LEXICON_FOLDER.glob("*.toml")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
