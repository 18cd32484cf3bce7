"""Carries changes between regions that answer: one link for each pair and direction."""

import logging
import time
from collections.abc import Callable
from random import Random
from threading import Condition, Thread

from local_cloud.regions.links import Change, Link, Way
from local_cloud.regions.reach import Reach

Pair = tuple[str, str]
"""From where, and where to."""
_log = logging.getLogger(__name__)


class Carrier:
    """seed: of what is drawn at random, by each link for itself. clock: of seconds that only grow."""

    def __init__(self, reach: Reach, *, seed: int = 0, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._reach = reach
        self._seed = seed
        self._way = Way()
        self._links: dict[Pair, Link] = {}
        self._changed = Condition()
        self._under_way = 0
        self._closed = False
        self._arrived: list[Callable[[Change, float], None]] = []

    def start(self) -> None:
        self._reach.watch(lambda _region, _up: self._wake())
        Thread(target=self._carry, name="replication", daemon=True).start()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def when_arrived(self, watcher: Callable[[Change, float], None]) -> None:
        """It is told of each change that was made, and of the seconds that it took."""
        self._arrived.append(watcher)

    def send(self, change: Change) -> None:
        with self._changed:
            self._link((change.source, change.destination)).put(change)
            self._changed.notify_all()

    def set_way(self, pair: Pair | None, way: Way, seed: int | None = None) -> None:
        """Of a link; None: of all, also of those to come."""
        with self._changed:
            if pair is None:
                self._way = way
            if seed is not None:
                self._seed = seed
            for each in self._links if pair is None else (pair,):
                self._link(each).way = way
                if seed is not None:
                    self._link(each).random = self._random(each)
            self._changed.notify_all()

    def links(self) -> dict[Pair, tuple[Way, dict[str, int]]]:
        """Those that anything has gone by or was said of, with how much waits of each table or bucket."""
        with self._changed:
            return {pair: (link.way, link.about()) for pair, link in sorted(self._links.items())}

    def drained(self, seconds: float) -> bool:
        """Whether all that can arrive has done so within this time."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._under_way and not any(link for _, link in self._open()), seconds
            )

    def _open(self) -> list[tuple[Pair, Link]]:
        return [
            (pair, link)
            for pair, link in self._links.items()
            if not link.way.paused and all(map(self._reach.is_up, pair))
        ]

    def _link(self, pair: Pair) -> Link:
        if pair not in self._links:
            self._links[pair] = Link(self._way, self._random(pair))
        return self._links[pair]

    def _random(self, pair: Pair) -> Random:
        return Random(f"{self._seed} {pair}")

    def _wake(self) -> None:
        """A region that was taken down hears of nothing any more once this has returned."""
        with self._changed:
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._under_way)

    def _carry(self) -> None:
        while not self._closed:
            for change in self._due():
                self._make(change)

    def _due(self) -> list[Change]:
        with self._changed:
            links = [link for _, link in self._open()]
            due = [change for link in links for change in link.take(self.clock())]
            if due:
                self._under_way = len(due)
                return due
            self._changed.notify_all()
            coming = [at for link in links if (at := link.next_at) is not None]
            self._changed.wait(max(0.0, min(coming) - self.clock()) if coming else None)
            return []

    def _make(self, change: Change) -> None:
        try:
            change.apply()
            for watcher in self._arrived:
                watcher(change, self.clock() - change.sent)
        except Exception:  # the others go on
            _log.exception("a change of %s from %s is lost", change.about, change.source)
        finally:
            with self._changed:
                self._under_way -= 1
                if not self._under_way:
                    self._changed.notify_all()
