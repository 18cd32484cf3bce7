"""A second look at the best candidates: variety, less of what everyone sees anyway, and what is new."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.ground.arrays import Codes, Floats
from engine.ground.errors import ConfigError
from engine.ground.ranking import standings

LAST = np.float32(-1e6)
"""merit of an excluded item: below all others, above one that is in the list already"""


@dataclass(frozen=True, kw_only=True)
class Rerank:
    """Chooses from the `pool` best of each user; 0 leaves an aspect alone."""

    diversity: float = 0.0
    """0..1: weight of unlikeness to what is already in the list (MMR: Carbonell, Goldstein, SIGIR 1998)"""
    popularity_penalty: float = 0.0
    """0..1: what the most popular item loses against the least popular, of the pool's range of scores"""
    new_items: float = 0.0
    """0..1: share of a list for items that nobody has touched yet, where their metadata speaks for them"""
    pool: int = 100

    def __post_init__(self) -> None:
        shares = (self.diversity, self.popularity_penalty, self.new_items)
        if not all(0 <= share <= 1 for share in shares) or self.pool < 1:
            raise ConfigError(
                f"needs diversity, popularity_penalty and new_items in 0..1 and pool >= 1, got {self}"
            )

    @property
    def reorders(self) -> bool:
        return self.diversity > 0 or self.popularity_penalty > 0


def reranked(
    items: Codes,
    scores: Floats,
    n: int,
    options: Rerank,
    popularity: Floats,
    similar: Callable[[Codes], Floats],
) -> tuple[Codes, Floats]:
    """Rows x n: of each row's candidates (rows x positions) in their new order, with their old scores."""
    missing = np.isneginf(scores)
    merit = _unit(scores, missing)
    merit -= np.float32(options.popularity_penalty) * standings(popularity)[items].astype(np.float32)
    merit[missing] = LAST
    if options.diversity == 0:
        order = np.argsort(-merit, axis=1, kind="stable")[:, :n].astype(np.int32)
    else:
        order = _varied(merit, items, n, options.diversity, similar)
    return np.take_along_axis(items, order, axis=1), np.take_along_axis(scores, order, axis=1)


def _varied(
    merit: Floats, items: Codes, n: int, diversity: float, similar: Callable[[Codes], Floats]
) -> Codes:
    """Greedily the best of (1 - diversity) x merit - diversity x likeness to the nearest chosen one."""
    distinct, places = np.unique(items, return_inverse=True)
    likeness = np.maximum(similar(distinct.astype(np.int32))[:, distinct], 0)
    likeness /= max(float(likeness.max(initial=0)), 1e-12)
    places = places.reshape(items.shape)
    rows = np.arange(len(items))
    nearest = np.zeros_like(merit)
    left = merit.copy()
    order = np.empty((len(items), min(n, items.shape[1])), np.int32)
    for position in range(order.shape[1]):
        best = ((1 - diversity) * left - diversity * nearest).argmax(axis=1)
        order[:, position] = best
        left[rows, best] = -np.inf
        nearest = np.maximum(nearest, likeness[places[rows, best][:, None], places])
    return order


def _unit(scores: Floats, missing: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Floats:
    """Each row onto 0..1."""
    low = np.where(missing, np.inf, scores).min(axis=1, keepdims=True, initial=np.inf)
    high = scores.max(axis=1, keepdims=True, initial=-np.inf)
    span = np.where(high > low, high - low, 1)
    finite = np.where(missing, np.where(np.isfinite(low), low, 0), scores)
    return np.asarray((finite - np.where(np.isfinite(low), low, 0)) / span, np.float32)
