"""Strings to dense integer codes and back, without a Python loop over rows."""

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from engine.ground.arrays import Codes, Ids

UNKNOWN = -1
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


def factorise(values: Sequence[str] | Ids) -> tuple[Ids, Codes]:
    """The distinct values in order, and for each row the position of its value among them."""
    array = np.ascontiguousarray(values, dtype=np.str_)
    if array.size == 0:
        return array, np.empty(0, np.int32)
    hashes = _hash(array)
    _, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
    distinct = array[first]
    if not np.array_equal(distinct[inverse], array):  # two strings share a hash: sort the strings themselves
        ids, codes = np.unique(array, return_inverse=True)
        return ids, codes.astype(np.int32)
    order = np.argsort(distinct)
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return distinct[order], rank[inverse]


def lookup(ids: Ids, values: Sequence[str] | Ids) -> Codes:
    """The code of each value in sorted `ids`, -1 where it is not there."""
    if ids.size == 0 or len(values) == 0:
        return np.full(len(values), UNKNOWN, np.int32)
    wanted = values if isinstance(values, np.ndarray) else _comparable(values, ids.dtype.itemsize // 4)
    # searchsorted would widen a copy of all ids if one wanted string were longer than the longest id
    at = np.searchsorted(ids, wanted.astype(ids.dtype)).clip(max=len(ids) - 1)
    return np.where(ids[at] == wanted, at, UNKNOWN).astype(np.int32)


def place_of(ids: Ids, value: str) -> int:
    """As `lookup` of one value, which that is slow for."""
    at = bisect_left(ids, value)
    return at if at < len(ids) and ids[at] == value else UNKNOWN


def _comparable(values: Sequence[str], width: int) -> Ids:
    """Cut to one more than the longest id has, so that one long text does not make all as long.

    An array forgets NULs at the end of a text; no id has one, as none is empty.
    """
    cut = ["" if value.endswith("\0") else value[: width + 1] for value in values]
    return np.array(cut, np.str_)


def _hash(array: Ids) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    characters = array.view(np.uint32).reshape(len(array), -1)
    hashes = np.zeros(len(array), np.uint64)
    with np.errstate(over="ignore"):
        for column in characters.T:
            hashes = (hashes ^ column) * _MULTIPLIER
            hashes ^= hashes >> np.uint64(29)
    return hashes
