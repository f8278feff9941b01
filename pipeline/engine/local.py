"""One process, or a pool of them. The results come in the order of the shards, whatever the number of workers."""

from __future__ import annotations

import multiprocessing
import os
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
    with ProcessPoolExecutor(max_workers=workers, mp_context=context) as pool:
        try:
            yield from pool.map(work, shards)
        except BrokenProcessPool:
            raise WorkerError(
                "a worker process was ended before its work was done; run again, nothing changed"
            ) from None
