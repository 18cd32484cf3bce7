"""Events on their way to disk: all that wait are written in one transaction and synced once."""

import asyncio
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from personalize_server.state.connections import WriteTurn, open_writer
from personalize_server.state.put_records import PutRecord, insert_and_adopt

_MOST_AT_ONCE = 500
"""requests in one transaction"""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    """The records of one request; what was done in its session before becomes its user's."""

    dataset: str
    records: Sequence[PutRecord]
    session: str
    user: str | None


class EventLog:
    """Asked on the event loop; writes in a thread, on a connection of its own."""

    def __init__(self, state_file: Path) -> None:
        self._db = open_writer(state_file)
        self._turn = WriteTurn(state_file)
        self._queue: SimpleQueue[tuple[Entry, asyncio.Future[None]] | None] = SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._write_on, name="event log", daemon=True)
        self._thread.start()

    async def write(self, entry: Entry) -> None:
        """Returns when it is on disk. Raises: what SQLite does."""
        written = self._loop.create_future()
        self._queue.put((entry, written))
        await written

    def close(self) -> None:
        """What was asked for is written before."""
        self._queue.put(None)
        self._thread.join()
        self._db.close()
        self._turn.close()

    def _write_on(self) -> None:
        going = True
        while going:
            waiting = [self._queue.get()]
            while len(waiting) < _MOST_AT_ONCE:
                try:
                    waiting.append(self._queue.get_nowait())
                except Empty:
                    break
            going = None not in waiting
            group = [asked for asked in waiting if asked is not None]
            if group:
                failures = self._written([entry for entry, _ in group])
                futures = [future for _, future in group]
                self._loop.call_soon_threadsafe(_settle, futures, failures)

    def _written(self, entries: Sequence[Entry]) -> list[Exception | None]:
        """Why each of them failed; None: it is on disk."""
        try:
            self._transaction(entries)
            return [None] * len(entries)
        except Exception as problem:
            if len(entries) == 1:
                return [problem]
            _log.warning("events written one by one", extra={"reason": str(problem)})
            return [self._written([entry])[0] for entry in entries]

    def _transaction(self, entries: Sequence[Entry]) -> None:
        records = [(entry.dataset, record) for entry in entries for record in entry.records]
        known = [(entry.dataset, entry.session, entry.user) for entry in entries if entry.user is not None]
        with self._turn:
            insert_and_adopt(self._db, records, known)


def _settle(futures: Sequence["asyncio.Future[None]"], failures: Sequence[Exception | None]) -> None:
    for future, failure in zip(futures, failures, strict=True):
        if future.cancelled():
            continue
        if failure is None:
            future.set_result(None)
        else:
            future.set_exception(failure)
