"""Scoring what a person has by the chance that it is touched again at the next visit."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ground.arrays import Codes, Floats, Offsets
from engine.ground.histories import Histories
from engine.scorers.item_item import scattered

TIMES = (2, 3, 5, 9, 17)
"""touched so often or more: bounds of the classes"""
AGO = (1, 2, 4, 8, 16, 32, 64)
"""visits since the last time"""
DUE = (0.5, 0.8, 0.95, 1.06, 1.25, 2.0, 4.0)
"""the next visit's distance to the last time, by the usual distance between two times"""
SHARE = (1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2)
"""of a person's visits"""
LENGTH = (2, 3, 5, 9, 17, 33, 65)
"""visits of the person"""
SIZES = ((len(TIMES) + 1) * (len(DUE) + 2), len(AGO) + 1, len(SHARE) + 1, len(LENGTH) + 1)
STARTS = (0, SIZES[0], SIZES[0] + SIZES[1], SIZES[0] + SIZES[1] + SIZES[2])
CLASSES = sum(SIZES)


@dataclass(frozen=True)
class Habits:
    """Pairs of a row and an item in its history, each once."""

    rows: Offsets
    items: Codes
    classes: NDArray[np.int64]
    """pairs x len(SIZES): the place of the pair's class of each kind among CLASSES"""


def habits(histories: Histories) -> Habits:
    """How often, how long ago, how regularly, out of how much."""
    rows, clock = histories.rows, histories.clock
    ends = np.maximum(histories.offsets[1:] - 1, 0)
    starts = np.minimum(histories.offsets[:-1], max(len(clock) - 1, 0))
    if not len(clock):
        nothing = np.empty(0, np.int64)
        return Habits(nothing, histories.items, np.empty((0, len(SIZES)), np.int64))
    newest, visits = clock[ends], clock[ends] - clock[starts] + 1
    keys = rows * (int(histories.items.max()) + 1) + histories.items
    order = np.argsort(keys, kind="stable")
    new = np.concatenate([[True], keys[order][1:] != keys[order][:-1]])
    first = np.flatnonzero(new)
    last = np.concatenate([first[1:], [len(order)]]) - 1
    owner = rows[order[first]]
    times = last - first + 1
    ago = newest[owner] - clock[order[last]]
    gap = (clock[order[last]] - clock[order[first]]) / np.maximum(times - 1, 1)
    regular = np.where(gap > 0, _class(DUE, (ago + 1) / np.maximum(gap, 1e-9)) + 1, 0)
    kinds = (
        _class(TIMES, times) * (len(DUE) + 2) + regular,
        _class(AGO, ago),
        _class(SHARE, times / visits[owner]),
        _class(LENGTH, visits[owner]),
    )
    classes = np.column_stack([kind + start for kind, start in zip(kinds, STARTS, strict=True)])
    return Habits(owner, histories.items[order[first]], classes)


def _class(bounds: tuple[float, ...], values: NDArray[Any]) -> NDArray[np.int64]:
    return np.searchsorted(bounds, values, side="right")


@dataclass(frozen=True)
class AgainScorer:
    """A logistic regression; what is not in the history has the chance 0."""

    weights: Floats
    """log-odds by class of habit, the constant among them"""
    tendency: Floats
    """per item: how much sooner or later than others it comes again, in log-odds"""

    def scores(self, histories: Histories, users: Codes) -> Floats:
        found = habits(histories)
        return scattered(found.rows, found.items, self._chances(found), (len(histories), len(self.tendency)))

    def chances(self, history: Histories) -> tuple[Codes, Floats]:
        """Of one history its items, each once, and their chances."""
        found = habits(history)
        return found.items, self._chances(found)

    def _chances(self, found: Habits) -> Floats:
        odds = self.weights[found.classes].sum(axis=1) + self.tendency[found.items]
        return np.asarray(np.exp(-np.logaddexp(0, -odds)), np.float32)

    def similar(self, items: Codes) -> Floats:
        return np.zeros((len(items), len(self.tendency)), np.float32)
