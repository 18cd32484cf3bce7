"""Scoring by an item x item matrix: a history's scores are the weighted sum of its items' rows."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.ground.arrays import Codes, Floats
from engine.ground.histories import Histories, Recency
from engine.ground.products import combined, many

MOST_ITEMS = 8_000
LEAST_DENSE = 0.04
"""neighbours of all pairs of items: from there on, adding up whole rows is faster than cells"""


@dataclass(frozen=True)
class ItemItemScorer:
    """Row i of `weights` says what having item i tells about every other item."""

    weights: Floats
    recency: Recency | None

    def scores(self, histories: Histories, users: Codes) -> Floats:
        return combined(self.recency.weigh(histories) if self.recency else histories, self.weights)

    def similar(self, items: Codes) -> Floats:
        return np.array(self.weights[items])


@dataclass(frozen=True)
class NeighbourScorer:
    """The same with only some neighbours kept: row i of `neighbours` lists them with their weights."""

    neighbours: Histories
    recency: Recency | None

    def scores(self, histories: Histories, users: Codes) -> Floats:
        weighted = self.recency.weigh(histories) if self.recency else histories
        if many(weighted):
            if self._table is not None:
                return combined(weighted, self._table)
            from engine.ground.sparse import matrix

            items = len(self.neighbours)
            product: Floats = (matrix(weighted, items) @ matrix(self.neighbours, items)).toarray()
            return product
        near = self.neighbours.take(weighted.items)
        strength = np.repeat(weighted.weights, near.lengths) * near.weights
        rows = np.repeat(weighted.rows, near.lengths) if len(weighted) > 1 else 0
        return scattered(rows, near.items, strength, (len(histories), len(self.neighbours)))

    @cached_property
    def _table(self) -> Floats | None:
        """With zeros, where it is small and not mostly zeros: many rows are scored faster with it."""
        items = len(self.neighbours)
        if not LEAST_DENSE <= len(self.neighbours.items) / max(items, 1) ** 2 or items > MOST_ITEMS:
            return None
        table = np.zeros((items, items), np.float32)
        table[self.neighbours.rows, self.neighbours.items] = self.neighbours.weights
        return table

    def similar(self, items: Codes) -> Floats:
        near = self.neighbours.take(items)
        return scattered(near.rows, near.items, near.weights, (len(items), len(self.neighbours)))


def scattered(
    rows: NDArray[np.int64] | int, columns: Codes, values: Floats, shape: tuple[int, int]
) -> Floats:
    """A dense block with the values, one per row and column given, summed into their cells."""
    places = rows * shape[1] + columns if shape[0] > 1 else columns
    flat = np.bincount(places, values, shape[0] * shape[1])
    return flat.astype(np.float32).reshape(shape)
