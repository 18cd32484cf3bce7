"""Histories as scipy matrices, for training and for batches."""

from typing import Any, TypeAlias

import numpy as np
from scipy.sparse import csr_array

from engine.ground.histories import Histories

LARGEST = np.iinfo(np.int32).max

Sparse: TypeAlias = "csr_array[Any, tuple[int, int]]"


def matrix(histories: Histories, items: int) -> Sparse:
    """Rows x items over the same memory, rows in time order: for products; not to be changed.

    The views are read-only because scipy sorts a row's entries in place whenever it feels like it,
    which would destroy the order of the histories.
    """
    weights, columns, offsets = histories.weights.view(), histories.items.view(), histories.offsets
    if len(columns) <= LARGEST and items <= LARGEST:  # scipy would widen a copy of the columns to the offsets
        offsets = offsets.astype(np.int32)
    weights.flags.writeable = columns.flags.writeable = False
    return csr_array((weights, columns, offsets), shape=(len(histories), items))


def sorted_matrix(histories: Histories, items: int) -> Sparse:
    """Rows x items with memory of its own, rows in item order: for any use."""
    x = matrix(histories, items).copy()
    x.sort_indices()
    return x


def turned(histories: Histories, items: int) -> Histories:
    """From rows to columns: row i lists the rows that have item i, with the same weights."""
    columns = matrix(histories, items).T.tocsr()
    return Histories(columns.indptr.astype(np.int64), columns.indices.astype(np.int32), columns.data)
