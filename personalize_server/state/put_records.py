"""Records that come one by one (PutEvents, PutItems, PutUsers, ...), in the order of their numbers."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from personalize_server.state.connections import open_reader
from personalize_server.state.store import Store

_LARGEST = 2**63 - 1


@dataclass(frozen=True)
class PutRecord:
    """A row of a dataset: its cells as a CSV would have them, by column."""

    subject: str
    """whom it is about: the user of an event, else the id of the record"""
    cells: Mapping[str, str]
    event_id: str | None = None
    """a second event with the same id does not count"""
    session: str | None = None
    """set while the user of the session is not known"""
    event_source: str | None = None
    """what the event itself says it came from"""
    recommendation_id: str | None = None


class PutEvent(NamedTuple):
    """What is kept of an event."""

    cells: Mapping[str, str]
    event_source: str | None
    recommendation_id: str | None


_INSERT = (
    "INSERT OR IGNORE INTO put_records "
    "(dataset, subject, cells, event_id, session, event_source, recommendation_id) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_ADOPT = (
    "UPDATE put_records SET subject = ?, session = NULL, cells = json_set(cells, '$.USER_ID', ?) "
    "WHERE dataset = ? AND session = ?"
)
_INSERT_ALL = (
    "INSERT OR IGNORE INTO put_records "
    "(dataset, subject, cells, event_id, session, event_source, recommendation_id) "
    "SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6 "
    "FROM json_each(?) ORDER BY key"
)
"""_INSERT for many at once: a JSON array of rows"""
_ADOPT_ALL = (
    "UPDATE put_records SET subject = known.user, session = NULL, "
    "cells = json_set(cells, '$.USER_ID', known.user) FROM "
    "(SELECT value ->> 0 AS dataset, value ->> 1 AS session, value ->> 2 AS user FROM json_each(?)) AS known "
    "WHERE put_records.dataset = known.dataset AND put_records.session = known.session"
)
"""_ADOPT for many at once: a JSON array of dataset, session and user"""


def insert(store: Store, dataset: str, records: Sequence[PutRecord]) -> None:
    """All or none. Raises: sqlite3.IntegrityError, if the dataset has been deleted."""
    with store.transaction():
        for record in records:
            store.execute(_INSERT, *_row(dataset, record))


def adopt(store: Store, dataset: str, session: str, user: str) -> None:
    """What was done in a session before its user was known becomes the user's."""
    store.execute(_ADOPT, user, user, dataset, session)


def insert_and_adopt(
    db: sqlite3.Connection,
    records: Sequence[tuple[str, PutRecord]],
    known: Sequence[tuple[str, str, str]],
) -> None:
    """The same for many at once, in one transaction; `records` with their datasets.

    `known` are datasets, sessions and the users whom these have turned out to be of. In few statements,
    however many records: after each, SQLite waits for its turn among threads.
    Raises: what SQLite does.
    """
    rows = json.dumps([_row(dataset, record) for dataset, record in records])
    db.execute("BEGIN IMMEDIATE")
    try:
        db.execute(_INSERT_ALL, (rows,))
        db.execute(_ADOPT_ALL, (json.dumps(known),))
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def delete_of_subject(store: Store, dataset: str, subject: str) -> int:
    """How many records it had."""
    return store.execute("DELETE FROM put_records WHERE dataset = ? AND subject = ?", dataset, subject)


def last_seq(store: Store, dataset: str) -> int:
    """The number of the dataset's newest record, 0 if it has none."""
    found = store.query("SELECT max(seq) FROM put_records WHERE dataset = ?", dataset)
    return int(found[0][0] or 0)


def newest_seq(store: Store) -> int:
    """The number of the newest record of all datasets, 0 if there is none."""
    found: int = store.query("SELECT coalesce(max(seq), 0) FROM put_records")[0][0]
    return found


def newest_time(state_file: Path, dataset: str) -> float:
    """The latest TIMESTAMP of the dataset's records (s since 1970), 0 if it has none.

    It looks through all of them, on a connection of its own, so that nobody waits for it.
    """
    sql = "SELECT max(json_extract(cells, '$.TIMESTAMP') + 0) FROM put_records WHERE dataset = ?"
    with closing(open_reader(state_file)) as db:
        [newest] = db.execute(sql, (dataset,)).fetchone()
    return float(newest or 0.0)


def seq_after(store: Store, dataset: str, after: int, until: int, count: int) -> int:
    """The number of the dataset's `count`-th record after `after`; `until` if there are fewer before it."""
    records = "FROM put_records WHERE dataset = ? AND seq > ? AND seq <= ?"
    sql = f"SELECT seq {records} ORDER BY seq LIMIT 1 OFFSET ?"
    found = store.query(sql, dataset, after, until, count - 1)
    return int(found[0][0]) if found else until


class EventReader:
    """Of many events, on a connection of its own, so that nobody waits for it."""

    def __init__(self, state_file: Path) -> None:
        self._db = open_reader(state_file)

    def close(self) -> None:
        self._db.close()

    def between(self, dataset: str, after: int, until: int) -> Iterator[PutEvent]:
        """The dataset's events with numbers above `after`, up to `until`."""
        sql = (
            "SELECT cells, event_source, recommendation_id FROM put_records "
            "WHERE dataset = ? AND seq > ? AND seq <= ? ORDER BY seq"
        )
        for cells, source, recommendation in self._db.execute(sql, (dataset, after, until)):
            yield PutEvent(json.loads(cells), source, recommendation)


def whole_cells(
    state_file: Path, dataset: str, *, after: int, until: int | None, chunk: int
) -> Iterator[list[dict[str, str]]]:
    """Cells of the dataset's records with numbers above `after`, up to `until`; `chunk` of them at once.

    Of events only those that have an item.
    """
    sql = "SELECT cells FROM put_records WHERE dataset = ? AND whole AND seq > ? AND seq <= ? ORDER BY seq"
    last = _LARGEST if until is None else until
    with closing(open_reader(state_file)) as db:
        rows = (json.loads(row[0]) for row in db.execute(sql, (dataset, after, last)))
        while cells := list(islice(rows, chunk)):
            yield cells


def _row(dataset: str, record: PutRecord) -> tuple[Any, ...]:
    """In the order of the columns that are inserted."""
    row = (dataset, record.subject, json.dumps(record.cells), record.event_id, record.session)
    return (*row, record.event_source, record.recommendation_id)
