"""Token buckets: so many requests per second on average, and so many at once."""

from collections.abc import Callable
from dataclasses import dataclass

from local_cloud.gateway.apis import HttpApi, Route, Stage, Throttle


@dataclass
class _Bucket:
    tokens: float
    filled_at: float


class Throttles:
    """Of every stage and route, by the clock in seconds; to be used by one thread."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._buckets: dict[tuple[str, str, str], _Bucket] = {}

    def admits(self, api: HttpApi, stage: Stage, route: Route) -> bool:
        """A route with settings of its own has a bucket of its own."""
        own = stage.route_throttles.get(route.key.text)
        key = (api.id, stage.name, route.key.text if own else "")
        return self._take(key, own or stage.throttle)

    def _take(self, key: tuple[str, str, str], throttle: Throttle) -> bool:
        if throttle.rate is None and throttle.burst is None:
            return True
        rate = throttle.rate if throttle.rate is not None else float("inf")
        burst = throttle.burst if throttle.burst is not None else max(1.0, rate)
        now = self._clock()
        bucket = self._buckets.setdefault(key, _Bucket(burst, now))
        bucket.tokens = min(float(burst), bucket.tokens + (now - bucket.filled_at) * rate)
        bucket.filled_at = now
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True
