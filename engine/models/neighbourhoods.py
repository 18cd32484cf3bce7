"""The nearest sources of each target, kept by source: what item-item models with few neighbours store."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.ground.arrays import Codes, Floats
from engine.ground.histories import Histories, offsets_of
from engine.ground.ranking import EXCLUDED, top
from engine.ground.sparse import Sparse, turned
from engine.ground.threads import blocks

BLOCK = 512


def dense(work: Callable[[int, int], Floats], items: int, neighbours: int, ranks: Codes) -> Histories:
    """From work(start, stop): these targets x all sources, how near; an array that may be changed."""

    def chosen(start: int, stop: int) -> Histories:
        return _nearest(work(start, stop), start, neighbours, ranks)

    return _by_source(list(blocks(chosen, items, size=BLOCK)), items)


def sparse(work: Callable[[int, int], Sparse], items: int, neighbours: int, ranks: Codes) -> Histories:
    """The same with only the sources that are near at all: time grows with them, not with all pairs."""

    def chosen(start: int, stop: int) -> Histories:
        return _nearest_stored(work(start, stop), start, neighbours, ranks)

    return _by_source(list(blocks(chosen, items, size=BLOCK)), items)


def _nearest(similarity: Floats, start: int, neighbours: int, ranks: Codes) -> Histories:
    """Of each row the best columns with a positive value; row r is item start + r, no neighbour of itself.

    Of equal values the one with the lower rank, which is the more popular. The rows are changed.
    """
    rows = np.arange(len(similarity))
    similarity[rows, rows + start] = 0
    similarity[similarity <= 0] = EXCLUDED
    columns, values = top(similarity, neighbours, ranks)
    kept = values > 0
    return Histories(offsets_of(kept.sum(axis=1)), columns[kept], values[kept])


def _nearest_stored(similarity: Sparse, start: int, neighbours: int, ranks: Codes) -> Histories:
    """The same of stored entries, which are changed; within a row in no order."""
    entries, targets = [], []
    for row, (first, stop) in enumerate(pairwise(similarity.indptr.tolist())):
        columns, values = similarity.indices[first:stop], similarity.data[first:stop]
        values[columns == start + row] = 0
        best = (
            _best(values, columns, neighbours, ranks)
            if stop - first > neighbours
            else np.arange(stop - first)
        )
        entries.append(best + first)
        targets.append(len(best))
    chosen = np.concatenate(entries)
    owners = np.repeat(np.arange(len(targets)), targets)
    kept = similarity.data[chosen] > 0
    chosen, lengths = chosen[kept], np.bincount(owners[kept], minlength=len(targets))
    columns, values = similarity.indices[chosen], similarity.data[chosen]
    return Histories(offsets_of(lengths), columns.astype(np.int32), values.astype(np.float32))


def _best(values: Floats, columns: Codes, n: int, ranks: Codes) -> NDArray[np.int64]:
    """Places of the n largest of more than n values, in no order; on the border the lower ranks."""
    border = np.partition(values, len(values) - n)[len(values) - n]  # faster than argpartition
    if border <= 0:
        return np.flatnonzero(values > 0)
    best = np.flatnonzero(values >= border)
    if len(best) > n:
        above, tied = np.flatnonzero(values > border), np.flatnonzero(values == border)
        places = ranks[columns[tied]]
        last = np.partition(places, n - len(above) - 1)[n - len(above) - 1]
        best = np.concatenate([above, tied[places <= last]])
    return best


def _by_source(parts: list[Histories], items: int) -> Histories:
    """From the nearest sources of each target to the targets of each source."""
    lengths = np.concatenate([part.lengths for part in parts])
    sources = np.concatenate([part.items for part in parts])
    weights = np.concatenate([part.weights for part in parts])
    return turned(Histories(offsets_of(lengths), sources, weights), items)
