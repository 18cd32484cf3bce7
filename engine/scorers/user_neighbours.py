"""Scoring by what the nearest other people touched; needs scipy."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, diags_array

from engine.arrays import Codes, Floats
from engine.clusters import Clusters
from engine.histories import Histories, combined
from engine.ranking import top
from engine.sparse import Sparse, matrix, norms

BLOCK = 64


@dataclass(frozen=True)
class UserNeighboursScorer:
    histories: Histories
    items: int
    neighbours: int
    power: float
    clusters: Clusters | None
    factors: Floats | None

    def scores(self, histories: Histories, users: Codes) -> Floats:
        if self.clusters is None or self.factors is None:
            rows, near, similarity = self._exactly(histories, users)
        else:
            queries = combined(histories, self.factors)
            rows, near, similarity = self.clusters.nearest(queries, users, self.neighbours)
        weights = np.where(similarity > 0, similarity, 0) ** np.float32(self.power)
        pull = csr_array((weights, (rows, near)), shape=(len(histories), len(self.histories)))
        scores: Floats = (pull @ matrix(self.histories, self.items)).toarray()
        return scores.astype(np.float32, copy=False)

    def similar(self, items: Codes) -> Floats:
        columns = matrix(self.histories, self.items).T.tocsr()
        lengths = np.sqrt(np.asarray(columns.power(2).sum(axis=1)).ravel()) + 1e-9
        shared = (columns[items] @ columns.T).toarray() / (lengths[items][:, None] * lengths)
        return np.asarray(shared, np.float32)

    def _exactly(self, histories: Histories, users: Codes) -> tuple[Codes, Codes, Floats]:
        everyone = _unit(self.histories, self.items).T.tocsr()
        asking = _unit(histories, self.items)
        rows, near, similarity = [], [], []
        for start in range(0, len(histories), BLOCK):
            block = (asking[start : start + BLOCK] @ everyone).toarray()
            own = users[start : start + BLOCK]
            block[np.flatnonzero(own >= 0), own[own >= 0]] = 0
            codes, values = top(block, self.neighbours)
            rows.append(np.repeat(np.arange(start, start + len(block)), codes.shape[1]))
            near.append(codes.ravel())
            similarity.append(values.ravel())
        return np.concatenate(rows), np.concatenate(near), np.concatenate(similarity)


def _unit(histories: Histories, items: int) -> Sparse:
    lengths = norms(histories)
    scale = np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0).astype(np.float32)
    return csr_array(diags_array(scale) @ matrix(histories, items))
