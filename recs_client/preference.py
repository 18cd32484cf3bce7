"""Which region is asked first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock


class Preference:
    """The first of `regions`, but for those that have just failed: these come last until `seconds` are over.
    Of all threads that use the client. clock: monotonic, in seconds.
    """

    def __init__(self, regions: Sequence[str], seconds: float, clock: Callable[[], float]) -> None:
        self._regions, self._seconds, self._clock = tuple(regions), seconds, clock
        self._failed: dict[str, float] = {}
        self._lock = Lock()

    def order(self) -> tuple[str, ...]:
        with self._lock:
            since = self._clock() - self._seconds
            failed = {region: at for region, at in self._failed.items() if at > since}
        return tuple(sorted(self._regions, key=lambda region: failed.get(region, float("-inf"))))

    def failed(self, region: str) -> None:
        with self._lock:
            self._failed[region] = self._clock()

    def answered(self, region: str) -> None:
        with self._lock:
            self._failed.pop(region, None)
