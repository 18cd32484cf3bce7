"""Connections to the state file; several processes may have theirs."""

import sqlite3
from pathlib import Path

_PATIENCE_SECONDS = 60.0
"""how long to wait for another process's transaction"""


def open_writer(path: Path) -> sqlite3.Connection:
    """What a transaction changed is on disk when it ends."""
    db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=_PATIENCE_SECONDS)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA foreign_keys = ON")
    return db


def open_reader(path: Path) -> sqlite3.Connection:
    """Only reads, and is not held up by writers."""
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, check_same_thread=False, isolation_level=None)
