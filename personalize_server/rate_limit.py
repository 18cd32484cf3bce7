"""Requests per second and operation, as the service limits them per account and region."""

import time
from collections.abc import Callable, Hashable

from personalize_server.errors import Throttled


class RateLimit:
    """A bucket per key that holds one second's worth of requests."""

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_second
        self._burst = max(per_second, 1.0)
        self._clock = clock
        self._buckets: dict[Hashable, tuple[float, float]] = {}

    def check(self, key: Hashable) -> None:
        now = self._clock()
        level, since = self._buckets.get(key, (self._burst, now))
        level = min(self._burst, level + (now - since) * self._rate)
        if level < 1:
            self._buckets[key] = (level, now)
            raise Throttled("Rate exceeded")
        self._buckets[key] = (level - 1, now)
