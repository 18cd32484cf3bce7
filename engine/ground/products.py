"""Histories times tables: with scipy where there are many rows and there is scipy, else row by row."""

from functools import lru_cache
from importlib.util import find_spec
from itertools import pairwise

import numpy as np

from engine.ground.arrays import Floats
from engine.ground.histories import Histories

FEW = 16
TOGETHER = 64


def many(histories: Histories) -> bool:
    """So many rows that scipy's products are faster, where there is scipy: serving goes without."""
    return len(histories) > FEW and _scipy_is_there()


@lru_cache(maxsize=1)
def _scipy_is_there() -> bool:
    return find_spec("scipy") is not None


def combined(histories: Histories, table: Floats) -> Floats:
    """Row r: the weighted sum of the rows of the table (items x columns) that history r names."""
    if many(histories):
        from engine.ground.sparse import matrix

        product: Floats = matrix(histories, len(table)) @ table
        return product
    sums = np.empty((len(histories), table.shape[1]), np.float32)
    for row, (start, stop) in enumerate(pairwise(histories.offsets.tolist())):
        first = min(start + TOGETHER, stop)
        np.dot(histories.weights[start:first], table[histories.items[start:first]], out=sums[row])
        for at in range(first, stop, TOGETHER):  # gathered rows are read again while still in the cache
            part = np.s_[at : min(at + TOGETHER, stop)]
            sums[row] += histories.weights[part] @ table[histories.items[part]]
    return sums
