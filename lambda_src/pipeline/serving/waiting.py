"""How long a request waits for others, so that what it takes itself is known."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType


class Waiting:
    """A context around each call; a function handles one request at a time. `clock` is in seconds."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._seconds = 0.0
        self._since = 0.0

    def __enter__(self) -> None:
        self._since = self._clock()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._seconds += self._clock() - self._since

    def take(self) -> float:
        """Seconds waited since the last call."""
        seconds, self._seconds = self._seconds, 0.0
        return seconds
