"""How much two lists of the same person have in common; one value per person, NaN where there is none.

Lists are rows x positions of item codes, best first, each item once, -1 where one is short.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.ground.arrays import Codes

Values = NDArray[np.float64]
DEPTHS = (5, 10, 25)
PERSISTENCE = 0.9
"""Of rank-biased overlap: the first ten positions weigh 86 %."""
_ROWS = 2_000


@dataclass(frozen=True)
class Agreement:
    """overlap: by depth, 0 to 1. rbo: rank-biased overlap, 0 to 1. tau: Kendall's, -1 to 1."""

    overlap: dict[int, Values]
    rbo: Values
    tau: Values


def agreement(first: Codes, second: Codes) -> Agreement:
    """Rows of both belong to the same people; done in blocks, so that memory does not grow with people."""
    blocks = [
        _block(first[start : start + _ROWS], second[start : start + _ROWS])
        for start in range(0, len(first), _ROWS)
    ]
    if not blocks:
        none = np.empty(0)
        return Agreement(dict.fromkeys(DEPTHS, none), none, none)
    return Agreement(
        {depth: np.concatenate([block.overlap[depth] for block in blocks]) for depth in DEPTHS},
        np.concatenate([block.rbo for block in blocks]),
        np.concatenate([block.tau for block in blocks]),
    )


def overlap_at(first: Codes, second: Codes, depth: int) -> Values:
    """Common items among the first `depth`, by as many as the longer list has there."""
    common = _common(first[:, :depth], second[:, :depth])
    return _overlap(common.cumulative, _longer(first, second), depth)


def _block(first: Codes, second: Codes) -> Agreement:
    common = _common(first, second)
    longer = _longer(first, second)
    shorter = np.minimum((first >= 0).sum(axis=1), (second >= 0).sum(axis=1))
    return Agreement(
        {depth: _overlap(common.cumulative, longer, depth) for depth in DEPTHS},
        _extrapolated(common.cumulative, shorter, longer),
        _kendall(common.places),
    )


@dataclass(frozen=True)
class _Common:
    """cumulative[r, d]: common items among the first d + 1 of both. places[r, p]: where the second list has
    the first one's item of position p, -1: nowhere.
    """

    cumulative: NDArray[np.int64]
    places: NDArray[np.int64]


def _common(first: Codes, second: Codes) -> _Common:
    people, width = first.shape
    same = (first[:, :, None] == second[:, None, :]) & (first >= 0)[:, :, None]
    rows, here, there = np.nonzero(same)
    depth = np.maximum(here, there)
    found = np.bincount(rows * width + depth, minlength=people * width).reshape(people, width)
    places = np.full((people, width), -1, np.int64)
    places[rows, here] = there
    return _Common(np.cumsum(found, axis=1), places)


def _longer(first: Codes, second: Codes) -> NDArray[np.int64]:
    return np.asarray(np.maximum((first >= 0).sum(axis=1), (second >= 0).sum(axis=1)))


def _overlap(cumulative: NDArray[np.int64], longer: NDArray[np.int64], depth: int) -> Values:
    common = cumulative[:, min(depth, cumulative.shape[1]) - 1]
    return _ratio(common, np.minimum(depth, longer))


def _extrapolated(
    cumulative: NDArray[np.int64], shorter: NDArray[np.int64], longer: NDArray[np.int64]
) -> Values:
    """Equation 32 of Webber, Moffat, Zobel, "A similarity measure for indefinite rankings" (TOIS, 2010)."""
    p = PERSISTENCE
    depths = np.arange(1, cumulative.shape[1] + 1)
    weights = p**depths
    within = depths <= longer[:, None]
    rows = np.arange(len(cumulative))
    in_short, in_long = (cumulative[rows, np.maximum(length, 1) - 1] for length in (shorter, longer))
    share_of_short = in_short / np.maximum(shorter, 1)
    seen = (np.where(within, cumulative / depths, 0) * weights).sum(axis=1)
    beyond = within & (depths > shorter[:, None])
    assumed = share_of_short[:, None] * (depths - shorter[:, None]) / depths
    seen += (np.where(beyond, assumed, 0) * weights).sum(axis=1)
    rest = ((in_long - in_short) / np.maximum(longer, 1) + share_of_short) * p**longer
    return np.where(longer > 0, (1 - p) / p * seen + rest, np.nan)


def _kendall(places: NDArray[np.int64]) -> Values:
    """There are no ties: concordant less discordant pairs, by all pairs of common items."""
    there = places >= 0
    balance = np.zeros(len(places), np.int64)
    for position in range(places.shape[1] - 1):
        both = there[:, position, None] & there[:, position + 1 :]
        order = np.sign(places[:, position + 1 :] - places[:, position, None])
        balance += np.where(both, order, 0).sum(axis=1)
    common = there.sum(axis=1)
    return _ratio(balance, common * (common - 1) // 2)


def _ratio(part: NDArray[np.int64], whole: NDArray[np.int64]) -> Values:
    none: Values = np.full(len(part), np.nan)
    return np.divide(part, whole, out=none, where=whole > 0)
