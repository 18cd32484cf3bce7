"""What a model has to say of a person, told from rounding."""

import numpy as np

from engine.ground.arrays import Floats, Mask
from engine.ground.histories import Histories
from engine.scorers.factors import ROUNDING


def settled(scores: Floats, unwanted: Histories | None, n: int) -> Mask:
    """Turns scores that are only rounding beside the loudest of their row into 0, where lists of n need it.

    Rows x items, in place. Per row: is there nothing left but zeros among the items that are not unwanted?
    So it is where nobody else touched what is in a history, unless that itself may be served and is known.
    """
    noise = np.float32(ROUNDING) * np.maximum(scores.max(axis=1, initial=0), -scores.min(axis=1, initial=0))
    clear = np.count_nonzero(scores > noise[:, None], axis=1)
    taken = 0 if unwanted is None else unwanted.lengths
    doubtful = np.flatnonzero(clear < n + taken)
    silent: Mask = np.zeros(len(scores), np.bool_)
    if len(doubtful):
        own = scores[doubtful]
        own[np.abs(own) <= noise[doubtful, None]] = 0
        scores[doubtful] = own
        if unwanted is not None:
            out = unwanted.take(doubtful)
            own[out.rows, out.items] = 0
        silent[doubtful] = ~own.any(axis=1)
    return silent
