"""The events of a day that are trained on, in one file: thousands of small files are read but once.

`joined/use_case=<use case>/date=<day>.jsonl.gz`: a line that says what is joined, then one line per event. A
file is replaced as a whole by one that says itself what is in it. So whoever dies before writing has changed
nothing, and what one of two writers at the same time leaves out is known to be missing the next time.

Where other regions copy their events to this one, lines say by whom and what each is of: an event that was
posted in two regions is read once, as this region's own.
"""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from pipeline.errors import EventsUnfinished, ObjectMissing
from pipeline.storage import CONNECTIONS, Bucket, storage_errors
from pipeline.tracking import lake
from pipeline.tracking.batch import unpacked
from pipeline.tracking.event import Event
from pipeline.tracking.ledger import CLAIMED_DAYS

PREFIX = "joined"
_FILES = 1024
"""Read between two looks at the clock."""

_LISTED_DAYS, _READ_DAYS = 8, 4
"""At a time, in memory."""

_KEPT = ("user_id", "item_id", "type", "timestamp")
_CLAIM_DIGITS = 16
"""Of an event's claim: of a billion of them, some 0.03 pairs are the same by chance."""
_COPIED = b'"copied":true}\n'
_Key = tuple[bool, str]
"""Whether it is a copy, and its key."""


@dataclass(frozen=True, kw_only=True)
class Head:
    """types: of the events in the file. files: names of those joined. closed: none can come any more, and
    `files` is empty. claims: whether its lines say which event each is.
    """

    types: frozenset[str]
    files: frozenset[str] = frozenset()
    closed: bool = False
    claims: bool = False


@dataclass(frozen=True, kw_only=True)
class Day:
    """missing: keys of the files to be joined. over: no event of the day can arrive any more."""

    date: str
    head: Head
    missing: tuple[_Key, ...] = ()
    over: bool = False

    @property
    def is_done(self) -> bool:
        return not self.missing and not (self.over and self.head.files)


@dataclass(frozen=True)
class JoinedEvents:
    """Of one use case; types: of the events that have to be in the files."""

    bucket: Bucket
    use_case: str
    types: frozenset[str]

    def join(self, first: str, now: float, has_time: Callable[[], bool]) -> None:
        """Joins what has arrived since the last time, from the day (2026-11-21, UTC) on until now (seconds).

        Raises: EventsUnfinished, if the time is up, having done a part at least; StorageFailed.
        """
        days, done = _days(first, now), 0
        with ThreadPoolExecutor(max_workers=CONNECTIONS, thread_name_prefix="events") as threads:
            while some := list(islice(days, _LISTED_DAYS)):
                for day in threads.map(lambda date: self._look(date, now), some):
                    if day.is_done:
                        continue
                    finished = False
                    if not done or has_time():
                        added, finished = self._add(day, threads, has_time)
                        done += added
                    if not finished:
                        folder = self.bucket.url(lake.folder(self.use_case, day.date))
                        raise EventsUnfinished(
                            f"joining {folder}: the time is up after {done:,} more files; "
                            "they are joined, and the next run goes on from there"
                        )

    def days(self, first: str) -> Iterator[Iterable[Any]]:
        """What was joined of each day from this one on, each event of a day once: objects with type, user_id,
        item_id and timestamp, `fenced` if this region told nobody of it, `copied` if another one has it.

        Raises: StorageFailed.
        """
        prefix = f"{PREFIX}/use_case={self.use_case}/date="
        keys = lake.keys_under(self.bucket, prefix, after=prefix + first)
        with ThreadPoolExecutor(max_workers=_READ_DAYS, thread_name_prefix="days") as threads:
            while some := list(islice(keys, _READ_DAYS)):
                for _, lines in threads.map(self._read, some):
                    yield _once(lines)

    def _look(self, date: str, now: float) -> Day:
        head = self._head(date)
        if head.closed:
            return Day(date=date, head=head)
        folder = lake.folder(self.use_case, date)
        own = [(False, key) for key in lake.keys_under(self.bucket, folder)]
        copies = self.bucket.copies
        others = [(True, key) for key in lake.keys_under(copies, folder)] if copies else []
        missing = tuple(one for one in (*own, *others) if _name(*one) not in head.files)
        last = datetime.fromisoformat(date).replace(tzinfo=UTC) + timedelta(days=1 + CLAIMED_DAYS)
        return Day(date=date, head=head, missing=missing, over=now >= last.timestamp())

    def _add(self, day: Day, threads: ThreadPoolExecutor, has_time: Callable[[], bool]) -> tuple[int, bool]:
        """How many files are joined now, and whether these are all; at least some are, whatever the time."""
        head, lines = self._stored(day.date)
        # By now somebody else may have joined the same.
        missing = [key for key in day.missing if not head.closed and _name(*key) not in head.files]
        parts, added = [lines], 0
        for start in range(0, len(missing), _FILES):
            if start and not has_time():
                break
            some = missing[start : start + _FILES]
            parts.extend(threads.map(partial(self._selected, types=head.types), some))
            added += len(some)
        done = added == len(missing)
        closed = head.closed or (day.over and done)
        files = head.files | {_name(*key) for key in missing[:added]}
        head = replace(head, files=frozenset() if closed else files, closed=closed)
        content = b"".join((_written(head), *parts))
        self.bucket.write(self._key(day.date), gzip.compress(content, mtime=0), "application/gzip")
        return added, done

    def _selected(self, of: _Key, types: frozenset[str]) -> bytes:
        copied, key = of
        bucket = self.bucket.copies if copied and self.bucket.copies else self.bucket
        with bucket.open(key) as body, storage_errors(f"reading {bucket.url(key)}"):
            events = unpacked(body.read())
        return b"".join(_line(self._kept(event, copied)) for event in events if event.type in types)

    def _kept(self, event: Event, copied: bool) -> dict[str, Any]:
        kept = {name: getattr(event, name) for name in _KEPT}
        if not self.bucket.copies:
            return kept
        flags = {"fenced": True} if event.fenced and not copied else {}
        return {**kept, "claim": event.claim[:_CLAIM_DIGITS], **flags, **({"copied": True} if copied else {})}

    @property
    def _nothing(self) -> Head:
        return Head(types=self.types, claims=bool(self.bucket.copies))

    def _head(self, date: str) -> Head:
        """Of a file that is not there, or lacks events of some types: that nothing is joined yet."""
        key = self._key(date)
        try:
            with self.bucket.open(key) as body, storage_errors(f"reading {self.bucket.url(key)}"):
                return self._usable(gzip.GzipFile(fileobj=body).readline())
        except ObjectMissing:
            return self._nothing

    def _usable(self, line: bytes) -> Head:
        told = json.loads(line)
        types, claims = frozenset(told["types"]), bool(told.get("claims"))
        # What was joined before another region had events knows none of theirs, and is over if it is closed.
        if not types >= self.types or (self.bucket.copies and not claims and not told["closed"]):
            return self._nothing
        return Head(types=types, files=frozenset(told["files"]), closed=told["closed"], claims=claims)

    def _stored(self, date: str) -> tuple[Head, bytes]:
        """The day's file, as far as it can be gone on with, and its events."""
        try:
            line, lines = self._read(self._key(date))
        except ObjectMissing:
            return self._nothing, b""
        head = self._usable(line)
        return head, lines if head.files or head.closed else b""

    def _read(self, key: str) -> tuple[bytes, bytes]:
        """The first line, and the others."""
        with self.bucket.open(key) as body, storage_errors(f"reading {self.bucket.url(key)}"):
            head, _, lines = gzip.decompress(body.read()).partition(b"\n")
        return head, lines

    def _key(self, date: str) -> str:
        return f"{PREFIX}/use_case={self.use_case}/date={date}.jsonl.gz"


def _days(first: str, now: float) -> Iterator[str]:
    day, last = datetime.fromisoformat(first).date(), datetime.fromtimestamp(now, UTC).date()
    while day <= last:
        yield day.isoformat()
        day += timedelta(days=1)


def _once(lines: bytes) -> Iterator[Any]:
    """Events of this region, then of others those that it has not itself."""
    if _COPIED not in lines:
        yield from map(json.loads, io.BytesIO(lines))
        return
    others = {json.loads(line)["claim"] for line in io.BytesIO(lines) if line.endswith(_COPIED)}
    for line in io.BytesIO(lines):
        if not line.endswith(_COPIED):
            event = json.loads(line)
            others.discard(event.get("claim"))
            yield event
    for line in io.BytesIO(lines):
        if line.endswith(_COPIED) and (event := json.loads(line))["claim"] in others:
            others.remove(event["claim"])
            yield event


def _name(copied: bool, key: str) -> str:
    """Two regions give batches of the same events the same name."""
    return f"copied/{key.rpartition('/')[2]}" if copied else key.rpartition("/")[2]


def _written(head: Head) -> bytes:
    claims = {"claims": True} if head.claims else {}
    told = {"types": sorted(head.types), "files": sorted(head.files), "closed": head.closed}
    return _line(told | claims)


def _line(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"
