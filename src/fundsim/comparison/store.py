"""Where a sweep keeps its totals: in memory, or in a file without a name once they are too many."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from typing import Final

import numpy as np

from fundsim.comparison.figures import Int64s
from fundsim.pipeline import Progress, cores
from fundsim.runs import RunFolder

LIMIT: Final = 256 * 2**20
"""Bytes of totals that are kept in memory; what is more lies on disk, and goes with the process."""

Bounds = tuple[int, int]


def room_for(shape: tuple[int, ...], limit: int = LIMIT) -> Int64s:
    """An array of zeros (int64) of this shape."""
    if 8 * int(np.prod(shape)) <= limit:
        return np.zeros(shape, dtype=np.int64)
    with tempfile.TemporaryFile() as file:  # the mapping outlives the name
        return np.memmap(file, dtype=np.int64, mode="w+", shape=shape)


def stream(
    run: Callable[[int, int], Int64s],
    bounds: Sequence[Bounds],
    *,
    workers: int | None,
    executor: Executor | None,
    folder: RunFolder | None,
    progress: Progress | None,
) -> Iterator[tuple[Bounds, Int64s]]:
    """Work blocks off, a few ahead of whoever takes them; each is saved when it arrives, handed on and forgotten."""
    at_once = workers or cores()
    pool = executor or ThreadPoolExecutor(max_workers=at_once)
    waiting, pending = list(reversed(bounds)), dict[Future[Int64s], Bounds]()
    done, whole = 0, bounds[-1][1]
    try:
        while waiting or pending:
            while waiting and len(pending) < 2 * at_once:
                bound = waiting.pop()
                stored = folder.block(*bound) if folder else None
                if stored is not None:
                    done += bound[1] - bound[0]
                    yield bound, stored
                    continue
                pending[pool.submit(run, *bound)] = bound
            for future in wait(pending, return_when=FIRST_COMPLETED).done if pending else ():
                bound = pending.pop(future)
                block = future.result()
                if folder:
                    folder.save_block(*bound, block)
                done += bound[1] - bound[0]
                if progress:
                    progress(done, whole)
                yield bound, block
    finally:
        for future in pending:
            future.cancel()
        if executor is None:
            pool.shutdown(wait=True, cancel_futures=True)
    if progress:
        progress(whole, whole)
