"""Where some items are among others."""

import numpy as np

from engine.ground.arrays import Codes, Mask
from engine.ground.histories import Histories, offsets_of


def places_among(items: Codes, wanted: Codes) -> tuple[Codes, Mask]:
    """Where each of the wanted is among the items (by rising code), and whether it is there at all."""
    if not len(items):
        return np.zeros(len(wanted), np.int32), np.zeros(len(wanted), np.bool_)
    at = np.searchsorted(items, wanted).clip(max=len(items) - 1).astype(np.int32)
    return at, items[at] == wanted


def placed_among(items: Codes, histories: Histories) -> Histories:
    """With places among the items as codes, of what is there."""
    at, known = places_among(items, histories.items)
    lengths = np.bincount(histories.rows[known], minlength=len(histories))
    return Histories(offsets_of(lengths), at[known], histories.weights[known])
