"""Files of the output folder: written whole or not at all, linked or copied, flushed, and known by their hash."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

_NO_LINKS: Final = (errno.EPERM, errno.ENOTSUP, errno.EXDEV, errno.EMLINK, errno.ENOSYS, errno.EACCES)


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A Parquet file of a generation as its commit knows it: SHA-256 (hexadecimal), size in bytes, rows."""

    sha256: str
    n_bytes: int
    n_rows: int


def entry_of(path: Path) -> FileEntry:
    """The entry of a file that lies on the disk."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileEntry(digest, path.stat().st_size, pq.read_metadata(path).num_rows)


def read_rows(path: Path, columns: list[str] | None = None) -> pa.Table:
    """The rows of one Parquet file, all of its columns or those of these that it has.

    Files of a run are small: reading them ahead and with several threads takes more time than it saves (26 ms became 5 for
    sixteen files of 800 signatures).
    """
    with pq.ParquetFile(path, pre_buffer=False) as file:
        return file.read(columns=columns, use_threads=False)


def read_group(path: Path, number: int, columns: list[str] | None = None) -> pa.Table:
    """The rows of one row group of a Parquet file."""
    with pq.ParquetFile(path, pre_buffer=False) as file:
        return file.read_row_group(number, columns=columns, use_threads=False)


def write_rows(rows: pa.Table, path: Path) -> None:
    """Writes rows as one Parquet file."""
    with writer(path, rows.schema) as file:
        file.write_table(rows)


def writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """A writer of a Parquet file. The numbers of `signatures` are written as they are: they do not shrink, and every run
    reads them.
    """
    numbers = [field.name for field in schema if pa.types.is_fixed_size_binary(field.type)]
    if not numbers:
        return pq.ParquetWriter(path, schema, compression="zstd")
    texts: Any = [name for name in schema.names if name not in numbers]
    return pq.ParquetWriter(path, schema, compression="none", use_dictionary=texts, write_statistics=texts)


def link_or_copy(source: Path, target: Path) -> None:
    """A second name for a file; a copy where the file system has no hard links, or no more of them."""
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        shutil.copyfile(source, target)


def create(path: Path, content: str) -> None:
    """Writes a file that must not be there yet, whole or not at all. Raises FileExistsError."""
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_text(content, encoding="utf-8")
    sync(temporary)
    try:
        os.link(temporary, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        with path.open("x", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    finally:
        temporary.unlink()
    sync(path.parent)


def replace(path: Path, content: str) -> None:
    """Writes a file in the place of another, whole or not at all."""
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_text(content, encoding="utf-8")
    sync(temporary)
    temporary.replace(path)


def sync(path: Path) -> None:
    """Flushes a file, or the names in a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(path: Path) -> None:
    """Removes a file or folder that may be gone already."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
