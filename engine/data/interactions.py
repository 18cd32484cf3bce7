"""Who touched what and when: the table every model learns from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike

from engine.data.cells import Cells
from engine.data.sorting import by_time_within, in_order, oldest_first
from engine.ground.arrays import Codes, Floats, Ids, Mask, Offsets, Times
from engine.ground.errors import DataError
from engine.ground.histories import Histories, offsets_of
from engine.ground.vocabulary import factorise

if TYPE_CHECKING:
    from engine.ground.sparse import Sparse

Repeats = Literal["max", "sum"]
LONGEST_ID = 256
"""characters, as for Amazon Personalize"""
LATEST = 253_402_300_799
"""9999-12-31T23:59:59Z; what is beyond is no seconds but milliseconds or finer"""


@dataclass(frozen=True)
class Interactions:
    """One row per event; `users` and `items` are positions in the sorted `user_ids` and `item_ids`.

    `times` are epoch seconds; `weights` say how much an event counts (1 unless its type says otherwise).
    An id may have no event: a part of the data keeps the ids of the whole, so that codes stay comparable.
    """

    user_ids: Ids
    item_ids: Ids
    users: Codes
    items: Codes
    times: Times
    weights: Floats
    are_distinct: bool = False
    """one row per user and item, in the order that distinct() gives"""

    @classmethod
    def from_columns(
        cls,
        users: Sequence[str] | Ids | Cells,
        items: Sequence[str] | Ids | Cells,
        times: ArrayLike,
        weights: ArrayLike | None = None,
    ) -> "Interactions":
        """One row per event; ids become codes, times are seconds since 1970, a weight is 1 if none are given.

        Raises: DataError, if the columns differ in length, or an id is empty, has a NUL or more than
        LONGEST_ID characters.
        """
        seconds = _seconds(times)
        strengths = np.ones(len(seconds), np.float32) if weights is None else _weights(weights)
        if not len(users) == len(items) == len(seconds) == len(strengths):
            lengths = (len(users), len(items), len(seconds), len(strengths))
            raise DataError(f"users, items, times and weights differ in length: {lengths}")
        _check_ids("user", users)
        _check_ids("item", items)
        user_ids, user_codes = _coded(users)
        item_ids, item_codes = _coded(items)
        for name, ids in (("user", user_ids), ("item", item_ids)):
            if len(ids) and ids[0] == "":
                raise DataError(f"an interaction has an empty {name} id")
        return cls(user_ids, item_ids, user_codes, item_codes, seconds, strengths)

    def __len__(self) -> int:
        return len(self.users)

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.user_ids), len(self.item_ids)

    def where(self, mask: Mask | Codes | Offsets) -> "Interactions":
        """The rows of the mask (or these rows in this order), in the same code space."""
        return replace(
            self,
            users=self.users[mask],
            items=self.items[mask],
            times=self.times[mask],
            weights=self.weights[mask],
        )

    def with_codes(self, codes: Codes) -> "Interactions":
        """The same events, each with the code of its item looked up in these."""
        return replace(self, items=codes[self.items], are_distinct=False)

    def with_ids(self, *, users: Ids | None = None, items: Ids | None = None) -> "Interactions":
        """The same events in a code space that also has these ids."""
        user_ids, user_codes = _widened(self.user_ids, users)
        item_ids, item_codes = _widened(self.item_ids, items)
        return replace(
            self,
            user_ids=user_ids,
            item_ids=item_ids,
            users=user_codes[self.users],
            items=item_codes[self.items],
        )

    def distinct(self, repeats: Repeats = "max") -> "Interactions":
        """One row per user and item, by user, then time of the newest event, then item.

        The weight of a pair is that of its strongest event ("max") or of all together ("sum").
        """
        if self.are_distinct or not len(self):
            return self
        pairs, order = in_order(self.users.astype(np.int64) * len(self.item_ids) + self.items)
        starts = np.flatnonzero(np.concatenate([[True], pairs[1:] != pairs[:-1]]))
        times = np.maximum.reduceat(self.times[order], starts)
        if repeats == "max" and self.weights.min() == self.weights.max():
            weights = self.weights[: len(starts)]
        else:
            combine = np.maximum if repeats == "max" else np.add
            weights = combine.reduceat(self.weights[order], starts)
        del order
        pairs = pairs[starts]
        users = (pairs // len(self.item_ids)).astype(np.int32)
        items = (pairs % len(self.item_ids)).astype(np.int32)
        del pairs, starts
        by_time = by_time_within(users, times)
        return replace(
            self,
            users=users,
            items=items[by_time],
            times=times[by_time],
            weights=weights[by_time],
            are_distinct=True,
        )

    def in_time(self) -> "Interactions":
        """All events, by user, oldest first; those of the same second in an order of chance."""
        return self.where(oldest_first(self.users, self.items, self.times))

    def all_histories(self) -> Histories:
        """A row per user id with all events, oldest first; a visit is what has the same second."""
        return self.in_time().as_visits()

    def as_visits(self) -> Histories:
        """The same, if these rows are in that order already."""
        lengths = np.bincount(self.users, minlength=len(self.user_ids))
        visits = np.cumsum(self._begins_visit).astype(np.int32)
        return Histories(offsets_of(lengths), self.items, self.weights, visits)

    @property
    def _begins_visit(self) -> Mask:
        new = np.ones(len(self), np.bool_)
        new[1:] = (self.times[1:] != self.times[:-1]) | (self.users[1:] != self.users[:-1])
        return new

    def histories(self, repeats: Repeats = "max") -> Histories:
        """A row per user id (empty where there is no event), its distinct items oldest first."""
        return self.distinct(repeats).as_histories()

    def as_histories(self) -> Histories:
        """The same, if these rows are distinct pairs in order; with visits, if any of these has two."""
        if not self._begins_visit.all():
            return self.as_visits()
        lengths = np.bincount(self.users, minlength=len(self.user_ids))
        return Histories(offsets_of(lengths), self.items, self.weights)

    def csr(self, repeats: Repeats = "max") -> "Sparse":
        """Users x items, repeats combined, float32."""
        from engine.ground.sparse import sorted_matrix  # serving goes without scipy

        return sorted_matrix(self.histories(repeats), len(self.item_ids))


def _coded(ids: Sequence[str] | Ids | Cells) -> tuple[Ids, Codes]:
    return ids.factorised() if isinstance(ids, Cells) else factorise(ids)


def _check_ids(kind: str, ids: Sequence[str] | Ids | Cells) -> None:
    """What an array of texts would change, or what would make all of it as long."""
    if isinstance(ids, np.ndarray | Cells):
        return
    if (longest := max(map(len, ids), default=0)) > LONGEST_ID:
        raise DataError(f"an id of {longest:,} characters in the column of {kind} ids; at most {LONGEST_ID}")
    if any("\0" in name for name in ids):
        raise DataError(f"a NUL character in the column of {kind} ids")


def _widened(ids: Ids, more: Ids | None) -> tuple[Ids, Codes]:
    """All ids, and the new code of each of the first."""
    together, codes = factorise(ids if more is None else np.concatenate([ids, more]))
    return together, codes[: len(ids)]


def _seconds(times: ArrayLike) -> Times:
    array = np.asarray(times)
    if array.size == 0:
        return np.empty(0, np.int64)
    if array.dtype.kind not in "iuf" or not np.isfinite(array).all():
        raise DataError("times must be numbers (epoch seconds) without NaN")
    if (np.abs(array.astype(np.float64)) > LATEST).any():
        raise DataError(
            f"times must be epoch seconds, none beyond {LATEST:,}; milliseconds have to be divided by 1,000"
        )
    return array.astype(np.int64)


def _weights(weights: ArrayLike) -> Floats:
    array: Floats = np.asarray(weights, dtype=np.float32)
    if not np.isfinite(array).all() or (array < 0).any():
        raise DataError("weights must be finite and not negative")
    return array
