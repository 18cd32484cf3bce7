"""Work in blocks on all cores, with BLAS kept to one thread so that the two do not fight."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

Result = TypeVar("Result")


def one_blas_thread() -> AbstractContextManager[object]:
    """Inside, BLAS runs single-threaded; without threadpoolctl (a lean serving install) nothing changes."""
    try:
        from threadpoolctl import threadpool_limits
    except ModuleNotFoundError:
        return nullcontext()
    limits: AbstractContextManager[object] = threadpool_limits(1, user_api="blas")
    return limits


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def blocks(
    work: Callable[[int, int], Result], rows: int, *, size: int, threads: int | None = None
) -> Iterator[Result]:
    """work(start, stop) over consecutive blocks of rows; results in order."""
    starts = range(0, rows, size)
    workers = min(threads or cores(), max(len(starts), 1))
    if workers == 1:
        for start in starts:
            yield work(start, min(start + size, rows))
        return
    with one_blas_thread(), ThreadPoolExecutor(workers) as pool:
        yield from pool.map(lambda start: work(start, min(start + size, rows)), starts)
