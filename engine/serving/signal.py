"""Whether a model has anything to say about a history."""

import numpy as np

from engine.ground.arrays import Floats, Mask
from engine.ground.histories import Histories
from engine.scorers.factors import ROUNDING


def silent(scores: Floats, histories: Histories) -> Mask:
    """Per row: are the scores of all items outside the history 0, or only rounding beside those in it?

    So it is where nobody else touched what is in the history. Rows x items, unchanged in the end. Not silent:
    a history that is empty, or that leaves no item out.
    """
    rows, seen = histories.rows, histories.items
    own = scores[rows, seen]
    scores[rows, seen] = -np.inf
    most = scores.max(axis=1, initial=-np.inf)
    scores[rows, seen] = np.inf
    least = scores.min(axis=1, initial=np.inf)
    scores[rows, seen] = own
    asked = np.flatnonzero(histories.lengths > 0)
    found: Mask = np.zeros(len(histories), np.bool_)
    if len(asked):
        loudest = np.maximum(most, -least)[asked]
        beside = np.maximum.reduceat(np.abs(own), histories.offsets[asked])
        found[asked] = (loudest > -np.inf) & (loudest <= np.float32(ROUNDING) * beside)
    return found
