"""What one variant's lists are like by themselves; a figure is None where there is nothing to make it of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.evaluation import beyond_accuracy as beyond
from engine.evaluation.metrics import coverage
from engine.ground.arrays import Codes
from pipeline.comparison.agreement import overlap_at
from pipeline.comparison.lists import Lists

FIRST = 10
"""Items of a list that are looked at for variety: a first page."""
_PAIRS = 10_000
_PAIRS_AT_ONCE = 2_000
Values = NDArray[np.float64]
People = NDArray[np.bool_] | NDArray[np.int64]
Figures = dict[str, float | None]


@dataclass(frozen=True)
class Popularity:
    """counts: interactions of each item, by code."""

    counts: NDArray[np.int64]

    @property
    def percentile(self) -> Values:
        """The share of items that are less popular, those that are as popular counted half (0 to 1)."""
        ordered = np.sort(self.counts)
        below, upto = (np.searchsorted(ordered, self.counts, side=side) for side in ("left", "right"))
        return np.asarray((below + upto) / (2 * max(len(ordered), 1)))

    @property
    def shares(self) -> NDArray[np.float32]:
        return np.asarray(self.counts / max(int(self.counts.sum()), 1), np.float32)


def nature(
    lists: Lists,
    people: NDArray[np.int64],
    popularity: Popularity,
    *,
    limit: int,
    rng: np.random.Generator,
) -> Figures:
    """Of these people's lists. Shares are of people, but `coldItems` of places and `coverage@10` of items."""
    items, lengths = lists.items[people], lists.lengths[people]
    first = items[:, :FIRST]
    filled = first[lengths > 0]
    known = len(popularity.counts)
    return {
        "short": _mean(lengths < limit),
        "empty": _mean(lengths == 0),
        "leaked": _mean(lists.leaked[people] > 0),
        "meanLength": _mean(lengths),
        "personalisation@10": personalisation(filled, rng),
        "mostCommonList": _most_common(filled),
        "coverage@10": coverage(first, known) if known else None,
        "gini@10": beyond.gini(first, known) if len(filled) else None,
        "novelty@10": _mean(beyond.novelty(filled, popularity.shares)),
        "popularity@10": _mean(mean_over(popularity.percentile, filled)),
        "coldItems": _mean(popularity.counts[first[first >= 0]] == 0),
        **_scores(lists.scores[people], lengths),
    }


def personalisation(lists: Codes, rng: np.random.Generator) -> float | None:
    """1 - the mean overlap of two people's lists: of all pairs, or of 10,000 drawn ones if there are more."""
    people = len(lists)
    if people < 2:
        return None
    if people * (people - 1) // 2 <= _PAIRS:
        one, other = np.triu_indices(people, 1)
    else:
        one = rng.integers(0, people, _PAIRS)
        other = (one + rng.integers(1, people, _PAIRS)) % people
    overlaps = [
        overlap_at(lists[one[at : at + _PAIRS_AT_ONCE]], lists[other[at : at + _PAIRS_AT_ONCE]], FIRST)
        for at in range(0, len(one), _PAIRS_AT_ONCE)
    ]
    return float(1 - np.concatenate(overlaps).mean())


def mean_over(values: Values, lists: Codes) -> Values:
    """Of each list's items."""
    there = lists >= 0
    total = np.where(there, values[np.maximum(lists, 0)], 0).sum(axis=1)
    return np.asarray(total / np.maximum(there.sum(axis=1), 1))


def _most_common(lists: Codes) -> float | None:
    if not len(lists):
        return None
    _, counts = np.unique(lists, axis=0, return_counts=True)
    return float(counts.max() / len(lists))


def _scores(scores: NDArray[np.float32], lengths: NDArray[np.int64]) -> Figures:
    """scoreSpread: the mean of first less last score of a list."""
    present = scores[~np.isnan(scores)]
    if not present.size:
        return dict.fromkeys(("scoreLow", "scoreHigh", "scoreMean", "scoreSpread"))
    rows = np.flatnonzero(lengths > 0)
    spread = scores[rows, 0] - scores[rows, lengths[rows] - 1]
    return {
        "scoreLow": float(present.min()),
        "scoreHigh": float(present.max()),
        "scoreMean": float(present.mean(dtype=np.float64)),
        "scoreSpread": _mean(spread[~np.isnan(spread)]),
    }


def _mean(values: NDArray[np.number | np.bool_]) -> float | None:
    return float(np.mean(values, dtype=np.float64)) if len(values) else None
