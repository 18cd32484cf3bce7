"""Tracked events as rows of the interactions: what the database does not know of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from pipeline.errors import StorageFailed
from pipeline.extract.joined import JoinedEvents
from pipeline.storage import Bucket

_LINES = 10_000
_PLAIN = re.compile(r'[^",\\\x00-\x1f\x7f-\x9f]{1,256}')
"""Ids that stand in the CSV as they are."""


@dataclass(frozen=True, kw_only=True)
class Tracked:
    """event_types: those to be read. days: how far back. untold: only what this region has told nobody of as
    it happened: events of other regions, and its own while another one was the active region.
    """

    event_types: tuple[str, ...]
    days: int
    untold: bool = False


@dataclass
class TrackedRows:
    """without: people whose events are left out. rows: written so far. skipped: of people who were not signed
    in, or with ids that do not stand in a CSV as they are.
    """

    bucket: Bucket
    use_case: str
    tracked: Tracked
    columns: Sequence[str]
    without: frozenset[str] = frozenset()
    rows: int = 0
    skipped: int = 0

    def join(self, now: float, has_time: Callable[[], bool]) -> None:
        """Before reading, once. Raises: EventsUnfinished, if the time is up; StorageFailed."""
        self._joined.join(self._first(now), now, has_time)

    def blocks(self, now: float, has_time: Callable[[], bool]) -> Iterator[bytes]:
        """CSV without a header, in the order of the days.

        now: seconds since 1970. Raises: StorageFailed, also if the time is up.
        """
        for events in self._joined.days(self._first(now)):
            lines = self._lines(events, now)
            while block := "".join(islice(lines, _LINES)):
                yield block.encode()
                if not has_time():
                    raise StorageFailed(
                        f"reading joined events of {self.use_case}: the time is up after "
                        f"{self.rows:,} events; ask for fewer than {self.tracked.days} days"
                    )

    @property
    def _joined(self) -> JoinedEvents:
        return JoinedEvents(self.bucket, self.use_case, frozenset(self.tracked.event_types))

    def _first(self, now: float) -> str:
        return (datetime.fromtimestamp(now, UTC) - timedelta(days=self.tracked.days)).date().isoformat()

    def _is_wanted(self, event: Mapping[str, Any]) -> bool:
        return not self.tracked.untold or "copied" in event or "fenced" in event

    def _lines(self, events: Iterable[Any], now: float) -> Iterator[str]:
        for event in events:
            if event["type"] not in self.tracked.event_types or not self._is_wanted(event):
                continue
            if event["user_id"] in self.without:
                continue
            cells = {
                "USER_ID": event["user_id"] or "",
                "ITEM_ID": event["item_id"],
                "EVENT_TYPE": event["type"],
                "TIMESTAMP": str(event["timestamp"]),
            }
            ids = (cells["USER_ID"], cells["ITEM_ID"])
            if event["timestamp"] > now or not all(_PLAIN.fullmatch(value) for value in ids):
                self.skipped += 1
                continue
            self.rows += 1
            yield ",".join(cells.get(column, "") for column in self.columns) + "\n"
