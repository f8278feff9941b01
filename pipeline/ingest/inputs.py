"""Finding the input files: the paths that a run names become a list of files in a stable order, each with its hash."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path


class MissingInputError(Exception):
    """A path that the run names does not exist."""


class UnreadableInputError(Exception):
    """A path that the run names exists and cannot be read."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file to read. `uri` is its path as named, with forward slashes; `sha256` is of its bytes, hexadecimal."""

    uri: str
    size: int
    sha256: str

    def read(self) -> bytes:
        """The bytes of the file."""
        return Path(self.uri).read_bytes()


def find_inputs(named: Iterable[str]) -> list[InputFile]:
    """Every file under the `named` files and folders, in order of its path, each once; hidden files are passed over.

    Raises MissingInputError and UnreadableInputError with one line for a person.
    """
    files: dict[str, InputFile] = {}
    for name in named:
        for path in _walk(Path(os.path.normpath(name))):
            if path.as_posix() not in files:
                files[path.as_posix()] = _input_file(path)
    return [files[uri] for uri in sorted(files)]


def _walk(path: Path) -> Iterator[Path]:
    try:
        is_folder = path.is_dir()
        if not is_folder and not path.exists():
            raise MissingInputError(f"{path}: no such file or folder")
        if not is_folder:
            yield path
            return
        entries = sorted(path.iterdir())
    except OSError as error:
        raise UnreadableInputError(f"{path}: cannot be read: {error.strerror or error}") from error
    for entry in entries:
        if not entry.name.startswith("."):
            yield from _walk(entry)


def _input_file(path: Path) -> InputFile:
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
                size += len(block)
    except OSError as error:
        raise UnreadableInputError(f"{path}: cannot be read: {error.strerror or error}") from error
    return InputFile(path.as_posix(), size, digest.hexdigest())
