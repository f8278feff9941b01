"""Finding the input files: the paths that a run names become a list of files in a stable order, each with its hash."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path


class MissingInputError(Exception):
    """A path that the run names does not exist."""


class UnreadableInputError(Exception):
    """A path that the run names exists and cannot be read."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file to read.

    `uri` is its path with forward slashes, relative to the working directory where it lies below it; characters that
    are no UTF-8 are escaped by backslashes, % and # by %25 and %23, so that `uri#record` is unambiguous. `sha256` is of
    its bytes, hexadecimal. `problem` says why an entry of a folder cannot be read; the hash is empty then.
    """

    uri: str
    path: Path
    size: int
    sha256: str
    problem: str = ""


def find_inputs(named: Iterable[str]) -> list[InputFile]:
    """Every file under the `named` files and folders, in order of its uri, each once; hidden files are passed over.

    Raises MissingInputError and UnreadableInputError for a named path; what cannot be read inside a folder is listed
    with its problem, and stops nothing.
    """
    files: dict[str, InputFile] = {}
    for name in named:
        path = Path(name)
        try:
            mode = path.stat().st_mode
        except FileNotFoundError:
            raise MissingInputError(f"{name}: no such file or folder") from None
        except OSError as error:
            raise UnreadableInputError(f"{name}: cannot be read: {error.strerror or error}") from None
        found = list(_folder(path, frozenset())) if stat.S_ISDIR(mode) else [_input_file(path)]
        for file in found:
            if file.problem and file.path == path:
                raise UnreadableInputError(f"{name}: cannot be read: {file.problem}")
            files.setdefault(file.uri, file)
    return [files[uri] for uri in sorted(files)]


def _folder(folder: Path, above: frozenset[tuple[int, int]]) -> Iterator[InputFile]:
    """The files below a folder; `above` are (device, inode) of the folders that hold it, to see a loop of links."""
    try:
        status = folder.stat()
        entries = sorted(folder.iterdir())
    except OSError as error:
        yield _problem(folder, error.strerror or str(error))
        return
    here = (status.st_dev, status.st_ino)
    if here in above:
        yield _problem(folder, "a link to a folder that holds it")
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _folder(entry, above | {here})
        else:
            yield _input_file(entry)


def _input_file(path: Path) -> InputFile:
    digest, size = hashlib.sha256(), 0
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return _problem(path, "not a regular file")
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
                size += len(block)
    except OSError as error:
        return _problem(path, error.strerror or str(error))
    return InputFile(_uri(path), path, size, digest.hexdigest())


def _problem(path: Path, problem: str) -> InputFile:
    return InputFile(_uri(path), path, 0, "", problem)


def _uri(path: Path) -> str:
    """The same file has the same uri however it was named: data/raw/a.txt, ./data/raw/a.txt, or its absolute path."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100  resolve() would follow links, and rename what is linked
    below = absolute.relative_to(Path.cwd()) if absolute.is_relative_to(Path.cwd()) else absolute
    words = os.fsencode(below.as_posix()).decode("utf-8", "backslashreplace")
    return words.replace("%", "%25").replace("#", "%23")
