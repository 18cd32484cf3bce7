"""Histories as scipy matrices, for training and for batches."""

from typing import Any, TypeAlias

from scipy.sparse import csr_array

from engine.histories import Histories

Sparse: TypeAlias = "csr_array[Any, tuple[int, int]]"


def matrix(histories: Histories, items: int) -> Sparse:
    """Rows x items; the entries of a row stay in time order."""
    return csr_array((histories.weights, histories.items, histories.offsets), shape=(len(histories), items))
