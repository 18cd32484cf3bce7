"""Work on all cores, with BLAS kept to one thread so that the two do not fight."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any, TypeVar

Result = TypeVar("Result")


class _Limit:
    """The BLAS limit belongs to the process: the first one in sets it, the last one out lifts it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = 0
        self._lift: Callable[[], None] | None = None

    def enter(self) -> None:
        with self._lock:
            self._inside += 1
            if self._inside == 1 and (controller := _controller("scipy.linalg" in sys.modules)) is not None:
                self._lift = controller.limit(limits=1, user_api="blas").restore_original_limits

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0 and self._lift is not None:
                self._lift()
                self._lift = None


_LIMIT = _Limit()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Inside, BLAS runs single-threaded; without threadpoolctl (a lean serving install) nothing changes."""
    _LIMIT.enter()
    try:
        yield
    finally:
        _LIMIT.leave()


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def blocks(
    work: Callable[[int, int], Result], rows: int, *, size: int, threads: int | None = None
) -> Iterator[Result]:
    """work(start, stop) over consecutive blocks of rows; results in order."""
    starts = range(0, rows, size)
    workers = min(threads or cores(), max(len(starts), 1))
    if workers == 1:
        with one_blas_thread():
            for start in starts:
                yield work(start, min(start + size, rows))
        return
    with one_blas_thread(), ThreadPoolExecutor(workers) as pool:
        yield from pool.map(lambda start: work(start, min(start + size, rows)), starts)


def together(works: Sequence[Callable[[], Result]]) -> list[Result]:
    """What each of them gives, in order; as many at a time as there are cores."""
    with one_blas_thread(), ThreadPoolExecutor(cores()) as pool:
        return list(pool.map(lambda work: work(), works))


@cache
def _controller(with_scipy: bool) -> Any:
    """Looking for the BLAS libraries takes milliseconds, so it is done once; scipy brings one of its own."""
    try:
        from threadpoolctl import ThreadpoolController
    except ModuleNotFoundError:
        return None
    return ThreadpoolController()
