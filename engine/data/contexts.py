"""The circumstances of events: on what device, at what time of day. Each kind is a column of labels."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from engine.data.interactions import Interactions
from engine.ground.arrays import Codes, Ids, Mask, Times
from engine.ground.errors import DataError


@dataclass(frozen=True)
class Labels:
    """`values` are sorted; per event the position of its value among them, -1 where none is known."""

    values: Ids
    codes: Codes


@dataclass(frozen=True)
class Contexts:
    """One row per event, in the code space of the interactions that the events are of."""

    users: Codes
    items: Codes
    times: Times
    columns: Mapping[str, Labels]

    @classmethod
    def of(cls, interactions: Interactions, columns: Mapping[str, Labels]) -> "Contexts":
        """columns: a label for each row of the interactions. Raises: DataError, if there are not as many."""
        for name, labels in columns.items():
            if len(labels.codes) != len(interactions):
                raise DataError(f"{name} has {len(labels.codes)} rows, the interactions {len(interactions)}")
        return cls(interactions.users, interactions.items, interactions.times, columns)

    def __len__(self) -> int:
        return len(self.users)

    def within(self, part: Interactions) -> "Contexts":
        """The events of the pairs that are in a part of the interactions."""
        if part.users is self.users:
            return self
        width = len(part.item_ids)
        return self._where(np.isin(self._pairs(width), np.unique(_keys(part.users, part.items, width))))

    def newest(self, users: Codes, items: Codes, width: int) -> dict[str, Codes]:
        """Per pair the labels of its newest event, -1 without any; `width`: how many items there are."""
        wanted = _keys(users, items, width)
        keys, place = np.unique(wanted, return_inverse=True)
        own = self._pairs(width)
        rows = np.flatnonzero(np.isin(own, keys))
        rows = rows[np.argsort(self.times[rows], kind="stable")]
        latest = np.full(len(keys), -1, np.int64)
        latest[np.searchsorted(keys, own[rows])] = rows  # of several that go to one place, the last stays
        found = latest[place]
        return {
            name: np.where(found >= 0, labels.codes[found], -1).astype(np.int32)
            for name, labels in self.columns.items()
        }

    def _where(self, mask: Mask) -> "Contexts":
        columns = {name: replace(labels, codes=labels.codes[mask]) for name, labels in self.columns.items()}
        return Contexts(self.users[mask], self.items[mask], self.times[mask], columns)

    def _pairs(self, width: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        return _keys(self.users, self.items, width)


def _keys(users: Codes, items: Codes, width: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return users.astype(np.int64) * width + items
