"""Connections to the state file; several processes may have theirs."""

import fcntl
import sqlite3
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

_PATIENCE_SECONDS = 60.0
"""how long to wait for another process's transaction"""


def open_writer(path: Path) -> sqlite3.Connection:
    """What a transaction changed is on disk when it ends."""
    db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=_PATIENCE_SECONDS)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA secure_delete = ON")  # whatever SQLite was built with
    return db


def open_reader(path: Path) -> sqlite3.Connection:
    """Only reads, and is not held up by writers."""
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, check_same_thread=False, isolation_level=None)


class WriteTurn:
    """`with` it around a transaction that writes: who has waited longest writes next.

    Alone, SQLite lets those who wait try again at times of their own: where others write all the time, one
    may find the file locked for seconds. What a process that dies has locked, the system releases.
    """

    def __init__(self, path: Path) -> None:
        """`path` is the state file's; each connection has a turn of its own."""
        with ExitStack() as opened:
            self._next = opened.enter_context(path.with_name(f"{path.name}-next").open("w"))
            self._writes = opened.enter_context(path.with_name(f"{path.name}-writes").open("w"))
            self._opened = opened.pop_all()

    def __enter__(self) -> None:
        fcntl.flock(self._next, fcntl.LOCK_EX)
        try:
            fcntl.flock(self._writes, fcntl.LOCK_EX)
        finally:
            fcntl.flock(self._next, fcntl.LOCK_UN)

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        fcntl.flock(self._writes, fcntl.LOCK_UN)

    def close(self) -> None:
        self._opened.close()
