"""From blocks of scores to ranked lists: vectorised exclusion and partial sort."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ground.arrays import Codes, Floats
from engine.ground.histories import Histories

EXCLUDED = np.float32(-np.inf)
_ODD = np.uint64(0x9E3779B97F4A7C15)


def exclude(scores: Floats, histories: Histories) -> None:
    """Row by row (rows x items), takes the items of the histories out of the running; works in place."""
    scores[histories.rows, histories.items] = EXCLUDED


def top(scores: Floats, n: int, ranks: Codes | None = None) -> tuple[Codes, Floats]:
    """The n best columns of each row, best first; excluded ones come last, as -inf.

    Both columns and scores are rows x n, or narrower if there are fewer columns. ranks: which of two columns
    with the same score comes first, namely the one with the lower rank; one per column, or rows x columns.
    None: the column further to the left.
    """
    columns = scores.shape[1]
    n = min(n, columns)
    if n == 0:
        return np.empty((len(scores), 0), np.int32), np.empty((len(scores), 0), np.float32)
    if len(scores) == 1:
        found, value = _top_of_one(scores[0], n, ranks if ranks is None or ranks.ndim == 1 else ranks[0])
        return found[None], value[None]
    if n < columns:
        best = _best(scores, n, ranks)
    else:
        best = np.broadcast_to(np.arange(columns), scores.shape)
    values = np.take_along_axis(scores, best, axis=1)
    order = np.argsort(-values, axis=1)
    ordered: Floats = np.take_along_axis(values, order, axis=1)
    tied = np.flatnonzero((ordered[:, 1:] == ordered[:, :-1]).any(axis=1))
    if len(tied):
        own = ranks if ranks is None or ranks.ndim == 1 else ranks[tied]
        order[tied] = np.lexsort((_places(best[tied], own), -values[tied]))
    return np.take_along_axis(best, order, axis=1).astype(np.int32), ordered


def _best(scores: Floats, n: int, ranks: Codes | None) -> NDArray[np.int64]:
    """Rows x n, in no order: sorting values and looking where they are is faster than sorting places."""
    width = scores.shape[1]
    border = np.partition(scores, width - n, axis=1)[:, width - n]
    reaching = scores >= border[:, None]
    counts = np.count_nonzero(reaching, axis=1)
    clear = counts == n
    if clear.all():
        return np.nonzero(reaching)[1].reshape(-1, n)
    best = np.empty((len(scores), n), np.int64)
    best[clear] = np.nonzero(reaching[clear])[1].reshape(-1, n)
    for row in np.flatnonzero(~clear).tolist():
        own = ranks if ranks is None or ranks.ndim == 1 else ranks[row]
        best[row] = with_lowest_ranks(scores[row], border[row], n, own if border[row] > EXCLUDED else None)
    return best


def _places(columns: NDArray[np.int64], ranks: Codes | None) -> NDArray[np.integer[Any]]:
    """Rows x columns: what decides between equal scores, the least first."""
    if ranks is None:
        return columns
    return ranks[columns] if ranks.ndim == 1 else np.take_along_axis(ranks, columns, axis=1)


def ranks_of(popularity: Floats) -> Codes:
    """Each item's place by popularity, 0 the most popular; among equals by a hash, which favours nobody."""
    chance = (np.arange(len(popularity), dtype=np.uint64) + np.uint64(1)) * _ODD
    chance ^= chance >> np.uint64(29)
    order = np.lexsort((chance * _ODD, -popularity))
    ranks = np.empty(len(order), np.int32)
    ranks[order] = np.arange(len(order))
    return ranks


def standings(values: Floats | NDArray[np.int64]) -> NDArray[np.float64]:
    """Each value's place among all: 1 the largest, 0 the smallest, equal ones the mean of their places."""
    ordered = np.sort(values)
    before = np.searchsorted(ordered, values, side="left")
    upto = np.searchsorted(ordered, values, side="right") - 1
    return np.asarray((before + upto) / (2 * max(len(values) - 1, 1)))


def _top_of_one(scores: Floats, n: int, ranks: Codes | None) -> tuple[Codes, Floats]:
    """The same for one row, without the detours that many rows take."""
    if n < len(scores):
        best = np.argpartition(scores, len(scores) - n)[len(scores) - n :]
        border = scores[best].min()
        if border > EXCLUDED and np.count_nonzero(scores >= border) > n:
            best = with_lowest_ranks(scores, border, n, ranks)
    else:
        best = np.arange(n)
    values = scores[best]
    order = np.lexsort((best if ranks is None else ranks[best], -values))
    return best[order].astype(np.int32), values[order]


def with_lowest_ranks(scores: Floats, border: np.float32, n: int, ranks: Codes | None) -> NDArray[np.int64]:
    """Of one row all above the border, and of those on it as many as n leaves room for."""
    above, tied = np.flatnonzero(scores > border), np.flatnonzero(scores == border)
    room = n - len(above)
    if ranks is not None and room < len(tied):
        tied = tied[np.argpartition(ranks[tied], room)]
    return np.concatenate([above, tied[:room]])
