"""An S3 client that is slow for a while, and counts what is read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any


class Storage:
    """reads: how many objects were asked for."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self._open = Event()
        self._open.set()
        self.reads = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def get_object(self, **arguments: Any) -> Any:
        self.reads += 1
        self._open.wait()
        return self._real.get_object(**arguments)

    @contextmanager
    def slow(self) -> Iterator[None]:
        """Within, nothing is answered."""
        self._open.clear()
        try:
            yield
        finally:
            self._open.set()
