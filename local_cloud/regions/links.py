"""What is on its way from one region to another, and when it arrives."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from random import Random


@dataclass(frozen=True, kw_only=True)
class Way:
    """seconds: how long a change takes, on average. shuffled: each takes its own time, from none to twice
    that, and what could not leave for a while leaves in any order. paused: nothing arrives.
    """

    seconds: float = 0.03
    shuffled: bool = False
    paused: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.seconds < float("inf"):
            raise ValueError(f"seconds must be 0 or more, got {self.seconds}")


@dataclass(frozen=True, kw_only=True)
class Change:
    """about: the table or bucket. sent: by the clock of whoever carries it. apply: makes it where it goes."""

    source: str
    destination: str
    about: str
    sent: float
    apply: Callable[[], None]


class Link:
    """In one direction. Not for several threads at a time."""

    def __init__(self, way: Way, random: Random) -> None:
        self.way = way
        self.random = random
        self._order = count()
        self._waiting: list[tuple[float, int, Change]] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, change: Change) -> None:
        seconds = self.way.seconds * (self.random.uniform(0, 2) if self.way.shuffled else 1)
        heapq.heappush(self._waiting, (change.sent + seconds, next(self._order), change))

    @property
    def next_at(self) -> float | None:
        """When the first of them arrives."""
        return self._waiting[0][0] if self._waiting and not self.way.paused else None

    def take(self, now: float) -> list[Change]:
        """Those that have arrived."""
        due = []
        while (at := self.next_at) is not None and at <= now:
            due.append(heapq.heappop(self._waiting)[2])
        if self.way.shuffled:
            self.random.shuffle(due)
        return due

    def about(self) -> dict[str, int]:
        """How many there are, by table or bucket."""
        found: dict[str, int] = {}
        for _, _, change in self._waiting:
            found[change.about] = found.get(change.about, 0) + 1
        return found
