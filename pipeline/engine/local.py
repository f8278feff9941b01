"""One process, or a pool of them. The results come in the order of the shards, whatever the number of workers."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

Shard = TypeVar("Shard")
Result = TypeVar("Result")


def run_shards(work: Callable[[Shard], Result], shards: Iterable[Shard], workers: int) -> Iterator[Result]:
    """Yields `work(shard)` for each shard, in order. `work` and the shards must be picklable where workers > 1.

    Processes are spawned, not forked: each loads its own gazetteer once, and none inherits threads or locks.
    """
    if workers == 1:
        yield from map(work, shards)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=workers, mp_context=context) as pool:
        yield from pool.map(work, shards)
