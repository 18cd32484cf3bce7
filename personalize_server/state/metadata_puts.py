"""What PutItems, PutUsers and PutActions have brought, and when: campaigns look for it while they answer."""

import json
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

from personalize_server.state.store import Store

BLOCK = 10_000
"""records; images are made anew after so many, lest what is put on top of them grows without end"""
_DAY = 86_400
_OF = "dataset = ? AND dataset NOT GLOB '*INTERACTIONS'"
"""the condition of the index put_records_of_metadata, which the query planner looks for"""


@dataclass(frozen=True)
class Put:
    seq: int
    cells: Mapping[str, str]


def note_put(store: Store, dataset: str, count: int, now: float) -> None:
    """To be called in the transaction that puts `count` records, before it does."""
    [newest] = store.query("SELECT max(at), max(total) FROM metadata_puts WHERE dataset = ?", dataset)
    at = max(int(now), newest[0] or 0)
    sql = (
        "INSERT INTO metadata_puts (dataset, at, first_seq, total) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (dataset, at) DO UPDATE SET total = excluded.total"
    )
    store.execute(sql, dataset, at, last_put(store, dataset) + 1, (newest[1] or 0) + count)
    forget = (
        "DELETE FROM metadata_puts WHERE dataset = ?1 AND at < "
        "(SELECT max(at) FROM metadata_puts WHERE dataset = ?1 AND at < ?2)"
    )
    store.execute(forget, dataset, at - _DAY)


def put_blocks(store: Store, dataset: str) -> int:
    """How many full blocks of records the dataset has been given one by one."""
    [total] = store.query("SELECT max(total) FROM metadata_puts WHERE dataset = ?", dataset)
    return int(total[0] or 0) // BLOCK


def last_put(store: Store, dataset: str) -> int:
    """The number of the dataset's newest record, 0 if it has none."""
    [found] = store.query(f"SELECT max(seq) FROM put_records WHERE {_OF}", dataset)
    return int(found[0] or 0)


def puts_after(store: Store, dataset: str, seq: int) -> list[Put]:
    """In the order they came."""
    sql = f"SELECT seq, cells FROM put_records WHERE {_OF} AND seq > ? ORDER BY seq"
    return [Put(row[0], json.loads(row[1])) for row in store.query(sql, dataset, seq)]


class Arrivals:
    """When the records of a dataset came, to the second; 0: longer ago than a day."""

    def __init__(self, store: Store, dataset: str) -> None:
        self._store = store
        self._dataset = dataset
        sql = "SELECT first_seq, at FROM metadata_puts WHERE dataset = ? ORDER BY at"
        rows = store.query(sql, dataset)
        self._firsts = [row[0] for row in rows]
        self._times = [0.0, *(float(row[1]) for row in rows)]

    def of_record(self, seq: int) -> float:
        return self._times[bisect_right(self._firsts, seq)]

    def of_subject(self, subject: str) -> float | None:
        """When the first record about it came; None: none did."""
        sql = "SELECT min(seq) FROM put_records WHERE dataset = ? AND subject = ?"
        [found] = self._store.query(sql, self._dataset, subject)
        return None if found[0] is None else self.of_record(found[0])
