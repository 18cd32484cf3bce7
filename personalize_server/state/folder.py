"""What a state file says of the folder that it is in, before anybody serves from it."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from personalize_server.disk.wal import lost_commits

_VERSIONS_AT, _WITHOUT_LOG = 18, b"\x01\x01"
"""Of SQLite's file format (1.3): who may write and read the file."""


@dataclass(frozen=True)
class Folder:
    """What the state says. closed: whether the server that opened it last has written its last word.

    lost: transactions that its log has, and that cannot be read; one of them may be the machine's end.
    commits: how many there were; None: of a server that did not count them.
    """

    identity: str
    opened: int
    closed: bool
    lost: int
    commits: int | None


def folder_of(state: Path, wal: Path) -> Folder | None:
    """None: of a server that did not know of this. Raises: sqlite3.Error, if it cannot be read."""
    # With neither log nor server, SQLite would make files of its own only to look.
    how = "mode=ro" if is_there(wal) else "immutable=1"
    with closing(sqlite3.connect(f"file:{state}?{how}", uri=True)) as db:
        try:
            found = db.execute("SELECT identity, opened, closed FROM folder").fetchone()
            lost = lost_commits(wal, state.with_name(f"{state.name}-shm")) if is_there(wal) else 0
        except sqlite3.OperationalError:
            db.execute("SELECT arn FROM resources LIMIT 1")
            return None
        try:
            [(commits,)] = db.execute("SELECT commits FROM clock")
        except sqlite3.OperationalError:
            commits = None
    identity, opened, closed = found
    return Folder(identity, opened, bool(closed), lost, commits)


def opened_alone(state: Path) -> int | None:
    """As the file has it without its log; None: it does not say, or was being written when a server ended."""
    try:
        with closing(sqlite3.connect(f"file:{state}?immutable=1", uri=True)) as db:
            [(opened,)] = db.execute("SELECT opened FROM folder")
    except sqlite3.Error:
        return None
    return int(opened)


def has_no_log(state: Path) -> bool:
    """As those of backups."""
    with state.open("rb") as file:
        file.seek(_VERSIONS_AT)
        return file.read(2) == _WITHOUT_LOG


def wal_of(state: Path) -> Path:
    return state.with_name(f"{state.name}-wal")


def is_there(file: Path) -> bool:
    return file.is_file() and file.stat().st_size > 0
