"""What was touched after what, decayed by age: the two products of a regression of the next item.

A row of F is a history up to some moment and the same row of Y what was touched next. Of two items of one
person, the pair is in Y'F once, and in F'F in all rows from the newer one on, ever fainter: a geometric
series. So both are summed pair by pair, for some items after the other, lag by lag, and F itself is never
there. Items touched in the same second have no order: chance decides it in F, and in Y'F they follow each
other half in each direction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil, log2

import numpy as np
from numpy.typing import NDArray

from engine.data.interactions import Interactions
from engine.ground.arrays import Codes, Floats, Offsets
from engine.ground.histories import FAINT, offsets_of

Places = NDArray[np.int64]
CELLS = 1 << 18
"""of a table that is summed into: it stays in a processor's cache"""


@dataclass(frozen=True)
class Block:
    """Features of one half-life."""

    half_life: float
    first: int
    """its first feature"""
    items: Codes
    """of its features"""
    place: Codes
    """per item its place among `items`, -1 where it has none"""

    @property
    def columns(self) -> slice:
        return slice(self.first, self.first + len(self.items))

    @property
    def decay(self) -> float:
        return float(2 ** (-1 / self.half_life))

    @property
    def lags(self) -> int:
        """So many items back still count: where serving stops too."""
        return ceil(-log2(FAINT) * self.half_life)

    @property
    def fading(self) -> Floats:
        """What an item counts, by its age."""
        fading: Floats = (self.decay ** np.arange(self.lags)).astype(np.float32)
        return fading


@dataclass(frozen=True)
class _Sequences:
    """All events by user, oldest first."""

    pairs: Interactions

    @cached_property
    def _bounds(self) -> tuple[Offsets, Offsets]:
        counts = np.bincount(self.pairs.users, minlength=len(self.pairs.user_ids))
        offsets = offsets_of(counts)
        return np.repeat(offsets[:-1], counts), np.repeat(offsets[1:], counts)

    @cached_property
    def place(self) -> Codes:
        """Of each event in its user's sequence."""
        return (np.arange(len(self.pairs)) - self._bounds[0]).astype(np.int32)

    @cached_property
    def left(self) -> Codes:
        """Rows of F from each event on: the newest is in none."""
        return (self._bounds[1] - 1 - np.arange(len(self.pairs))).astype(np.int32)

    @cached_property
    def plain(self) -> bool:
        """Do all events count 1?"""
        return bool((self.pairs.weights == 1).all())


def counted(pairs: Interactions, blocks: Sequence[Block]) -> tuple[Floats, Floats]:
    """Half of F'F (features x features; F'F is this and its transpose together) and Y'F (items x features).

    pairs: by user, oldest first.
    """
    items, size = len(pairs.item_ids), blocks[-1].first + len(blocks[-1].items)
    sequences = _Sequences(pairs)
    targets, products = np.zeros((items, size), np.float32), np.zeros((size, size), np.float32)
    order = np.argsort(pairs.items, kind="stable")
    starts = np.searchsorted(pairs.items[order], np.arange(items + 1))
    features = [
        np.where(one.place >= 0, one.place, len(one.items)).astype(np.int32)[pairs.items] for one in blocks
    ]
    rows = max(CELLS // size, 1)

    for start in range(0, items, rows):
        stop = min(start + rows, items)
        own = order[starts[start] : starts[stop]]
        own = own[np.argsort(-sequences.place[own], kind="stable")]
        for at, block in enumerate(blocks):
            followed, met = _summed(sequences, own, (start, stop), blocks, block, features[at])
            targets[start:stop, block.columns] = followed
            for one, table in zip(blocks, met, strict=True):
                place = one.place[start:stop]
                products[place[place >= 0] + one.first, block.columns] = table[place >= 0]
    _add_alone(products, sequences, blocks)
    for block in blocks:
        _share_ties(targets, sequences, block)
    return products, targets


def _summed(
    sequences: _Sequences,
    newer: Places,
    items: tuple[int, int],
    blocks: Sequence[Block],
    block: Block,
    features: Codes,
) -> tuple[Floats, list[Floats]]:
    """Some items x features of the block: Y'F, and what is in F'F, with the newer item's features of each of
    the blocks.

    newer: events of these items, the longest histories first. features: of every event, in the block.
    """
    width = len(block.items) + 1  # the last is of items without a feature
    tables = np.zeros((1 + len(blocks), items[1] - items[0], width), np.float32)
    flat = tables.reshape(len(tables), -1)
    row = (sequences.pairs.items[newer].astype(np.int64) - items[0]) * width
    place = sequences.place[newer]
    lasting = [series(one.decay * block.decay, sequences.left[newer]) for one in blocks]
    lengths = np.searchsorted(-place, -np.arange(1, block.lags + 1), side="right")
    for lag, count in enumerate(lengths.tolist(), start=1):
        if not count:
            break
        older = newer[:count] - lag
        cells = row[:count] + features[older]
        value: Floats | np.float32 = np.float32(block.decay**lag)
        if not sequences.plain:
            value = value * sequences.pairs.weights[older] * sequences.pairs.weights[newer[:count]]
        np.add.at(flat[0], cells, value)
        for table, rows in zip(flat[1:], lasting, strict=True):
            np.add.at(table, cells, value * rows[:count])
    tables = tables[:, :, :-1]
    return tables[0] / np.float32(block.decay), list(tables[1:])


def series(decay: float, left: Codes) -> Floats:
    """The sum of a geometric series: a pair of items is in all rows of F that are left, ever fainter."""
    rows = np.arange(int(left.max(initial=0)) + 1)
    sums: Floats = ((1 - decay**rows) / (1 - decay)).astype(np.float32)
    return sums[left]


def _add_alone(products: Floats, sequences: _Sequences, blocks: Sequence[Block]) -> None:
    """What each event counts with itself; half of it on the diagonal, which is there twice."""
    pairs = sequences.pairs
    for one in blocks:
        for other in blocks:
            if other.first > one.first:
                continue
            alone = series(one.decay * other.decay, sequences.left) * pairs.weights**2
            sums = np.bincount(pairs.items, alone, len(pairs.item_ids)) * (0.5 if one is other else 1)
            both = np.flatnonzero((one.place >= 0) & (other.place >= 0))
            products[one.place[both] + one.first, other.place[both] + other.first] += sums[both]


def _share_ties(targets: Floats, sequences: _Sequences, block: Block) -> None:
    """Of what followed in the same second, half in the other direction."""
    pairs = sequences.pairs
    tied = (pairs.times[1:] == pairs.times[:-1]) & (sequences.place[1:] > 0)  # with what comes next
    older = np.flatnonzero(tied)
    for lag in range(block.lags):
        newer = older + lag + 1
        half = np.float32(0.5 * block.fading[lag]) * pairs.weights[older] * pairs.weights[newer]
        _add(targets, block, pairs.items[newer], pairs.items[older], -half)
        _add(targets, block, pairs.items[older], pairs.items[newer], half)
        older = older[newer < len(tied)]
        older = older[tied[older + lag + 1]]
        if not len(older):
            break


def _add(targets: Floats, block: Block, followers: Codes, before: Codes, values: Floats) -> None:
    features = block.place[before]
    known = np.flatnonzero(features >= 0)
    np.add.at(targets, (followers[known], features[known] + block.first), values[known])
