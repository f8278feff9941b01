"""One process, or a pool of them. The results come in the order of the shards, whatever the number of workers."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar


class WorkerError(Exception):
    """A worker process was ended from outside, by the system or a person, before its shard was done."""


Shard = TypeVar("Shard")
Result = TypeVar("Result")


def run_shards(work: Callable[[Shard], Result], shards: Iterable[Shard], workers: int) -> Iterator[Result]:
    """Yields `work(shard)` for each shard, in order. `work` and the shards must be picklable where workers > 1.

    Raises WorkerError. Processes are spawned, not forked: each loads its own gazetteer once, and none inherits threads
    or locks.
    """
    if workers == 1:
        yield from map(work, shards)
        return
    for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(threads, "1")  # the workers are the threads
    context = multiprocessing.get_context("spawn")
    others = set(multiprocessing.active_children())
    with ProcessPoolExecutor(max_workers=workers, mp_context=context, initializer=_end_with_parent) as pool:
        futures = deque(pool.submit(work, shard) for shard in shards)
        try:
            while futures:
                yield futures.popleft().result()
        except BrokenProcessPool:
            raise WorkerError(
                "a worker process was ended before its work was done; run again, nothing changed"
            ) from None
        except BaseException:
            # Interrupted, or a shard failed: what the workers are at is not waited for.
            for worker in set(multiprocessing.active_children()) - others:
                worker.terminate()
            raise


def _end_with_parent() -> None:
    """Lets a worker end when its run does, however that ends; an interrupt from the keyboard is the run's to answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
