"""Calls that are given up when they take longer than a number of milliseconds."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from typing import Any, TypeVar

_AT_ONCE = 4
_Result = TypeVar("_Result")


class Exceeded(Exception):
    """`timeout`: it took too long. `busy`: those that took too long are still at it, and no place is left."""


class Budget:
    """Each call runs in a thread that is left behind when it is late; what is left behind has to end by
    itself, by time-outs of its own for example.
    """

    def __init__(self, name: str) -> None:
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix=name)
        self._places = threading.BoundedSemaphore(_AT_ONCE)

    def call(self, milliseconds: int, work: Callable[[], _Result]) -> _Result:
        """Raises: Exceeded, also for a TimeoutError of the work; whatever else it raises in time."""
        if not self._places.acquire(blocking=False):
            raise Exceeded("busy")
        call = self._threads.submit(work)
        call.add_done_callback(self._done)
        try:
            return call.result(milliseconds / 1000)
        except Late:
            if call.done() and call.exception() is None:  # just in time
                return call.result()
            raise Exceeded("timeout") from None

    def _done(self, _call: Future[Any]) -> None:
        self._places.release()
