"""Weights for a blend of scorers, learned on what validation users really touched next."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.metrics import Hits
from engine.ground.arrays import Codes, Floats, Mask
from engine.ground.histories import Histories
from engine.ground.ranking import top

POOL = 50
DEPTH = 10
STEPS = (0.03, 0.1, 0.3)
ROUNDS = 10
GAP = -1e20
"""blended scores below are no candidates"""
CONFIDENCE = 1.0
"""a step must gain so many standard errors of its gain"""
FAINTEST = 0.05
"""the least share of an average that is kept"""

Weights = NDArray[np.float64]


@dataclass(frozen=True)
class Pool:
    """Per validation user the items that any member puts near the top, by rank, scored by all members.

    scores: members x users x candidates, each member's divided by its spread.
    """

    scores: Floats
    spreads: Weights
    wanted: Mask
    """users x candidates: did the user touch it next"""
    touched: NDArray[np.int64]
    """per user: how many items were touched next, in the pool or not"""

    def first(self, members: int) -> "Pool":
        return replace(self, scores=self.scores[:members], spreads=self.spreads[:members])

    def blended(self, weights: Weights) -> Floats:
        """Users x candidates: the members' scores with a weight each."""
        blend: Floats = np.tensordot(weights.astype(np.float32), self.scores, axes=1)
        return blend

    def quality(self, blend: Floats) -> NDArray[np.float64]:
        """NDCG@10 for each user of the blend, users x candidates."""
        places, _ = top(blend, DEPTH)
        return Hits(np.take_along_axis(self.wanted, places, axis=1), self.touched).ndcg(DEPTH)


def pooled(scores: Sequence[Floats], relevant: Histories, ranks: Codes) -> Pool:
    """From every member's scores (users x items, what is not to be recommended at -inf).

    ranks: users x items, the lower one first where scores are equal.
    """
    chosen = np.zeros(scores[0].shape, np.bool_)
    for member in scores:
        items, values = top(member, POOL, ranks)
        rows = np.broadcast_to(np.arange(len(items))[:, None], items.shape)
        chosen[rows[values > -np.inf], items[values > -np.inf]] = True
    lengths = chosen.sum(axis=1)
    candidates = np.zeros((len(chosen), max(int(lengths.max(initial=1)), DEPTH)), np.int32)
    gaps = np.arange(candidates.shape[1]) >= lengths[:, None]
    owners, found = np.nonzero(chosen)
    candidates[~gaps] = found[np.lexsort((ranks[owners, found], owners))]
    stacked = np.stack([np.take_along_axis(member, candidates, axis=1) for member in scores])
    spreads = np.array([max(float(member[~gaps].std()), 1e-12) for member in stacked])
    stacked /= spreads[:, None, None].astype(np.float32)
    stacked[:, gaps] = np.float32(-1e30)  # finite, so that a weight of 0 does not make it NaN
    touched = np.zeros_like(chosen)
    touched[relevant.rows, relevant.items] = True
    wanted = np.take_along_axis(touched, candidates, axis=1) & ~gaps
    return Pool(stacked, spreads, wanted, relevant.lengths)


def learned(pool: Pool) -> Weights:
    """Weights that sum to 1: never worse than the best single member on the pool.

    Steps lead from every member, and from the best three together, to weights of their own. Those that the
    pool cannot tell from the best of them (the rule of one standard error: Breiman et al., 1984) are
    averaged, which is steadier than any of them; shares that are faint then are left out.
    """
    members = np.eye(len(pool.scores))
    singles = [pool.quality(member) for member in pool.scores]
    order = np.argsort([-single.mean() for single in singles], kind="stable")
    starts = [(members[at], singles[at]) for at in order]
    if len(order) > 1:
        together = members[order[:3]].mean(axis=0)
        starts.append((together, pool.quality(pool.blended(together))))
    found = [_climbed(pool, weights, quality) for weights, quality in starts]
    best, quality = max(found, key=lambda climbed: float(climbed[1].mean()))
    average = np.mean([weights for weights, own in found if not better(quality, own)], axis=0)
    average = np.where(average < FAINTEST, 0, average)
    average /= average.sum()
    steady = pool.quality(pool.blended(average)).mean() >= singles[order[0]].mean()
    return average if steady else best


def _climbed(
    pool: Pool, weights: Weights, quality: NDArray[np.float64]
) -> tuple[Weights, NDArray[np.float64]]:
    for _ in range(ROUNDS):
        before = weights
        for member, scores in enumerate(pool.scores):
            blend = pool.blended(weights)
            steps = [step for size in STEPS for step in (size, -min(size, weights[member])) if step]
            qualities = [pool.quality(blend + np.float32(step) * scores) for step in steps]
            best = int(np.argmax([one.mean() for one in qualities]))
            if better(qualities[best], quality) and weights.sum() + steps[best] > 0:
                quality = qualities[best]
                weights = weights + steps[best] * np.eye(len(weights))[member]
                weights = weights / weights.sum()
        if weights is before:
            break
    return weights, quality


def gains(pool: Pool, weights: Weights, member: int) -> bool:
    """Is there a step of the member's weight that makes this blend better?"""
    blend, scores = pool.blended(weights), pool.scores[member]
    quality = pool.quality(blend)
    return any(better(pool.quality(blend + np.float32(step) * scores), quality) for step in STEPS)


def better(quality: NDArray[np.float64], than: NDArray[np.float64], confidence: float = CONFIDENCE) -> bool:
    """Of the same questions: is the mean gain more than so many of its standard errors?"""
    gains = quality - than
    return bool(gains.mean() > confidence * gains.std() / len(gains) ** 0.5)
