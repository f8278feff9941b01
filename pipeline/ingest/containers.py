"""Compression and archives around documents: a file becomes the documents in it, each a stream with a name and a uri.

What a file is, its first bytes say, not its name. gzip, zstd, bzip2 and xz may stand around anything; zip and tar have
members, which may be archives again. Nothing is ever written under a member's name.
"""

from __future__ import annotations

import bz2
import contextlib
import io
import lzma
import posixpath
import re
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Any, Final, cast

import zstandard

from pipeline.ingest.inputs import InputFile, escape
from pipeline.ingest.limits import Budget, InputError

HEAD: Final = 8192
"""Bytes of a document that tell its format."""
_IN_MEMORY: Final = 16_000_000
"""Bytes of an archive inside another that are kept in memory; more go to a temporary file."""
_CHUNK: Final = 1 << 16
_PASSED_OVER: Final = re.compile(r"(?:^|/)(?:__MACOSX|\.(?!\.?(?:/|$))[^/]*|Thumbs\.db|desktop\.ini)(?:/|$)")
_UNSAFE: Final = re.compile(r"^/|^[A-Za-z]:|^~|(?:^|/)\.\.(?:/|$)|[\x00-\x1f]")


@dataclass(frozen=True, slots=True)
class Document:
    """A document to read: its uri, the file name that helps to tell its format, and its bytes, from the start.

    `head` are its first bytes, still in the stream.
    """

    uri: str
    name: str
    stream: io.BufferedReader[Any]
    head: bytes


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A member, or what is left of an archive, that cannot be read, with its uri and the reason."""

    uri: str
    code: str
    detail: str
    excerpt: str = ""


def open_documents(file: InputFile, budget: Budget) -> Iterator[Document | Unreadable]:
    """The documents of a file in their order. A stream is to be read before the next document is asked for.

    Raises OSError where the file cannot be opened; reading a stream raises InputError where bytes are broken or a limit
    is passed.
    """
    with file.path.open("rb") as opened:
        yield from _unpack(file.uri, PurePosixPath(file.uri).name, opened, budget, 0)


def _unpack(
    uri: str, name: str, stream: io.BufferedReader[Any], budget: Budget, depth: int
) -> Iterator[Document | Unreadable]:
    try:
        head = _head(stream)
        if not head:
            yield Unreadable(uri, "empty", "holds no bytes")
            return
        kind = _container(head)
        if kind is None:
            yield Document(uri, name, stream, head)
            return
        if depth >= budget.limits.depth:
            yield Unreadable(uri, "depth_limit", f"more than {budget.limits.depth} layers of archives and compression")
            return
        if kind in _DECOMPRESSORS:
            inner = io.BufferedReader(_Unpacked(stream, _DECOMPRESSORS[kind], budget), _CHUNK)
            yield from _unpack(uri, _without_suffix(name), inner, budget, depth + 1)
        elif kind == "tar":
            yield from _tar(uri, stream, budget, depth)
        else:
            yield from _zip(uri, stream, budget, depth)
    except InputError as error:
        yield Unreadable(uri, error.code, error.detail)


def _head(stream: io.BufferedReader[Any]) -> bytes:
    """The first bytes of a stream, left in it."""
    return stream.peek(HEAD)[:HEAD]


_MAGIC: Final = (
    (b"\x1f\x8b\x08", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
)


def _container(head: bytes) -> str | None:
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if re.match(rb"BZh[1-9]1AY&SY", head):
        return "bzip2"
    return "tar" if head[257:262] == b"ustar" or _is_old_tar(head) else None


def _is_old_tar(head: bytes) -> bool:
    """A tar of before POSIX has no mark; its header has a checksum."""
    if len(head) < 512 or not head[0] or not re.fullmatch(rb"[0-7 ]{1,7}[\x00 ]{1,2}", head[148:156].ljust(8, b" ")):
        return False
    try:
        tarfile.TarInfo.frombuf(head[:512], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def _without_suffix(name: str) -> str:
    """page.html.gz holds page.html, articles.tgz a tar without a name of its own."""
    stem, suffix = posixpath.splitext(name)
    return stem if suffix.lower() in (".gz", ".zst", ".zstd", ".bz2", ".xz", ".tgz", ".tbz2", ".txz", ".lzma") else name


class _Gzip:
    """zlib's decompressor of one gzip member with the interface of bz2 and lzma; it checks length and checksum."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(wbits=31)
        self.eof = False
        self.needs_input = True
        self.unused_data = b""

    def decompress(self, packed: bytes, max_length: int) -> bytes:
        unpacked = self._member.decompress(self._member.unconsumed_tail + packed, max_length)
        self.needs_input = not self._member.unconsumed_tail
        self.eof, self.unused_data = self._member.eof, self._member.unused_data
        return unpacked


class _Zstd:
    """zstandard's decompressor of one frame with that interface. It has no bound on its output, so it is fed little: a
    block of four bytes is 128 KiB at most.
    """

    needs_input = True

    def __init__(self) -> None:
        self._frame = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj()
        self.eof = False
        self.unused_data = b""

    def decompress(self, packed: bytes, max_length: int) -> bytes:
        del max_length
        unpacked = self._frame.decompress(packed)
        if self._frame.eof:
            self.eof, self.unused_data = True, self._frame.unused_data
        return unpacked


_DECOMPRESSORS: Final[dict[str, Callable[[], Any]]] = {
    "gzip": _Gzip,
    "zstd": _Zstd,
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(memlimit=1 << 28),
}
_PACKED: Final = 512
"""Packed bytes that are unpacked at once."""
_AT_ONCE: Final = 1 << 20
"""Unpacked bytes that are made at once, where the decompressor can be told."""


class _Unpacked(io.RawIOBase):
    """The unpacked bytes of a compressed stream. Raises InputError for bytes that are cut or broken, or over budget."""

    def __init__(self, packed: io.BufferedReader[Any], decompressor: Callable[[], Any], budget: Budget) -> None:
        self._packed = packed
        self._new = decompressor
        self._budget = budget
        self._member: Any = None
        self._ahead = b""
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        while not self._ready:
            unpacked = self._next()
            if unpacked is None:
                return 0
            self._budget.spend(len(unpacked))
            self._ready = memoryview(unpacked)
        n_bytes = min(len(target), len(self._ready))
        target[:n_bytes] = self._ready[:n_bytes]
        self._ready = self._ready[n_bytes:]
        return n_bytes

    def _next(self) -> bytes | None:
        """The next unpacked bytes, perhaps none yet; None at the end."""
        packed = b""
        if self._member is None or self._member.needs_input:
            packed, self._ahead = self._ahead or self._packed.read(_PACKED), b""
            if not packed and self._member is not None:
                raise InputError("truncated", "the compressed bytes end before their end mark")
            if not packed:
                return None
        if self._member is None:
            packed = packed.lstrip(b"\x00")  # tapes pad the last member with zeros
            if not packed:
                return b""
            self._member = self._new()
        try:
            unpacked: bytes = self._member.decompress(packed, _AT_ONCE)
        except (zlib.error, OSError, lzma.LZMAError, zstandard.ZstdError, EOFError, MemoryError) as error:
            raise InputError("broken_compression", str(error) or type(error).__name__) from None
        if self._member.eof:
            self._ahead, self._member = self._member.unused_data, None
        return unpacked


def _zip(uri: str, stream: IO[bytes], budget: Budget, depth: int) -> Iterator[Document | Unreadable]:
    with contextlib.ExitStack() as stack:
        seekable = stream if stream.seekable() else stack.enter_context(_kept(stream))
        try:
            archive = stack.enter_context(zipfile.ZipFile(seekable))
            members = archive.infolist()
        except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, ValueError, EOFError, NotImplementedError) as error:
            raise InputError("broken_archive", f"not a whole zip archive: {error}") from None
        if office := _office_document({member.filename for member in members[:200]}):
            raise InputError("unsupported_format", office)
        seen: dict[str, int] = {}
        for member in members:
            name = _zip_name(member)
            if name.endswith("/") or _PASSED_OVER.search(name):
                continue
            member_uri = _member_uri(uri, name, seen)
            budget.take_member()
            if problem := _problem_of_name(name):
                yield Unreadable(member_uri, "unsafe_name", problem)
                continue
            if member.flag_bits & 0x1:
                yield Unreadable(member_uri, "encrypted", "the member is encrypted")
                continue
            try:
                with archive.open(member) as opened:
                    inner = io.BufferedReader(_Member(opened, budget), _CHUNK)
                    yield from _unpack(member_uri, posixpath.basename(name), inner, budget, depth + 1)
            except (zipfile.BadZipFile, NotImplementedError, OSError, RuntimeError, ValueError, EOFError) as error:
                yield Unreadable(member_uri, "broken_archive", str(error) or type(error).__name__)


def _tar(uri: str, stream: IO[bytes], budget: Budget, depth: int) -> Iterator[Document | Unreadable]:
    with kept(stream) as seekable:
        yield from _tar_members(uri, seekable, budget, depth)


def _tar_members(uri: str, stream: IO[bytes], budget: Budget, depth: int) -> Iterator[Document | Unreadable]:
    try:
        archive = tarfile.open(fileobj=stream, mode="r:", errors="surrogateescape")  # noqa: SIM115  closed below
    except (tarfile.TarError, OSError, ValueError, EOFError) as error:
        raise InputError("broken_archive", f"not a tar archive: {error}") from None
    seen: dict[str, int] = {}
    with archive:
        while True:
            try:
                member = archive.next()
            except (tarfile.TarError, OSError, ValueError, EOFError, OverflowError) as error:
                raise InputError("truncated", f"the tar archive breaks off or is broken: {error}") from None
            if member is None:
                # tarfile takes a damaged header for the end; the end is a block of zeros with nothing behind it.
                stream.seek(archive.offset)
                end = stream.read(512)
                if len(end) < 512 or any(end) or any(any(block) for block in iter(lambda: stream.read(_CHUNK), b"")):
                    raise InputError("broken_archive", f"no end of the tar archive at byte {archive.offset}")
                return
            name = _decoded_name(member.name.encode("utf-8", "surrogateescape"))
            if member.isdir() or _PASSED_OVER.search(name):
                continue
            member_uri = _member_uri(uri, name, seen)
            budget.take_member()
            if problem := _problem_of_name(name):
                yield Unreadable(member_uri, "unsafe_name", problem)
            elif not member.isreg():
                yield Unreadable(member_uri, "unsupported_format", "a link or device, not a regular file")
            else:
                opened = archive.extractfile(member)
                inner = io.BufferedReader(_Member(cast("IO[bytes]", opened), None), _CHUNK)
                yield from _unpack(member_uri, posixpath.basename(name), inner, budget, depth + 1)


class _Member(io.RawIOBase):
    """The bytes of a member of an archive, counted where they were compressed. Raises InputError for broken ones."""

    def __init__(self, member: IO[bytes], budget: Budget | None) -> None:
        self._member = member
        self._budget = budget

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        try:
            read = self._member.read(len(target))
        except (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, OSError, EOFError) as error:
            raise InputError("truncated", f"the member is cut or broken: {error}") from None
        except (RuntimeError, NotImplementedError, ValueError) as error:
            raise InputError("broken_archive", str(error)) from None
        if self._budget:
            self._budget.spend(len(read))
        target[: len(read)] = read
        return len(read)


@contextlib.contextmanager
def _kept(stream: IO[bytes]) -> Iterator[IO[bytes]]:
    """The stream's bytes where one can go back in them. A zip has its table of contents at its end."""
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as kept:
        while block := stream.read(_CHUNK):
            kept.write(block)
        kept.seek(0)
        yield cast("IO[bytes]", kept)


def kept(stream: IO[bytes]) -> contextlib.AbstractContextManager[IO[bytes]]:
    """The stream itself where one can go back in it, else a copy of it on disk."""
    return contextlib.nullcontext(stream) if stream.seekable() else _kept(stream)


def _member_uri(uri: str, name: str, seen: dict[str, int]) -> str:
    """The uri of a member; the second of the same name has ~2 behind it."""
    words = escape(name.encode("utf-8", "backslashreplace").decode("utf-8"))
    name = words
    while name in seen:
        seen[words] += 1
        name = f"{words}~{seen[words]}"
    seen[name] = 1
    return f"{uri}!/{name}"


def _problem_of_name(name: str) -> str | None:
    """Nothing is written under a member's name; but who packs ../../etc/passwd means harm, and its uri would mislead."""
    if not name:
        return "the member has no name"
    return "the member's name leads out of the archive, or holds control characters" if _UNSAFE.search(name) else None


def _zip_name(member: zipfile.ZipInfo) -> str:
    """The name of a member; zip tools of Chinese Windows write GBK and do not say so, zipfile reads it as cp437."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return _decoded_name(member.orig_filename.encode("cp437")).split("\x00")[0].replace("\\", "/")
    except UnicodeEncodeError:
        return member.filename


def _decoded_name(name: bytes) -> str:
    for charset in ("utf-8", "gb18030"):
        with contextlib.suppress(UnicodeDecodeError):
            return name.decode(charset)
    return name.decode("utf-8", "backslashreplace")


def _office_document(names: set[str]) -> str | None:
    if "[Content_Types].xml" in names:
        return "an Office document (docx, xlsx, pptx)"
    if "META-INF/container.xml" in names or "content.xml" in names:
        return "an EPUB or OpenDocument file"
    return None
