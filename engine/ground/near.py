"""The nearest by rows of similarities that are mostly zero: time and memory grow with what is not."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.ground.arrays import Codes, Offsets
from engine.ground.histories import Histories, offsets_of
from engine.ground.ranking import with_lowest_ranks
from engine.ground.sparse import Sparse
from engine.ground.threads import blocks

ENTRIES = 1 << 22
"""that a block of rows makes at most, unless a single row makes more"""
_ODD = np.uint64(0x9E3779B97F4A7C15)

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
        offsets = product.indptr.astype(np.int64)
        return nearest_in_rows(offsets, product.indices, similarity, neighbours, ranks)

    return list(blocks(work, len(borders) - 1, size=1))


def nearest_of_alike(vectors: Sparse, groups: Codes, neighbours: int, ranks: Codes) -> Histories:
    """Of each item the best by the products of vectors, a row per group; groups: the row of each item.

    As `nearest_by_product`, for items many of which have the same vector: what is compared is vectors.
    """
    order = np.lexsort((ranks, groups)).astype(np.int32)
    members = offsets_of(np.bincount(groups, minlength=vectors.shape[0]))
    sizes = np.diff(members)
    columns = vectors.T.tocsr()
    borders = _borders(_work(vectors, columns))

    def work(block: int, _: int) -> list[tuple[Codes, Entries]]:
        product = vectors[int(borders[block]) : int(borders[block + 1])] @ columns
        found = []
        for start, stop in pairwise(product.indptr.tolist()):
            near, values = product.indices[start:stop], product.data[start:stop]
            best = np.argsort(-values, kind="stable")[: np.count_nonzero(values > 0)]
            last = int(np.searchsorted(np.cumsum(sizes[near[best]]), neighbours + 1))
            if last < len(best):
                best = best[: np.count_nonzero(values >= values[best[last]])]
            parts = [order[members[group] : members[group + 1]] for group in near[best].tolist()]
            items = np.concatenate([order[:0], *(part[: neighbours + 1] for part in parts)])
            strengths = np.repeat(values[best], np.minimum(sizes[near[best]], neighbours + 1))
            nearest = np.lexsort((ranks[items], -strengths))[: neighbours + 1]
            found.append((items[nearest], strengths[nearest]))
        return found

    lists = [one for part in blocks(work, len(borders) - 1, size=1) for one in part]
    offsets = offsets_of(np.array([len(items) for items, _ in lists], np.int64))
    items = np.concatenate([order[:0], *(items for items, _ in lists)])
    strengths = np.concatenate([vectors.data[:0], *(values for _, values in lists)])
    return _without_itself(Histories(offsets, items, strengths).take(groups), neighbours)


def _without_itself(found: Histories, neighbours: int) -> Histories:
    """Rows of up to one more than so many neighbours, best first."""
    itself = found.items == found.rows
    own = np.concatenate([[0], np.cumsum(itself)])
    place = np.arange(len(found.items)) - np.repeat(found.offsets[:-1], found.lengths)
    place -= own[1:] - np.repeat(own[found.offsets[:-1]], found.lengths)
    kept = ~itself & (place < neighbours)
    lengths = np.bincount(found.rows[kept], minlength=len(found))
    return Histories(offsets_of(lengths), found.items[kept], found.weights[kept])


def bounded(near: Histories, most: int, ranks: Codes) -> Histories:
    """Of each row at most so many entries, the largest in size; of equal ones those with lower ranks."""
    kept = np.ones(len(near.items), np.bool_)
    for row in np.flatnonzero(near.lengths > most).tolist():
        own = slice(int(near.offsets[row]), int(near.offsets[row + 1]))
        size = np.abs(near.weights[own])
        border = np.partition(size, len(size) - most)[len(size) - most]
        chosen = np.zeros(len(size), np.bool_)
        chosen[with_lowest_ranks(size, border, most, ranks[near.items[own]])] = True
        kept[own] = chosen
    lengths = np.minimum(near.lengths, most)
    return Histories(offsets_of(lengths), near.items[kept], near.weights[kept])


def alike(vectors: Sparse) -> tuple[Codes, Codes]:
    """The first of the rows that are the same, one for each group of them; and the group of each row."""
    vectors = vectors.sorted_indices()
    keys = vectors.indices.astype(np.uint64) << np.uint64(32) | vectors.data.view(np.uint32)
    keys = (keys + np.uint64(1)) * _ODD
    keys = (keys ^ (keys >> np.uint64(31))) * _ODD
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(keys, dtype=np.uint64)])
    _, first, groups = np.unique(np.diff(sums[vectors.indptr]), return_index=True, return_inverse=True)
    again = vectors[first[groups]]
    same = np.array_equal(again.indptr, vectors.indptr) and np.array_equal(again.indices, vectors.indices)
    if not same or not np.array_equal(again.data, vectors.data):  # two vectors share a number
        first = groups = np.arange(vectors.shape[0])
    return first.astype(np.int32), groups.astype(np.int32)


def nearest_in_rows(
    offsets: Offsets, columns: Codes, similarity: Entries, neighbours: int, ranks: Codes
) -> Histories:
    """Of the entries of each row the largest above 0; of equal ones those with the lower rank."""
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
