"""Ranking metrics over lists and the items that would have been right; one value per user, or one in all."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.ground.arrays import Codes
from engine.ground.histories import Histories

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Hits:
    """hits[r, p]: is the item at position p of list r relevant; relevant[r]: how many items would be."""

    hits: NDArray[np.bool_]
    relevant: NDArray[np.int64]

    @classmethod
    def of(cls, lists: Codes, relevant: Histories, items: int) -> "Hits":
        """lists: rows x positions, -1 where a list is short."""
        rows = np.arange(len(lists))[:, None]
        wanted = np.sort(relevant.rows * items + relevant.items)
        asked = rows * items + lists
        at = np.searchsorted(wanted, asked).clip(max=max(len(wanted) - 1, 0))
        found = (wanted[at] == asked) & (lists >= 0) if len(wanted) else np.zeros(lists.shape, np.bool_)
        return cls(found, relevant.lengths)

    def precision(self, k: int) -> Values:
        """Hits among the first k, by k."""
        return np.asarray(self.hits[:, :k].sum(axis=1) / k)

    def recall(self, k: int) -> Values:
        """Hits among the first k, by the number of relevant items."""
        return _ratio(self.hits[:, :k].sum(axis=1), self.relevant)

    def hit_rate(self, k: int) -> Values:
        """1 if there is a hit among the first k."""
        return np.asarray(self.hits[:, :k].any(axis=1), np.float64)

    def reciprocal_rank(self, k: int) -> Values:
        """1 by the position of the first hit, 0 if it is not among the first k."""
        first = self.hits[:, :k]
        found = np.asarray(first.any(axis=1), np.float64)
        return np.asarray(found / (first.argmax(axis=1) + 1))

    def ndcg(self, k: int) -> Values:
        """Discounted gain 1/log2(1 + position), by that of the best possible list of k."""
        discount = 1.0 / np.log2(np.arange(2, k + 2))
        gain = self.hits[:, :k] @ discount[: self.hits.shape[1]]
        ideal = np.concatenate([[0.0], np.cumsum(discount)])[np.minimum(self.relevant, k)]
        return _ratio(gain, ideal)

    def average_precision(self, k: int) -> Values:
        """Mean of the precisions at the hits, by min(k, relevant items)."""
        hits = self.hits[:, :k]
        precisions = np.cumsum(hits, axis=1) / np.arange(1, hits.shape[1] + 1)
        return _ratio((precisions * hits).sum(axis=1), np.minimum(self.relevant, k))


def coverage(lists: Codes, items: int) -> float:
    """The share of all items that are in at least one list (rows x positions, -1 where it is short)."""
    return len(np.unique(lists[lists >= 0])) / items


def _ratio(
    part: NDArray[np.float64] | NDArray[np.int64], whole: NDArray[np.float64] | NDArray[np.int64]
) -> Values:
    return np.divide(part, whole, out=np.zeros(len(part), np.float64), where=whole > 0)
