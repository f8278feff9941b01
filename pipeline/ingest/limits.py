"""Limits that hold hostile or broken input within bounds, and the error that says which one was met."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

from pipeline.config import Limits


class InputError(Exception):
    """An input, a member or a record that cannot be read; `code` is its reason in the quarantine."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class TooSlowError(BaseException):
    """The time limit of one document has passed. No Exception: what is too slow may not catch it and go on."""


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raises TooSlowError inside the block once `seconds` have passed.

    Works by SIGALRM in the main thread, where jobs do their work; elsewhere (another thread, a system without the
    signal) there is no limit. The signal comes again each second, for code between that swallows it. Not to be nested.
    """
    if seconds <= 0 or not hasattr(signal, "SIGALRM") or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(signal.SIGALRM, _too_slow)  # stays: outside of a block it does nothing
    try:
        _running.add(True)
        signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
        yield
    finally:
        _stop()


_running: set[bool] = set()


def _stop() -> None:
    """Ends the limit, also where the signal comes in this very moment."""
    while True:
        try:
            _running.clear()
            signal.setitimer(signal.ITIMER_REAL, 0)
        except TooSlowError:
            continue
        return


def _too_slow(_number: int, _frame: FrameType | None) -> None:
    if _running:
        raise TooSlowError


class Budget:
    """What one input file may still yield when it is unpacked: bytes in all, against the bytes that it has, and members.

    Counts over all layers of the file, so that an archive of archives gains nothing.
    """

    def __init__(self, limits: Limits, size: int) -> None:
        self.limits = limits
        self._allowed = min(limits.unpacked_bytes, max(size * limits.ratio, limits.ratio_from_bytes))
        self._by_ratio = self._allowed < limits.unpacked_bytes
        self._unpacked = 0
        self._members = 0

    def spend(self, n_bytes: int) -> None:
        """Counts unpacked bytes. Raises InputError where they are too many."""
        self._unpacked += n_bytes
        if self._unpacked > self._allowed:
            if self._by_ratio:
                raise InputError("ratio_limit", f"unpacks to more than {self.limits.ratio} times its size")
            raise InputError("size_limit", f"unpacks to more than {self.limits.unpacked_bytes:,} bytes")

    def take_member(self) -> None:
        """Counts a member. Raises InputError where they are too many."""
        self._members += 1
        if self._members > self.limits.members:
            raise InputError("count_limit", f"holds more than {self.limits.members:,} members; the rest was not read")
