"""Events in PostgreSQL's binary COPY format, encoded by numpy: no Python object per row."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from sample_database.tables import Events

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
_POSTGRES_EPOCH = 946_684_800  # 2000-01-01T00:00:00Z


def rows(events: Events, kinds: tuple[str, ...]) -> Iterator[bytes]:
    """Tuples (bigint, bigint, [text,] timestamptz); rows of one kind stand together."""
    if not kinds:
        yield _rows(events, np.ones(len(events), dtype=bool), None)
        return
    for code, kind in enumerate(kinds):
        yield _rows(events, np.asarray(events.kinds == code), kind.encode())


def _rows(events: Events, chosen: np.ndarray[Any, np.dtype[np.bool_]], kind: bytes | None) -> bytes:
    fields: list[tuple[str, str]] = [
        ("count", ">i2"),
        ("subject_size", ">i4"),
        ("subject", ">i8"),
        ("object_size", ">i4"),
        ("object", ">i8"),
        ("time_size", ">i4"),
        ("time", ">i8"),
    ]
    if kind is not None:
        fields[5:5] = [("kind_size", ">i4"), ("kind", f"S{len(kind)}")]
    table = np.zeros(int(chosen.sum()), dtype=fields)
    table["count"] = 3 if kind is None else 4
    table["subject_size"] = table["object_size"] = table["time_size"] = 8
    table["subject"] = events.subjects[chosen]
    table["object"] = events.objects[chosen]
    table["time"] = (events.times[chosen] - _POSTGRES_EPOCH) * 1_000_000
    if kind is not None:
        table["kind_size"], table["kind"] = len(kind), kind
    return table.tobytes()
