"""What people are asked about when a blend is learned: all items; or, of many, the candidates alone.

A table of scores has a row per person. Of all items it has a column each; where there are many, a row has
columns of its own: the candidates that a list would be made of, and what was right. What was right and is no
candidate can not be recommended, and counts as missed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.ground.arrays import Codes, Floats, Mask
from engine.ground.histories import Histories
from engine.ground.places import places_among
from engine.ground.ranking import EXCLUDED, exclude
from engine.ground.threads import blocks
from engine.scorers.among import candidates, scores_among
from engine.scorers.scorer import Scorer

BLOCK = 32
Number = TypeVar("Number", bound=np.generic)


@dataclass(frozen=True)
class Columns:
    """By default all items."""

    items: Codes | None = None
    """people x columns, by rising code within `lengths`"""
    lengths: Codes | None = None
    able: Mask | None = None
    """people x columns: may it be recommended?"""

    @classmethod
    def of(
        cls, scorers: Sequence[Scorer], inputs: Histories, relevant: Histories, by_popularity: Codes
    ) -> "Columns":
        """Candidates of all the scorers together; all items, if none of them has neighbours.

        by_popularity: all items, the most popular first.
        """

        def work(start: int, stop: int) -> list[tuple[Codes, Mask] | None]:
            found: list[tuple[Codes, Mask] | None] = []
            for row in range(start, stop):
                own = candidates(scorers, inputs.slice(row, row + 1), by_popularity)
                if own is None:
                    return [None]
                together = np.union1d(own, relevant.slice(row, row + 1).items).astype(np.int32)
                found.append((together, places_among(own, together)[1]))
            return found

        rows = [one for part in blocks(work, len(inputs), size=BLOCK) for one in part]
        known = [one for one in rows if one is not None]
        if len(known) < len(inputs):
            return cls()
        lengths = np.array([len(items) for items, _ in known], np.int32)
        items = np.zeros((len(known), int(lengths.max(initial=0))), np.int32)
        able = np.zeros(items.shape, np.bool_)
        for row, (own, may) in enumerate(known):
            items[row, : len(own)], able[row, : len(own)] = own, may
        return cls(items, lengths, able)

    @property
    def width(self) -> int:
        return 0 if self.items is None else self.items.shape[1]

    def widened(self, width: int) -> "Columns":
        """With more columns, of which nothing may be recommended."""
        if self.items is None or self.able is None:
            return self
        more = ((0, 0), (0, width - self.width))
        return Columns(np.pad(self.items, more), self.lengths, np.pad(self.able, more))

    def scores(self, scorer: Scorer, histories: Histories, users: Codes) -> Floats:
        """People x columns; what can not be recommended is at -inf."""
        if self.items is None or self.lengths is None or self.able is None:
            return scorer.scores(histories, users)
        table, lengths = np.full(self.items.shape, EXCLUDED, np.float32), self.lengths.tolist()

        def work(start: int, stop: int) -> None:
            for row in range(start, stop):
                own, part = self._own(row, lengths), histories.slice(row, row + 1)
                table[row, : lengths[row]] = scores_among(scorer, part, users[row : row + 1], own)[0]

        for _ in blocks(work, len(histories), size=BLOCK):
            pass
        table[~self.able] = EXCLUDED
        return table

    def exclude(self, scores: Floats, histories: Histories) -> None:
        """What exclude of engine/ground/ranking.py does."""
        exclude(scores, self.placed(histories))

    def placed(self, histories: Histories) -> Histories:
        """With columns as codes, of items that are all among them."""
        if self.items is None or self.lengths is None:
            return histories
        lengths = self.lengths.tolist()
        own = (
            places_among(self._own(row, lengths), histories.slice(row, row + 1).items)[0]
            for row in range(len(histories))
        )
        found = np.concatenate([np.empty(0, np.int32), *own])
        return Histories(histories.offsets, found, histories.weights, histories.visits)

    def told(self, values: NDArray[Number], people: int) -> NDArray[Number]:
        """People x columns, from a value per item."""
        if self.items is None:
            return np.broadcast_to(values, (people, len(values)))
        return np.asarray(values[self.items])

    def _own(self, row: int, lengths: list[int]) -> Codes:
        assert self.items is not None
        return self.items[row, : lengths[row]]


def stacked(columns: Iterable[Columns]) -> list[Columns]:
    """All of one width, so that their tables can stand below each other."""
    found = list(columns)
    if any(one.items is None for one in found):
        return [Columns() for _ in found]
    width = max(one.width for one in found)
    return [one.widened(width) for one in found]
