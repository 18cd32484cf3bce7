"""What each person was shown and did on one day, as arrays and as a checked object of some megabytes.

People are 64 bits of a hash of their id: ids do not leave the events.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline import formats
from pipeline.errors import MeasurementBroken

_NEWLINE = b"\n"


@dataclass(frozen=True, eq=False)
class CountedDay:
    """A row for each person, arm and version of the experiment ("" and 0 without).

    people: hashes. arms: indices of arm_names. first: seconds since 1970 of the first event. counts: rows x
    columns, of (type, source of the list) each. fingerprint: of the objects they were counted from.
    unreadable: lines that were left out.
    """

    day: str
    fingerprint: str
    arm_names: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]
    people: NDArray[np.uint64]
    arms: NDArray[np.uint8]
    versions: NDArray[np.uint32]
    first: NDArray[np.uint32]
    counts: NDArray[np.uint32]
    unreadable: int = 0

    def column(self, types: tuple[str, ...], sources: tuple[str, ...]) -> NDArray[np.int64]:
        """Of each row, the counts of these types (and sources, if any) together."""
        wanted = [t in types and (not sources or s in sources) for t, s in self.columns]
        total: NDArray[np.int64] = self.counts[:, wanted].sum(axis=1, dtype=np.int64)
        return total


def packed(counted: CountedDay) -> bytes:
    """A line of JSON, then the arrays, compressed; the same day makes the same bytes."""
    body = b"".join(np.ascontiguousarray(part).tobytes() for part in _arrays(counted))
    header = {
        formats.FORMAT: formats.NEWEST,
        "day": counted.day,
        "fingerprint": counted.fingerprint,
        "arms": counted.arm_names,
        "columns": counted.columns,
        "rows": len(counted.people),
        "unreadable": counted.unreadable,
        "sha256": hashlib.sha256(body).hexdigest(),
    }
    return json.dumps(header, separators=(",", ":")).encode() + _NEWLINE + zlib.compress(body, 1)


def unpacked(content: bytes, what: str) -> CountedDay:
    """what: it is, for the message. Raises: MeasurementBroken, if it is not whole; UnknownFormat."""
    try:
        first_line, _, compressed = content.partition(_NEWLINE)
        header = formats.known(json.loads(first_line), what)
        body = zlib.decompress(compressed)
        if hashlib.sha256(body).hexdigest() != header["sha256"]:
            raise ValueError("its checksum is another")
        return _read(header, body)
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        raise MeasurementBroken(f"{what} is not whole: {error}") from error


def _read(header: Any, body: bytes) -> CountedDay:
    rows, columns = header["rows"], tuple((kind, source) for kind, source in header["columns"])
    kinds = [(np.uint64, rows), (np.uint8, rows), (np.uint32, rows), (np.uint32, rows)]
    parts: list[NDArray[Any]] = []
    offset = 0
    for kind, length in [*kinds, (np.uint32, rows * len(columns))]:
        parts.append(np.frombuffer(body, kind, length, offset))
        offset += parts[-1].nbytes
    people, arms, versions, first, counts = parts
    return CountedDay(
        header["day"],
        header["fingerprint"],
        tuple(header["arms"]),
        columns,
        people,
        arms,
        versions,
        first,
        counts.reshape(rows, len(columns)),
        header["unreadable"],
    )


def _arrays(counted: CountedDay) -> tuple[NDArray[Any], ...]:
    return counted.people, counted.arms, counted.versions, counted.first, counted.counts
