"""Events that are counted, stored and sent on together."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from pipeline.tracking.event import Event, digest

LARGEST = 90
"""Events of a batch: one transaction of at most 100 writes claims them, counts them and keeps the batch."""


@dataclass(frozen=True)
class Batch:
    """Different events of one use case.

    unsent: the claims of the events that Personalize has yet to be told of; None means that nothing has been
    done with the batch but counting it.
    """

    id: str
    events: tuple[Event, ...]
    unsent: frozenset[str] | None = None

    @classmethod
    def of(cls, events: Sequence[Event]) -> Batch:
        """The same events make a batch of the same id, in whatever order they come."""
        ordered = tuple(sorted(events, key=lambda event: (event.timestamp, event.claim)))
        return cls(digest(*sorted(event.claim for event in ordered)), ordered)

    @property
    def use_case(self) -> str:
        return self.events[0].use_case

    def by_day(self) -> Iterator[tuple[str, tuple[Event, ...]]]:
        """The events of each day (UTC), as 2026-11-21, in order."""
        for day, events in groupby(self.events, key=lambda event: event.happened.date().isoformat()):
            yield day, tuple(events)


def packed(events: Sequence[Event]) -> bytes:
    """JSON Lines, compressed: the same events make the same bytes."""
    lines = "".join(json.dumps(event.as_json(), separators=(",", ":")) + "\n" for event in events)
    return gzip.compress(lines.encode(), mtime=0)


def unpacked(content: bytes) -> tuple[Event, ...]:
    return tuple(Event.from_json(json.loads(line)) for line in gzip.decompress(content).splitlines())
