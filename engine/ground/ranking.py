"""From blocks of scores to ranked lists: vectorised exclusion and partial sort."""

import numpy as np

from engine.ground.arrays import Codes, Floats
from engine.ground.histories import Histories

EXCLUDED = np.float32(-np.inf)


def exclude(scores: Floats, histories: Histories) -> None:
    """Row by row (rows x items), takes the items of the histories out of the running; works in place."""
    scores[histories.rows, histories.items] = EXCLUDED


def top(scores: Floats, n: int) -> tuple[Codes, Floats]:
    """The n best columns of each row, best first, ties by column; excluded ones come last, as -inf.

    Both columns and scores are rows x n, or narrower if there are fewer columns.
    """
    columns = scores.shape[1]
    n = min(n, columns)
    if n == 0:
        return np.empty((len(scores), 0), np.int32), np.empty((len(scores), 0), np.float32)
    if len(scores) == 1:
        found, value = _top_of_one(scores[0], n)
        return found[None], value[None]
    if n < columns:
        best = np.argpartition(scores, columns - n, axis=1)[:, columns - n :]
        best.sort(axis=1)
    else:
        best = np.broadcast_to(np.arange(columns), scores.shape)
    values = np.take_along_axis(scores, best, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    ranked = np.take_along_axis(best, order, axis=1).astype(np.int32)
    return ranked, np.take_along_axis(values, order, axis=1)


def _top_of_one(scores: Floats, n: int) -> tuple[Codes, Floats]:
    """The same for one row, without the detours that many rows take."""
    best = np.argpartition(scores, len(scores) - n)[len(scores) - n :] if n < len(scores) else np.arange(n)
    best.sort()
    values = scores[best]
    order = np.argsort(-values, kind="stable")
    return best[order].astype(np.int32), values[order]
