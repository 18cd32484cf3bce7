"""Distinct ids among millions, in memory that grows with the distinct ones and not with the rows."""

from __future__ import annotations

import numpy as np

from pipeline.extract.words import Positions, Words

_PENDING = 1 << 19
_NONE: Words = np.empty(0, np.uint64)


class DistinctIds:
    """Counts distinct hashes, and those that came at least twice; keeps each at most twice, sorted."""

    def __init__(self, *, pending: int = _PENDING) -> None:
        self._seen = _NONE
        self._pending: list[Words] = []
        self._waiting = 0
        self._limit = pending

    def add(self, hashes: Words) -> None:
        self._pending.append(hashes)
        self._waiting += hashes.size
        if self._waiting >= max(self._limit, self._seen.size // 2):
            self._merge()

    def counts(self) -> tuple[int, int]:
        """How many distinct ids there are, and how many of them came at least twice."""
        self._merge()
        if not self._seen.size:
            return 0, 0
        repeated = int(np.count_nonzero(self._seen[1:] == self._seen[:-1]))
        return self._seen.size - repeated, repeated

    def _merge(self) -> None:
        parts = [self._seen, *self._pending]
        self._seen, self._pending, self._waiting = _NONE, [], 0
        merged = np.concatenate(parts)
        del parts
        merged.sort()
        kept = np.ones(merged.size, bool)
        np.not_equal(merged[2:], merged[:-2], out=kept[2:])
        self._seen = merged[kept]


class Repeats:
    """Which lines repeat an id of an earlier line; keeps a hash and a line number per row."""

    def __init__(self) -> None:
        self._hashes: list[Words] = []
        self._lines: list[Positions] = []
        self._repeating: Words | None = None

    def add(self, hashes: Words, lines: Positions) -> None:
        self._hashes.append(hashes)
        self._lines.append(lines)
        self._repeating = None

    def count(self) -> int:
        return int(self._found().size)

    def ids(self, limit: int) -> Words:
        """Hashes of ids that repeat, so many at most."""
        repeated: Words = np.unique(self._found())[:limit]
        return repeated

    def first(self, limit: int) -> list[tuple[int, int]]:
        """(line, the earlier line with the same id), by line."""
        lines = np.concatenate((np.empty(0, np.int64), *self._lines))
        _, first_row, which = np.unique(self._joined(), return_index=True, return_inverse=True)
        repeating = np.flatnonzero(first_row[which] != np.arange(lines.size))[:limit]
        return [(int(lines[row]), int(lines[first_row[which[row]]])) for row in repeating]

    def _found(self) -> Words:
        """The hash of each repeating line, sorted."""
        if self._repeating is None:
            hashes = np.sort(self._joined())
            self._repeating = hashes[1:][hashes[1:] == hashes[:-1]]
        return self._repeating

    def _joined(self) -> Words:
        return np.concatenate((_NONE, *self._hashes))
