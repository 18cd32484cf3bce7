"""Requests per second and operation, as the service limits them per account and region."""

import time
from collections.abc import Callable, Hashable

from personalize_server.errors import Throttled

_MOST_BUCKETS = 10_000


class RateLimit:
    """A bucket per key that holds one second's worth of requests; full ones need not be kept."""

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_second
        self._burst = max(per_second, 1.0)
        self._clock = clock
        self._buckets: dict[Hashable, tuple[float, float]] = {}

    def check(self, key: Hashable) -> None:
        now = self._clock()
        if len(self._buckets) >= _MOST_BUCKETS:
            self._forget_full(now)
        level, since = self._buckets.get(key, (self._burst, now))
        level = min(self._burst, level + (now - since) * self._rate)
        if level < 1:
            self._buckets[key] = (level, now)
            raise Throttled("Rate exceeded")
        self._buckets[key] = (level - 1, now)

    def _forget_full(self, now: float) -> None:
        self._buckets = {
            key: (level, since)
            for key, (level, since) in self._buckets.items()
            if level + (now - since) * self._rate < self._burst
        }
