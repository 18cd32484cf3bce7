"""Records that come one by one (PutEvents, PutItems, PutUsers), kept in the state file."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from personalize_server.data.avro_schema import Field
from personalize_server.state.connections import open_reader
from personalize_server.state.store import Store

_CHUNK = 50_000
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


INSERT = (
    "INSERT OR IGNORE INTO put_records "
    "(dataset, subject, cells, event_id, session, event_source, recommendation_id) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)"
)


ADOPT = (
    "UPDATE put_records SET subject = ?, session = NULL, cells = json_set(cells, '$.USER_ID', ?) "
    "WHERE dataset = ? AND session = ?"
)
"""what was done in a session before its user was known becomes the user's"""

INSERT_ALL = (
    "INSERT OR IGNORE INTO put_records "
    "(dataset, subject, cells, event_id, session, event_source, recommendation_id) "
    "SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6 "
    "FROM json_each(?) ORDER BY key"
)
"""INSERT for many at once: a JSON array of insert_values"""

ADOPT_ALL = (
    "UPDATE put_records SET subject = known.user, session = NULL, "
    "cells = json_set(cells, '$.USER_ID', known.user) FROM "
    "(SELECT value ->> 0 AS dataset, value ->> 1 AS session, value ->> 2 AS user FROM json_each(?)) AS known "
    "WHERE put_records.dataset = known.dataset AND put_records.session = known.session"
)
"""ADOPT for many at once: a JSON array of dataset, session and user"""


def insert_values(dataset: str, record: PutRecord) -> tuple[Any, ...]:
    row = (dataset, record.subject, json.dumps(record.cells), record.event_id, record.session)
    return (*row, record.event_source, record.recommendation_id)


def last_seq(store: Store, dataset: str) -> int:
    """The number of the dataset's newest record, 0 if it has none."""
    found = store.rows("SELECT max(seq) FROM put_records WHERE dataset = ?", dataset)
    return int(found[0][0] or 0)


def write_part(
    state_file: Path,
    dataset: str,
    fields: Sequence[Field],
    folder: Path,
    *,
    after: int = 0,
    until: int | None = None,
) -> bool:
    """A dataset's records with these numbers, in order, as a part on disk; False: there are none."""
    from personalize_server.data.cells import storage_of, values_of
    from personalize_server.data.columns import Column, PartWriter

    writer: PartWriter | None = None
    for rows in _chunks(state_file, dataset, after, until):
        if writer is None:
            writer = PartWriter(folder, [Column(field.name, storage_of(field)) for field in fields])
        cells = {field.name: [row.get(field.name, "") for row in rows] for field in fields}
        writer.append({field.name: values_of(field, cells[field.name]) for field in fields}, len(rows))
    if writer is not None:
        writer.close()
    return writer is not None


def _chunks(state_file: Path, dataset: str, after: int, until: int | None) -> Iterator[list[dict[str, str]]]:
    db = open_reader(state_file)
    try:
        sql = (
            "SELECT cells FROM put_records WHERE dataset = ? AND whole AND seq > ? AND seq <= ? ORDER BY seq"
        )
        last = _LARGEST if until is None else until
        rows = (json.loads(row[0]) for row in db.execute(sql, (dataset, after, last)))
        while chunk := list(islice(rows, _CHUNK)):
            yield chunk
    finally:
        db.close()
