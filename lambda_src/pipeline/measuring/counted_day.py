"""What each person was shown and did on one day, as arrays and as a checked object of some megabytes.

People are 64 bits of a hash of their id: ids do not leave the events.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline import formats
from pipeline.errors import MeasurementBroken
from pipeline.measuring.experiment import LISTS
from pipeline.tracking.event import IMPRESSION

_NO_ARM = ""
_HASH_BYTES = 8
_TOO_LARGE = 1 << 32
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


def count(day: str, fingerprint: str, objects: Iterable[bytes]) -> CountedDay:
    """objects: JSON Lines of events, compressed; the same ones in the same order give the same."""
    rows: dict[tuple[str, str, int], int] = {}
    columns: dict[tuple[str, str], int] = {}
    lists: set[str] = set()
    row_of, column_of, moments = array("I"), array("I"), array("I")
    unreadable = 0
    for content in objects:
        for line in gzip.decompress(content).splitlines():
            try:
                event = json.loads(line)
                kind, source, moment = event["type"], event["source"], event["timestamp"]
                user, shown_in = event.get("user_id"), event.get("recommendation_id")
                person = f"session\0{event['session_id']}" if user is None else f"user\0{user}"
                key = (person, event.get("arm", _NO_ARM), event.get("experiment", 0))
                if not _well_formed(kind, source, key, moment, shown_in):
                    raise ValueError(line)
            except (ValueError, KeyError, TypeError, AttributeError):
                unreadable += 1
                continue
            row = rows.setdefault(key, len(rows))
            row_of.append(row)
            column_of.append(columns.setdefault((kind, source), len(columns)))
            moments.append(moment)
            if kind == IMPRESSION and shown_in is not None and shown_in not in lists:
                lists.add(shown_in)
                row_of.append(row)
                column_of.append(columns.setdefault((LISTS, source), len(columns)))
                moments.append(moment)
    places = np.frombuffer(row_of, np.uint32), np.frombuffer(column_of, np.uint32)
    return _arranged(day, fingerprint, rows, columns, places, np.frombuffer(moments, np.uint32), unreadable)


def _arranged(
    day: str,
    fingerprint: str,
    rows: dict[tuple[str, str, int], int],
    columns: dict[tuple[str, str], int],
    places: tuple[NDArray[np.uint32], NDArray[np.uint32]],
    moments: NDArray[np.uint32],
    unreadable: int,
) -> CountedDay:
    arm_names = tuple(sorted({arm for _, arm, _ in rows}))
    index = {arm: number for number, arm in enumerate(arm_names)}
    size, width = len(rows), len(columns)
    cells = places[0].astype(np.int64) * width + places[1]
    counts = np.bincount(cells, minlength=size * width).reshape(size, width).astype(np.uint32)
    first = np.full(size, np.iinfo(np.uint32).max, np.uint32)
    np.minimum.at(first, places[0], moments)
    people = np.fromiter((_hash(person) for person, _, _ in rows), np.uint64, size)
    arms = np.fromiter((index[arm] for _, arm, _ in rows), np.uint8, size)
    versions = np.fromiter((version for _, _, version in rows), np.uint32, size)
    order = np.lexsort((versions, arms, people))
    named = sorted(columns)
    return CountedDay(
        day,
        fingerprint,
        arm_names,
        tuple(named),
        people[order],
        arms[order],
        versions[order],
        first[order],
        counts[order][:, [columns[name] for name in named]],
        unreadable,
    )


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


def _well_formed(kind: Any, source: Any, key: tuple[str, Any, Any], moment: Any, shown_in: Any) -> bool:
    return (
        type(kind) is str is type(source) is type(key[1])
        and type(key[2]) is int is type(moment)
        and 0 <= moment < _TOO_LARGE
        and 0 <= key[2] < _TOO_LARGE
        and (shown_in is None or type(shown_in) is str)
    )


def _hash(person: str) -> int:
    return int.from_bytes(hashlib.blake2b(person.encode(), digest_size=_HASH_BYTES).digest(), "little")
