"""The nearest by rows of similarities that are mostly zero: time and memory grow with what is not."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.ground.arrays import Codes, Offsets
from engine.ground.histories import Histories, offsets_of
from engine.ground.ranking import with_lowest_ranks
from engine.ground.sparse import Sparse
from engine.ground.threads import blocks

ENTRIES = 1 << 22
"""that a block of rows makes at most, unless a single row makes more"""

Entries = NDArray[np.float32]
Values = Callable[[Entries, Codes, Codes], Entries]
"""similarities of sums of products, by the item of the row and the item of the column"""


def nearest_by_product(
    left: Sparse, right: Sparse, neighbours: int, ranks: Codes, values: Values
) -> list[Histories]:
    """Of each row of left @ right the best columns with a positive value, in blocks; no row its own.

    Rows and columns are items. Of equal values the one with the lower rank is nearer. Neighbours are in no
    order.
    """
    borders = _borders(_work(left, right))

    def work(block: int, _: int) -> Histories:
        start, stop = int(borders[block]), int(borders[block + 1])
        product = left[start:stop] @ right
        rows = np.repeat(np.arange(start, stop, dtype=np.int32), np.diff(product.indptr))
        similarity = values(product.data, rows, product.indices)
        similarity[product.indices == rows] = 0
        return _best(product.indptr, product.indices, similarity, neighbours, ranks)

    return list(blocks(work, len(borders) - 1, size=1))


def _best(offsets: Offsets, columns: Codes, similarity: Entries, neighbours: int, ranks: Codes) -> Histories:
    kept = similarity > 0
    for row in np.flatnonzero(np.diff(offsets) > neighbours).tolist():
        own = slice(int(offsets[row]), int(offsets[row + 1]))
        part, chosen = similarity[own], kept[own]
        border = np.partition(part, len(part) - neighbours)[len(part) - neighbours]
        if border > 0:
            best = with_lowest_ranks(part, border, neighbours, ranks[columns[own]])
            chosen[:] = False
            chosen[best] = True
    found = np.concatenate([[0], np.cumsum(kept)])
    lengths = np.diff(found[offsets])
    return Histories(offsets_of(lengths), columns[kept].astype(np.int32), similarity[kept])


def _work(left: Sparse, right: Sparse) -> Offsets:
    """Per row of the product, how many products are summed."""
    before = np.concatenate([[0], np.cumsum(np.diff(right.indptr)[left.indices], dtype=np.int64)])
    return np.diff(before[left.indptr])


def _borders(work: Offsets) -> Offsets:
    """Where blocks of consecutive rows begin, and where the last one ends."""
    if not len(work):
        return np.zeros(1, np.int64)
    block = np.cumsum(work) // ENTRIES
    return np.concatenate([[0], np.flatnonzero(np.diff(block)) + 1, [len(work)]])
