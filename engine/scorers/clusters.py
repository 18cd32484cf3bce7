"""Approximate nearest neighbours: points in clusters, only the clusters near a query are searched."""

from dataclasses import dataclass

import numpy as np

from engine.ground.arrays import Codes, Floats
from engine.ground.histories import Histories, offsets_of
from engine.ground.ranking import top

SWEEPS = 8
SAMPLE_PER_CLUSTER = 64


@dataclass(frozen=True)
class Clusters:
    """Unit vectors in an inverted file: `members` lists the points of each cluster."""

    points: Floats
    centres: Floats
    members: Histories
    probes: int

    def nearest(self, queries: Floats, own: Codes, k: int) -> tuple[Codes, Codes, Floats]:
        """(row, point, cosine), each flat, of up to k points near each query, never its own.

        queries: rows x dimensions; own: per row the point that it is, < 0: none.
        """
        unit = _unit(queries)
        home = (unit @ self.centres.T).argmax(axis=1)
        rows, near, values = [], [], []
        for cluster in np.unique(home):
            asking = np.flatnonzero(home == cluster)
            around = top((self.centres[cluster] @ self.centres.T)[None], self.probes)[0][0]
            candidates = self.members.take(around).items
            cosines = unit[asking] @ self.points[candidates].T
            cosines[own[asking][:, None] == candidates] = -1
            places, best = top(cosines, k)
            rows.append(np.repeat(asking, places.shape[1]))
            near.append(candidates[places.ravel()])
            values.append(best.ravel())
        empty = np.empty(0, np.int64)
        return (
            np.concatenate([empty, *rows]).astype(np.int32),
            np.concatenate([empty, *near]).astype(np.int32),
            np.concatenate([empty, *values]).astype(np.float32),
        )


def clustered(points: Floats, *, probes: int, seed: int) -> Clusters:
    """Spherical k-means of points x dimensions into about sqrt(n) clusters, learned on a sample."""
    rng = np.random.default_rng(seed)
    unit = _unit(points)
    count = max(1, round(len(unit) ** 0.5))
    sample = unit[rng.permutation(len(unit))[: count * SAMPLE_PER_CLUSTER]]
    centres = sample[:count].copy()
    for _ in range(SWEEPS):
        home = _home(sample, centres)
        sums = np.zeros_like(centres)
        np.add.at(sums, home, sample)
        alive = np.bincount(home, minlength=count) > 0
        centres[alive] = _unit(sums[alive])
    home = _home(unit, centres)
    order = np.argsort(home, kind="stable").astype(np.int32)
    offsets = offsets_of(np.bincount(home, minlength=count))
    members = Histories(offsets, order, np.ones(len(order), np.float32))
    return Clusters(unit, centres, members, probes)


def _home(points: Floats, centres: Floats) -> Codes:
    parts = [
        (points[start : start + 8192] @ centres.T).argmax(axis=1) for start in range(0, len(points), 8192)
    ]
    return np.concatenate(parts).astype(np.int32)


def _unit(points: Floats) -> Floats:
    lengths = np.linalg.norm(points, axis=1, keepdims=True)
    return np.asarray(np.divide(points, lengths, out=np.zeros_like(points), where=lengths > 0))
