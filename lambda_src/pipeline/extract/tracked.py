"""Tracked events as rows of the interactions: what the database does not know of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

from pipeline.errors import StorageFailed
from pipeline.storage import Bucket, storage_errors
from pipeline.tracking.batch import unpacked
from pipeline.tracking.event import Event
from pipeline.tracking.lake import days_of, folder

_AT_ONCE = 16
_PLAIN = re.compile(r'[^",\\\x00-\x1f\x7f-\x9f]{1,256}')
"""Ids that stand in the CSV as they are."""


@dataclass(frozen=True, kw_only=True)
class Tracked:
    """event_types: those to be read. days: how far back."""

    event_types: tuple[str, ...]
    days: int


@dataclass
class TrackedRows:
    """rows: written so far. skipped: of people who were not signed in, or with ids that
    do not stand in a CSV as they are."""

    bucket: Bucket
    use_case: str
    tracked: Tracked
    columns: Sequence[str]
    rows: int = 0
    skipped: int = 0

    def blocks(self, now: float, has_time: Callable[[], bool]) -> Iterator[bytes]:
        """CSV without a header, one block per file of events, in the order of their days.

        now: seconds since 1970. Error: StorageFailed, also when the time is up.
        """
        first = (datetime.fromtimestamp(now, UTC) - timedelta(days=self.tracked.days)).date().isoformat()
        keys = days_of(self.bucket, self.use_case, first)
        with ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="events") as threads:
            while some := list(islice(keys, _AT_ONCE)):
                for events in threads.map(self._read, some):
                    if block := "".join(self._lines(events, now)):
                        yield block.encode()
                if not has_time():
                    raise StorageFailed(
                        f"reading {self.bucket.url(folder(self.use_case))}: the time is up after "
                        f"{self.rows:,} events; ask for fewer than {self.tracked.days} days"
                    )

    def _read(self, key: str) -> tuple[Event, ...]:
        with self.bucket.open(key) as body, storage_errors(f"reading {self.bucket.url(key)}"):
            return unpacked(body.read())

    def _lines(self, events: Sequence[Event], now: float) -> Iterator[str]:
        for event in events:
            if event.type not in self.tracked.event_types:
                continue
            cells = {
                "USER_ID": event.user_id or "",
                "ITEM_ID": event.item_id,
                "EVENT_TYPE": event.type,
                "TIMESTAMP": str(event.timestamp),
            }
            ids = (cells["USER_ID"], cells["ITEM_ID"])
            if event.timestamp > now or not all(_PLAIN.fullmatch(value) for value in ids):
                self.skipped += 1
                continue
            self.rows += 1
            yield ",".join(cells.get(column, "") for column in self.columns) + "\n"
