"""Orders of long columns: keys and places packed into one integer sort several times faster than apart."""

import numpy as np
from numpy.typing import NDArray

from engine.ground.arrays import Codes, Times
from engine.ground.histories import offsets_of

BITS = 63
_ODD = np.uint64(0x9E3779B97F4A7C15)
Integers = NDArray[np.int64]


def in_order(keys: Integers) -> tuple[Integers, Integers]:
    """The keys (not negative) sorted, and the place each came from; equal keys keep their order."""
    last = len(keys) - 1
    if int(keys.max()).bit_length() + last.bit_length() > BITS:
        order = np.argsort(keys, kind="stable")
        return keys[order], order
    packed = keys << last.bit_length()
    packed |= np.arange(len(keys))
    packed.sort()
    order = packed & ((1 << last.bit_length()) - 1)
    packed >>= last.bit_length()
    return packed, order


def oldest_first(users: Codes, items: Codes, times: Times) -> Integers:
    """The order of rows by user, then time, then chance: one by item would favour old or popular items."""
    if not len(users) or (users[1:] < users[:-1]).any():
        return np.lexsort((_chance(users, items), times, users))
    order = by_time_within(users, times)
    own, moments = users[order], times[order]
    tied = np.zeros(len(order) + 1, np.bool_)
    tied[1:-1] = (own[1:] == own[:-1]) & (moments[1:] == moments[:-1])
    among = np.flatnonzero(tied[1:] | tied[:-1])  # runs of rows, of which each keeps its places
    rows = order[among]
    order[among] = rows[np.lexsort((_chance(users[rows], items[rows]), times[rows], users[rows]))]
    return order


def _chance(users: Codes, items: Codes) -> NDArray[np.uint64]:
    chance = (users.astype(np.uint64) * _ODD + items.astype(np.uint64) + np.uint64(1)) * _ODD
    chance ^= chance >> np.uint64(29)
    return chance * _ODD


def by_time_within(users: Codes, times: Times) -> Integers:
    """The order of rows that are sorted by user already, by time within each; equal times keep theirs."""
    starts = offsets_of(np.bincount(users))[:-1]
    place = np.arange(len(users)) - starts[users]
    first, span = int(times.min()), int(times.max()) - int(times.min())
    places, moments = int(place.max()).bit_length(), span.bit_length()
    if int(users[-1]).bit_length() + moments + places > BITS:
        return np.lexsort((times, users))
    packed = times - first
    packed <<= places
    packed |= place
    packed |= users.astype(np.int64) << (places + moments)
    packed.sort()
    packed &= (1 << places) - 1
    packed += starts[users]
    return packed
