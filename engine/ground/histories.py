"""What each person touched, oldest first, as one flat table of rows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from engine.ground.arrays import Codes, Floats, Offsets
from engine.ground.errors import ConfigError

FAINT = 1e-3


@dataclass(frozen=True)
class Histories:
    """Row r holds `items[offsets[r]:offsets[r + 1]]`, oldest first, with a weight each."""

    offsets: Offsets
    items: Codes
    weights: Floats
    visits: Codes | None = None
    """the visit of each entry, what has the same second, rising within a row; None: each its own"""

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]]) -> "Histories":
        lengths = np.fromiter((len(row) for row in rows), np.int64, len(rows))
        items = np.fromiter((item for row in rows for item in row), np.int32, int(lengths.sum()))
        return cls(offsets_of(lengths), items, np.ones(len(items), np.float32))

    @classmethod
    def empty(cls, rows: int) -> "Histories":
        return cls(np.zeros(rows + 1, np.int64), np.empty(0, np.int32), np.empty(0, np.float32))

    @classmethod
    def stacked(cls, tables: Sequence["Histories"]) -> "Histories":
        """The rows of one table after those of the other."""
        lengths = np.concatenate([table.lengths for table in tables])
        items = np.concatenate([table.items for table in tables])
        return cls(offsets_of(lengths), items, np.concatenate([table.weights for table in tables]))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Offsets:
        return self.offsets[1:] - self.offsets[:-1]  # np.diff is slower for few rows

    @property
    def rows(self) -> Offsets:
        """The row of every entry."""
        return np.repeat(np.arange(len(self)), self.lengths)

    def slice(self, start: int, stop: int) -> "Histories":
        offsets = self.offsets[start : stop + 1]
        return self._entries(offsets - offsets[0], np.s_[offsets[0] : offsets[-1]])

    def _entries(self, offsets: Offsets, kept: Any) -> "Histories":
        """Those of a slice, of places or of a mask, as rows with these offsets."""
        visits = None if self.visits is None else self.visits[kept]
        return Histories(offsets, self.items[kept], self.weights[kept], visits)

    def take(self, rows: Codes | Offsets) -> "Histories":
        """These rows in this order; a negative row is empty."""
        if len(rows) == 1:
            return self._one(int(rows[0]))
        known = rows >= 0
        at = np.where(known, rows, 0)
        lengths = np.where(known, self.offsets[at + 1] - self.offsets[at], 0)
        offsets = offsets_of(lengths)
        entries = np.repeat(self.offsets[at] - offsets[:-1], lengths) + np.arange(offsets[-1])
        return self._entries(offsets, entries)

    def _one(self, row: int) -> "Histories":
        if row < 0:
            return Histories.empty(1)
        start, stop = int(self.offsets[row]), int(self.offsets[row + 1])
        return self._entries(np.array([0, stop - start]), np.s_[start:stop])

    def newest(self, most: int) -> "Histories":
        """Every row's last `most` items."""
        if self.lengths.max(initial=0) <= most:
            return self
        lengths = np.minimum(self.lengths, most)
        offsets = offsets_of(lengths)
        entries = np.repeat(self.offsets[1:] - offsets[1:], lengths) + np.arange(offsets[-1])
        return self._entries(offsets, entries)

    def oldest(self, most: int) -> "Histories":
        """Every row's first `most` items."""
        return self.between(0, most)

    def between(self, start: int, stop: int) -> "Histories":
        """Of every row the items at these places, as many as there are."""
        place = np.arange(len(self.items)) - self.offsets[:-1][self.rows]
        lengths = np.clip(self.lengths - start, 0, stop - start)
        return self._entries(offsets_of(lengths), (place >= start) & (place < stop))

    def joined(self, newer: "Histories") -> "Histories":
        """Row by row, `newer` appended; one that comes again keeps the newest place and largest weight."""
        whole = self.beside(newer)
        last = len(whole.items) - 1
        keys = whole.items[::-1]
        if len(self) > 1:
            keys = whole.rows[::-1] * (int(whole.items.max(initial=0)) + 1) + keys
        _, newest, place = np.unique(keys, return_index=True, return_inverse=True)
        if len(newest) > last:
            return whole
        strongest = np.full(len(newest), -np.inf, np.float32)
        np.maximum.at(strongest, place, whole.weights[::-1])
        weights = np.empty_like(whole.weights)
        weights[last - newest] = strongest
        kept = np.sort(last - newest)
        offsets = np.searchsorted(kept, whole.offsets)
        visits = None if whole.visits is None else whole.visits[kept]
        return Histories(offsets, whole.items[kept], weights[kept], visits)

    def beside(self, other: "Histories") -> "Histories":
        """Row by row both, `other` after the own; an item may come twice."""
        items = np.concatenate([self.items, other.items])
        weights = np.concatenate([self.weights, other.weights])
        offsets = self.offsets + other.offsets
        visits = None
        if self.visits is not None or other.visits is not None:
            after = np.zeros(len(self), np.int64)
            some = np.flatnonzero(self.lengths)
            after[some] = self.clock[self.offsets[1:][some] - 1] + 1
            visits = np.concatenate([self.clock, other.clock + after[other.rows]]).astype(np.int32)
        if len(self) == 1:
            return Histories(offsets, items, weights, visits)
        order = np.argsort(np.concatenate([self.rows, other.rows]), kind="stable")
        return Histories(offsets, items[order], weights[order], None if visits is None else visits[order])

    @property
    def clock(self) -> Offsets:
        """Per entry its visit, counting up within each row."""
        if self.visits is not None:
            return self.visits.astype(np.int64)
        return np.arange(len(self.items)) - self.offsets[:-1][self.rows]


@dataclass(frozen=True, kw_only=True)
class Recency:
    """The newest item of a history counts 1, older ones fall towards `floor`.

    What is of one visit has no order: each counts the mean of what their places would.
    """

    half_life: float = 25.0
    """in items, counted from the newest"""
    floor: float = 0.1

    def __post_init__(self) -> None:
        if not self.half_life > 0 or not 0 <= self.floor <= 1:
            raise ConfigError(f"recency needs half_life > 0 and floor in 0..1, got {self}")

    def weigh(self, histories: Histories) -> Histories:
        """Weights as of now; without a floor, old items that would count less than FAINT are left out."""
        if self.floor == 0:
            histories = histories.newest(math.ceil(-math.log2(FAINT) * self.half_life))
        if len(histories) == 1:
            factors = _fading(self.half_life, self.floor, len(histories.items))
        else:
            age = histories.offsets[1:][histories.rows] - 1 - np.arange(len(histories.items))
            factors = (self.floor + (1 - self.floor) * np.exp2(-age / self.half_life)).astype(np.float32)
        if histories.visits is not None and len(factors):
            factors = _evened(histories.offsets, histories.visits, factors)
        return replace(histories, weights=histories.weights * factors)


@lru_cache(maxsize=4096)
def _fading(half_life: float, floor: float, length: int) -> Floats:
    """What each item of one history counts, oldest first; shared by all of that length."""
    age = np.arange(length - 1, -1, -1)
    factors: Floats = (floor + (1 - floor) * np.exp2(-age / half_life)).astype(np.float32)
    return factors


def _evened(offsets: Offsets, visits: Codes, factors: Floats) -> Floats:
    """Within each visit the mean of its factors."""
    new = np.ones(len(visits) + 1, np.bool_)
    new[1:-1] = visits[1:] != visits[:-1]
    new[offsets] = True
    starts = np.flatnonzero(new)
    lengths = starts[1:] - starts[:-1]
    if len(lengths) == len(factors):
        return factors
    means: Floats = (np.add.reduceat(factors, starts[:-1]) / lengths).astype(np.float32)
    return np.repeat(means, lengths)


def offsets_of(lengths: Offsets) -> Offsets:
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def unit(histories: Histories) -> Histories:
    """Each row with its weights as a vector of length 1 (or of zeros)."""
    lengths = np.sqrt(np.bincount(histories.rows, histories.weights**2, len(histories)))
    scale = np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0)[histories.rows]
    return Histories(histories.offsets, histories.items, (histories.weights * scale).astype(np.float32))
