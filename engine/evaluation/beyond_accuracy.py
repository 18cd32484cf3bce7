"""What recommendation lists are like beyond being right: novel, varied, fair to items, one's own.

Lists are users x positions of item codes, -1 where one is short; popularity is the touches of each item.
"""

import numpy as np
from numpy.typing import NDArray

from engine.ground.arrays import Codes, Floats
from engine.ground.ranking import standings

Values = NDArray[np.float64]


def novelty(lists: Codes, popularity: Floats) -> Values:
    """Mean surprise of each list in bits: -log2 of an item's share of all touches (Vargas, Castells 2011)."""
    bits = -np.log2(np.maximum(popularity, popularity[popularity > 0].min(initial=1.0)))
    return _mean_over(bits, lists)


def popularity_rank(lists: Codes, popularity: Floats) -> Values:
    """Mean standing of each list's items, 1 for the most popular item of all, 0 for the least."""
    return _mean_over(standings(popularity), lists)


def gini(lists: Codes, items: int) -> float:
    """How unevenly the items are shown: 0 all alike, towards 1 a single one (Fleder, Hosanagar 2009)."""
    shown = np.sort(np.bincount(lists[lists >= 0], minlength=items))
    if not shown.any():
        return 0.0
    places = np.arange(1, items + 1)
    return float(((2 * places - items - 1) * shown).sum() / (items * shown.sum()))


def personalisation(lists: Codes, items: int) -> float:
    """1 - the mean share of items that two users' lists have in common: 0 if everyone gets the same."""
    users, length = lists.shape
    if users < 2 or not length:
        return 0.0
    counts = np.bincount(lists[lists >= 0], minlength=items).astype(np.float64)
    common = (counts * (counts - 1)).sum() / (users * (users - 1))
    return float(1 - common / length)


def diversity(lists: Codes, vectors: Floats) -> Values:
    """1 - the mean cosine between two items of a list; vectors: a row per item, of unit length or zero."""
    filled = np.where((lists >= 0)[:, :, None], vectors[np.maximum(lists, 0)], 0)
    together = filled.sum(axis=1)
    count = (lists >= 0).sum(axis=1)
    alike = (together**2).sum(axis=1) - (filled**2).sum(axis=(1, 2))
    return np.asarray(1 - alike / np.maximum(count * (count - 1), 1), np.float64)


def _mean_over(values: Values | Floats, lists: Codes) -> Values:
    there = lists >= 0
    total = np.where(there, values[np.maximum(lists, 0)], 0).sum(axis=1)
    return np.asarray(total / np.maximum(there.sum(axis=1), 1), np.float64)
