"""Of several versions of an item, which one stays.

Global tables with eventual consistency: the last writer wins, by the time of the write, item by item; what
loses is told to nobody.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
"""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Stamp:
    """When an item was written, in nanoseconds, and where: of two at the same time, the later name wins."""

    moment: int
    region: str


BEFORE_ALL = Stamp(0, "")
"""Of items that were there before their table was replicated."""


class Ledger:
    """The newest version that a region has of each item, also of those that were deleted."""

    def __init__(self) -> None:
        self._newest: dict[Hashable, Stamp] = {}

    def stamp_of(self, key: Hashable) -> Stamp:
        return self._newest.get(key, BEFORE_ALL)

    def takes(self, key: Hashable, stamp: Stamp) -> bool:
        """Whether this version is newer than what the region has; then it has this one."""
        if stamp <= self.stamp_of(key):
            return False
        self._newest[key] = stamp
        return True


class Stamps:
    """Those of one region never go back, nor stand still."""

    def __init__(self, clock: Callable[[], int] = time.time_ns) -> None:
        self._clock = clock
        self._last = 0

    def next(self, region: str) -> Stamp:
        self._last = max(self._clock(), self._last + 1)
        return Stamp(self._last, region)
