"""Which region is asked first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock

_NEVER = float("-inf")


class Preference:
    """The first of `regions`, but for those that rest: these come last, who returns soonest first. When its
    rest is over, a region is asked by one request; the others go on without it until it has answered, or for
    `seconds` more. Of all threads that use the client. clock: monotonic, in seconds.
    """

    def __init__(self, regions: Sequence[str], seconds: float, clock: Callable[[], float]) -> None:
        self._regions, self._seconds, self._clock = tuple(regions), seconds, clock
        self._rests: dict[str, float] = {}
        self._probed: dict[str, float] = {}
        self._lock = Lock()

    def order(self) -> tuple[str, ...]:
        with self._lock:
            now = self._clock()
            away = {region: until for region, until in self._rests.items() if now < self._back(region)}
            order = tuple(sorted(self._regions, key=lambda region: away.get(region, _NEVER)))
            if order[0] in self._rests and order[0] not in away:
                self._probed[order[0]] = now + self._seconds
            return order

    def _back(self, region: str) -> float:
        return max(self._rests[region], self._probed.get(region, _NEVER))

    def failed(self, region: str, seconds: float | None = None) -> None:
        """seconds: of its rest, `seconds` of the client at most; None: those."""
        rest = self._seconds if seconds is None else min(seconds, self._seconds)
        with self._lock:
            self._rests[region] = self._clock() + rest
            self._probed.pop(region, None)

    def answered(self, region: str) -> None:
        with self._lock:
            self._rests.pop(region, None)
            self._probed.pop(region, None)
