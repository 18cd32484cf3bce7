"""Items that a model does not know: put or imported since its training, their codes after the model's.

Their raw scores are what the model's blend gives an item that nobody has touched: the part of it that looks
at metadata. Where a blend has no such part, they are in that part's order, too faint to be heard.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ground.arrays import Floats, Times
from engine.ground.histories import Histories, Recency, offsets_of
from engine.scorers.item_item import scattered

_FAINT = 1e-3


@dataclass(frozen=True)
class Say:
    """What metadata have to say in a model's blend."""

    weight: float = _FAINT
    recency: Recency | None = field(default_factory=Recency)
    neighbours: int = 500
    """of each newcomer: the items of the model that speak for it"""


def say_of(learned: Mapping[str, Any] | None) -> Say:
    """By what a training has learned, as an InferencePlan has it."""
    hybrid = (learned or {}).get("hybrid") or {}
    for member, weight in zip(hybrid.get("members", ()), hybrid.get("weights") or (), strict=False):
        if member["kind"] == "content":
            found = member["recency"]
            recency = found and Recency(half_life=found["half_life"], floor=found["floor"])
            return Say(weight, recency, member["neighbours"])
    return Say()


@dataclass(frozen=True, kw_only=True)
class Newcomers:
    """Row r of all members is about `ids[r]`, whose code is `first + r`."""

    first: int
    """how many items the model knows"""
    ids: Sequence[str]
    since: Times
    """when they were created, epoch seconds"""
    arrived: NDArray[np.float64]
    """when they came to the server, epoch seconds; 0: longer ago than a day"""
    near: Histories
    """the model's items that each is like, and how alike"""
    say: Say

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Codes by id."""
        return {name: self.first + at for at, name in enumerate(self.ids)}

    def scores(self, histories: Histories) -> Floats:
        """Rows x newcomers, on the scale of the model's raw scores."""
        recency = self.say.recency
        weighted = recency.weigh(histories) if recency else histories
        near = self._by_source.take(weighted.items)
        strength = np.repeat(weighted.weights, near.lengths) * near.weights * np.float32(self.say.weight)
        rows = np.repeat(weighted.rows, near.lengths)
        return scattered(rows, near.items, strength, (len(histories), len(self)))

    @cached_property
    def _by_source(self) -> Histories:
        """Per item of the model the newcomers that are like it."""
        order = np.argsort(self.near.items, kind="stable")
        lengths = np.bincount(self.near.items, minlength=self.first)
        return Histories(
            offsets_of(lengths), self.near.rows[order].astype(np.int32), self.near.weights[order]
        )


def none_new(items: int) -> Newcomers:
    """Besides a model's `items`."""
    return Newcomers(
        first=items,
        ids=(),
        since=np.empty(0, np.int64),
        arrived=np.empty(0),
        near=Histories.empty(0),
        say=Say(),
    )


def together(older: Newcomers, newer: Newcomers) -> Newcomers:
    return Newcomers(
        first=older.first,
        ids=(*older.ids, *newer.ids),
        since=np.concatenate([older.since, newer.since]),
        arrived=np.concatenate([older.arrived, newer.arrived]),
        near=Histories.stacked([older.near, newer.near]),
        say=older.say,
    )
