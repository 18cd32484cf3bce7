"""What came some steps before what, counted for the nearest sources of each item.

The events of a block of items are looked up at a time, each with what came before it, so that the table of
all events and all steps is never there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array

from engine.data.interactions import Interactions
from engine.data.sorting import in_order
from engine.ground.arrays import Codes, Floats, Mask, Offsets
from engine.ground.histories import Histories, offsets_of
from engine.ground.near import Values, nearest_in_rows
from engine.ground.sparse import Sparse
from engine.ground.threads import blocks

ENTRIES = 1 << 21
"""of a block: events times steps, unless a single item makes more"""


@dataclass(frozen=True)
class Steps:
    """Pairs of events of one person, up to len(faint) steps apart."""

    sequence: Interactions
    """by user, oldest first"""
    faint: Sequence[float]
    """what a pair counts, one step apart, two ..."""
    weighted: bool = False
    """times the weights of both"""
    ties: bool = False
    """what has the same time follows each other half in each direction"""

    def nearest(self, neighbours: int, ranks: Codes, values: Values) -> list[Histories]:
        """Of each item the items before it with the best positive values, in blocks; no item its own.

        values: of sums of counts, by the item and the one before it.
        """
        order, starts = self._by_item
        borders = _borders(starts, max(ENTRIES // len(self.faint), 1))

        def work(block: int, _: int) -> Histories:
            first, last = int(borders[block]), int(borders[block + 1])
            own = order[starts[first] : starts[last]]
            counts = self._before(own, starts[first : last + 1] - starts[first])
            rows = np.repeat(np.arange(first, last, dtype=np.int32), np.diff(counts.indptr))
            similarity = values(counts.data, rows, counts.indices)
            similarity[counts.indices == rows] = 0
            offsets = counts.indptr.astype(np.int64)
            return nearest_in_rows(offsets, counts.indices, similarity, neighbours, ranks)

        return list(blocks(work, len(borders) - 1, size=1))

    def margins(self) -> tuple[Floats, Floats]:
        """Per item what all that follows it counts, and all that it follows."""
        items = len(self.sequence.item_ids)
        outgoing, incoming = np.zeros(items), np.zeros(items)
        for start in range(0, len(self.sequence), ENTRIES):
            events = np.arange(start, min(start + ENTRIES, len(self.sequence)))
            for newer, way in ((events, -1), (self._tied(events), 1)):
                for step in range(1, len(self.faint) + 1):
                    before, counts = self._counted(newer, step, way)
                    outgoing += np.bincount(self.sequence.items[before], counts, items)
                    incoming += np.bincount(self.sequence.items[newer], counts, items)
        return outgoing.astype(np.float32), incoming.astype(np.float32)

    @cached_property
    def _by_item(self) -> tuple[Offsets, Offsets]:
        """The events in the order of their items, and where those of each item begin."""
        _, order = in_order(self.sequence.items.astype(np.int64))
        return order, offsets_of(np.bincount(self.sequence.items, minlength=len(self.sequence.item_ids)))

    @cached_property
    def _tied_on(self) -> Mask | None:
        """Which events have the time of the person's next one; None where none has."""
        if not self.ties:
            return None
        users, times = self.sequence.users, self.sequence.times
        tied = np.zeros(len(users), np.bool_)
        tied[:-1] = (times[1:] == times[:-1]) & (users[1:] == users[:-1])
        return tied if tied.any() else None

    def _tied(self, events: Offsets) -> Offsets:
        """Those of the events that something at the same time comes after."""
        return events[:0] if self._tied_on is None else events[self._tied_on[events]]

    def _before(self, events: Offsets, offsets: Offsets) -> Sparse:
        """Rows of these events x items: what came before each row's events, or with them."""
        table = self._table(events, offsets, -1)
        tied = self._tied(events)
        if not len(tied) or self._tied_on is None:
            return table
        among = np.concatenate([[0], np.cumsum(self._tied_on[events])])
        return csr_array(table + self._table(tied, among[offsets], 1))

    def _table(self, events: Offsets, offsets: Offsets, way: int) -> Sparse:
        found = [self._counted(events, step, way) for step in range(1, len(self.faint) + 1)]
        columns = np.stack([self.sequence.items[other] for other, _ in found], axis=1)
        counts = np.stack([counts for _, counts in found], axis=1)
        shape = (len(offsets) - 1, len(self.sequence.item_ids))
        places = (offsets * len(found)).astype(np.int32)
        table = csr_array((counts.ravel(), columns.ravel(), places), shape=shape)
        table.sum_duplicates()
        return table

    def _counted(self, events: Offsets, step: int, way: int) -> tuple[Offsets, Floats]:
        """What is so many steps before these events (way -1), or after them at the same time (1)."""
        whole, others = self.sequence, events + way * step
        at = np.clip(others, 0, len(whole) - 1)
        counts = np.where((at == others) & (whole.users[at] == whole.users[events]), self.faint[step - 1], 0)
        if self._tied_on is not None:
            tied = whole.times[at] == whole.times[events]
            counts *= np.where(tied, 0.5, way < 0)
        if self.weighted:
            counts *= whole.weights[at] * whole.weights[events]
        return at, counts.astype(np.float32)


def _borders(starts: Offsets, events: int) -> Offsets:
    """Where blocks of items of about so many events begin, and where the last one ends."""
    block = starts[1:] // events
    return np.concatenate([[0], np.flatnonzero(np.diff(block)) + 1, [len(block)]])
