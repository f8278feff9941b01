"""Finding the input files: the paths, folders and globs that a run names become files in a stable order, with hashes."""

from __future__ import annotations

import atexit
import fnmatch
import glob
import hashlib
import os
import re
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

STANDARD_INPUT: Final = "-"
"""The name of standard input, which holds JSONL."""
_BLOCK: Final = 1 << 20


class MissingInputError(Exception):
    """A path that the run names does not exist."""


class UnreadableInputError(Exception):
    """A path that the run names exists and cannot be read."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file to read.

    `uri` is its path with forward slashes, relative to the working directory where it lies below it; characters that
    are no UTF-8 are escaped by backslashes, %, # and ! by %25, %23 and %21, so that `uri!/member#record` is unambiguous.
    `sha256` is of its bytes, hexadecimal; `modified` when they were last written, in nanoseconds, so that a change after
    the hash can be seen. `problem` says why an entry of a folder cannot be read; the hash is empty then.
    """

    uri: str
    path: Path
    size: int
    sha256: str
    problem: str = ""
    modified: int = 0

    def is_as_hashed(self) -> bool:
        """Whether the file has still the size and time that it had when it was hashed."""
        try:
            status = self.path.stat()
        except OSError:
            return False
        return (status.st_size, status.st_mtime_ns) == (self.size, self.modified)


def find_inputs(named: Iterable[str], output: Path | None = None) -> list[InputFile]:
    """Every file that the `named` files, folders and globs hold, in order of its uri, each once.

    Hidden files are passed over, and folders of committed tables inside a named one, that of this run (`output`) first;
    `-` is standard input, which is kept in a temporary file until the process ends.

    Raises MissingInputError and UnreadableInputError for a named path; what cannot be read inside a folder, or among what
    a glob matches, is listed with its problem, and stops nothing.
    """
    own = output.resolve() if output else None
    files: dict[str, InputFile] = {}
    for name in named:
        if name == STANDARD_INPUT:
            found = [_standard_input(sys.stdin.buffer)]
            files.setdefault(found[0].uri, found[0])
            continue
        for path in _paths(name):
            if own and path.resolve() == own:
                if path == Path(name):
                    raise MissingInputError(f"{name}: is the folder of the tables, and cannot be an input")
                continue
            for file in _files(path, own):
                if file.problem and file.path == Path(name):
                    raise UnreadableInputError(f"{name}: cannot be read: {file.problem}")
                files.setdefault(file.uri, file)
    return [files[uri] for uri in sorted(files)]


def is_gone_from(named: Iterable[str], uri: str) -> bool:
    """Whether the file of this uri is among what the `named` files, folders and globs held, and is there no more."""
    path = _path_of(uri)
    if uri.startswith("stdin-") or "\\" in uri or os.path.lexists(path):
        return False
    whole = Path(os.path.abspath(path))  # noqa: PTH100  resolve() would follow links
    return any(name != STANDARD_INPUT and _holds(name, whole) for name in named)


def _holds(name: str, path: Path) -> bool:
    named = os.path.abspath(name)  # noqa: PTH100  resolve() would follow links
    if path == Path(named) or path.is_relative_to(named):
        return True
    if not glob.has_magic(name):
        return False
    # Whatever a glob matches may be a folder that held the file.
    return any(_matches(Path(named).parts, candidate.parts) for candidate in (path, *path.parents))


def _matches(pattern: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    """Whether a path has the form of a glob: `*` within a name, `**` for any number of folders."""
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(_matches(pattern[1:], parts[n:]) for n in range(len(parts) + 1))
    return bool(parts) and fnmatch.fnmatchcase(parts[0], pattern[0]) and _matches(pattern[1:], parts[1:])


def _paths(name: str) -> list[Path]:
    """What a name stands for: itself, or, where there is no such file, what it matches as a glob (** holds folders)."""
    path = Path(name)
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        matches = sorted(glob.glob(name, recursive=True)) if glob.has_magic(name) else []  # noqa: PTH207  ** and absolute
        if not matches:
            what = "no file matches" if glob.has_magic(name) else "no such file or folder"
            raise MissingInputError(f"{name}: {what}") from None
        return [Path(match) for match in matches]
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UnreadableInputError(f"{name}: cannot be read: {reason}") from None
    return [path]


def _files(path: Path, own: Path | None) -> list[InputFile]:
    try:
        folder = stat.S_ISDIR(path.stat().st_mode)
    except OSError as error:
        return [_problem(path, error.strerror or str(error))]
    return list(_folder(path, frozenset(), own)) if folder else [_input_file(path)]


def _standard_input(stream: IO[bytes]) -> InputFile:
    """Keeps what the stream holds in a temporary file; its uri is its hash, so that each batch is an input of its own."""
    with tempfile.NamedTemporaryFile(prefix="biaogan-", suffix=".jsonl", delete=False) as kept:
        path = Path(kept.name)
        atexit.register(path.unlink, missing_ok=True)
        digest, size = _hash(stream, kept.file)
    return InputFile(f"stdin-{digest[:12]}.jsonl", path, size, digest, modified=path.stat().st_mtime_ns)


def _hash(stream: IO[bytes], copy: IO[bytes] | None = None) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while block := stream.read(_BLOCK):
        digest.update(block)
        size += len(block)
        if copy:
            copy.write(block)
    return digest.hexdigest(), size


def _folder(folder: Path, above: frozenset[tuple[int, int]], own: Path | None) -> Iterator[InputFile]:
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
    if own and folder.resolve() == own:
        return
    if above and {"_commits", "_generations"} <= {entry.name for entry in entries}:
        return  # tables of ours, in a folder of inputs: what was read out of inputs is none
    for entry in entries:
        if entry.name.startswith("."):
            continue
        try:
            is_folder = entry.is_dir()
        except OSError as error:
            yield _problem(entry, error.strerror or str(error))
            continue
        if is_folder:
            yield from _folder(entry, above | {here}, own)
        else:
            yield _input_file(entry)


def _input_file(path: Path) -> InputFile:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return _problem(path, "not a regular file")
        with path.open("rb") as file:
            modified = os.fstat(file.fileno()).st_mtime_ns
            digest, size = _hash(file)
    except OSError as error:
        return _problem(path, error.strerror or str(error))
    return InputFile(_uri(path), path, size, digest, modified=modified)


def _problem(path: Path, problem: str) -> InputFile:
    return InputFile(_uri(path), path, 0, "", problem)


def _uri(path: Path) -> str:
    """The same file has the same uri however it was named: data/raw/a.txt, ./data/raw/a.txt, or its absolute path."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100  resolve() would follow links, and rename what is linked
    below = absolute.relative_to(Path.cwd()) if absolute.is_relative_to(Path.cwd()) else absolute
    return os.fsencode(escape(below.as_posix()).replace("\\", "%5C")).decode("utf-8", "backslashreplace")


def escape(words: str) -> str:
    """The name with %, # and ! as %25, %23 and %21: `!/` parts an archive from its member, `#` a file from its record."""
    return words.replace("%", "%25").replace("#", "%23").replace("!", "%21")


def _path_of(uri: str) -> Path:
    """The path that a uri was made of."""
    words = re.sub("%(5C|25|23|21)", lambda code: chr(int(code.group(1), 16)), uri)
    return Path(words)


def document_uri(uri: str) -> str:
    """The uri of the document that a record came from."""
    return uri.split("#", 1)[0]


def input_uri(uri: str) -> str:
    """The uri of the file that a member or record came from."""
    return uri.split("#", 1)[0].split("!/", 1)[0]
