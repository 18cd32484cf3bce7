"""Scoring by what the nearest other people touched."""

from dataclasses import dataclass

import numpy as np

from engine.ground.arrays import Codes, Floats
from engine.ground.histories import Histories, unit
from engine.ground.products import combined, many
from engine.ground.ranking import top
from engine.scorers.clusters import Clusters
from engine.scorers.item_item import scattered

BLOCK = 64
NOISE = 1e-5
"""a cosine that may be rounding"""
GRID = np.float32(2**18)
"""cosines that differ by less than its inverse are the same, so that rounding does not choose among equals"""

Found = tuple[Codes, Codes, Floats]
"""(row, neighbour's code, similarity), one entry per neighbour"""


@dataclass(frozen=True)
class UserNeighboursScorer:
    """Exact with `fans`, approximate with `clusters` in the space of `factors`."""

    histories: Histories
    fans: Histories | None
    """per item who touched it, weighted as in the unit vector of that person's history"""
    items: int
    neighbours: int
    power: float
    clusters: Clusters | None
    factors: Floats | None

    def scores(self, histories: Histories, users: Codes) -> Floats:
        rows, near, similarity = self._nearest(histories, users)
        alike = similarity > NOISE
        weights = np.where(alike, similarity, 0) ** np.float32(self.power) * alike
        if many(histories):
            from scipy.sparse import csr_array

            from engine.ground.sparse import matrix

            pull = csr_array((weights, (rows, near)), shape=(len(histories), len(self.histories)))
            scores: Floats = (pull @ matrix(self.histories, self.items)).toarray()
            return scores
        theirs = self.histories.take(near)
        strength = np.repeat(weights, theirs.lengths) * theirs.weights
        owners = np.repeat(rows, theirs.lengths).astype(np.int64)
        return scattered(owners, theirs.items, strength, (len(histories), self.items))

    def similar(self, items: Codes) -> Floats:
        """Cosines of who touched the items."""
        from engine.ground.sparse import sorted_matrix

        x = sorted_matrix(self.histories, self.items)
        columns = x.T.tocsr()
        lengths = np.sqrt(np.asarray(x.power(2).sum(axis=0)).ravel()) + 1e-9
        shared = (columns[items] @ x).toarray() / (lengths[items][:, None] * lengths)
        return np.asarray(shared, np.float32)

    def _nearest(self, histories: Histories, users: Codes) -> Found:
        if self.clusters is not None and self.factors is not None:
            return self.clusters.nearest(combined(histories, self.factors), users, self.neighbours)
        asking = unit(histories)
        parts = []
        for start in range(0, len(histories), BLOCK):
            stop = min(start + BLOCK, len(histories))
            cosines = self._cosines(asking.slice(start, stop))
            own = users[start:stop]
            cosines[np.flatnonzero(own >= 0), own[own >= 0]] = 0
            np.rint(cosines * GRID, out=cosines)
            codes, values = top(cosines, self.neighbours)
            rows = np.repeat(np.arange(start, stop, dtype=np.int32), codes.shape[1])
            parts.append((rows, codes.ravel(), values.ravel() / GRID))
        rows, near, similarity = (np.concatenate(column) for column in zip(*parts, strict=True))
        return rows, near, similarity

    def _cosines(self, asking: Histories) -> Floats:
        """Rows x all users."""
        assert self.fans is not None
        if many(asking):
            from engine.ground.sparse import matrix

            cosines: Floats = (matrix(asking, self.items) @ matrix(self.fans, len(self.histories))).toarray()
            return cosines
        fans = self.fans.take(asking.items)
        strength = np.repeat(asking.weights, fans.lengths) * fans.weights
        rows = np.repeat(asking.rows, fans.lengths)
        return scattered(rows, fans.items, strength, (len(asking), len(self.histories)))
