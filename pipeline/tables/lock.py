"""The lock of an output folder: one run at a time, and what to do with the lock of a run that is dead.

Held by `flock`, which the system releases when the process ends, however it ends. A file system without it gets a lock
by name: `_lock.held`, made only if it is not there, taken over when its owner is no longer alive on this host.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import socket
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final


class LockedError(Exception):
    """Another run holds the lock of the output folder."""


_NO_FLOCK: Final = (errno.ENOTSUP, errno.ENOSYS, errno.ENOLCK, errno.EINVAL)


@contextlib.contextmanager
def locked(root: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Holds the lock of the folder `root`. `say` is told when the lock of a dead run is taken over.

    Raises LockedError where another run holds it, OSError where the lock file cannot be written.
    """
    with (root / "_lock").open("a+", encoding="utf-8") as handle, contextlib.ExitStack() as held:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockedError(f"{root}: another run holds the lock: {_said_by(handle)}") from None
        except OSError as error:
            if error.errno not in _NO_FLOCK:
                raise
            held.enter_context(_held_by_name(root, say))
        if (left := _said_by(handle)) != _UNKNOWN:
            say(f"{root}: took over the lock of a run that did not end as it should: {left}")
        handle.truncate(0)
        handle.write(_owner() + "\n")
        handle.flush()
        try:
            yield
        finally:
            handle.truncate(0)  # what stays in the file is the mark of a run that was ended from outside


@contextlib.contextmanager
def _held_by_name(root: Path, say: Callable[[str], None]) -> Iterator[None]:
    name = root / "_lock.held"
    for _ in range(2):
        try:
            descriptor = os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
            break
        except FileExistsError:
            left = name.read_text(encoding="utf-8").strip()
            if _is_alive(left):
                raise LockedError(f"{root}: another run holds the lock: {left}") from None
            say(f"{root}: took over the lock of a run that is no longer alive: {left}")
            # Moved, not removed: of two runs that find it stale, one moves it and the other finds it gone.
            with contextlib.suppress(FileNotFoundError):
                stale = name.with_name(f"_lock.stale-{os.getpid()}")
                name.rename(stale)
                stale.unlink()
    else:
        raise LockedError(f"{root}: another run took the lock at the same moment")
    try:
        os.write(descriptor, _owner().encode())
        os.close(descriptor)
        yield
    finally:
        name.unlink(missing_ok=True)


_UNKNOWN: Final = "a process that did not say who it is"


def _said_by(handle: Any) -> str:
    handle.seek(0)
    return handle.read().strip() or _UNKNOWN


def _owner() -> str:
    """Who holds the lock: process, host, and since when; the start of the process tells it from a later one's number."""
    return json.dumps(
        {
            "pid": os.getpid(),
            "started": _start_of(os.getpid()),
            "host": socket.gethostname(),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
        }
    )


def _is_alive(owner: str) -> bool:
    """Whether the owner of a lock may still be at work: yes, where it is on another host or cannot be told."""
    try:
        said = json.loads(owner)
        if said["host"] != socket.gethostname():
            return True
        os.kill(said["pid"], 0)
    except ProcessLookupError:
        return False
    except (ValueError, KeyError, TypeError, OSError):
        return True
    return said.get("started") in (None, _start_of(said["pid"]))


def _start_of(pid: int) -> int | None:
    """When a process began, in clock ticks since the machine did; None where the system does not say."""
    if not sys.platform.startswith("linux"):
        return None
    with contextlib.suppress(OSError, IndexError, ValueError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    return None
