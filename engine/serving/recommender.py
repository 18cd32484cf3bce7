"""What every trained model can do, whatever its algorithm."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Protocol, runtime_checkable

import numpy as np

from engine.data.memory import Memory
from engine.ground.arrays import Codes, Floats, Ids
from engine.ground.histories import Histories, offsets_of
from engine.ground.vocabulary import UNKNOWN, lookup
from engine.scorers.contextual import Context
from engine.serving.reranking import Rerank


@dataclass(frozen=True)
class Recommendation:
    """Best first. Scores of a calibrated model are chances (engine/serving/calibration.py), others raw."""

    item_ids: list[str]
    scores: list[float]


@runtime_checkable
class Recommender(Protocol):
    """A trained model. Ids it does not know are never an error: unknown users get what is popular."""

    @property
    def user_ids(self) -> Ids: ...

    @property
    def item_ids(self) -> Ids: ...

    def scores(self, histories: Histories) -> Floats:
        """Rows x items for any histories (items coded as in `item_ids`), nothing excluded."""

    def recommend(
        self,
        user_ids: Sequence[str],
        n: int,
        *,
        exclude: Sequence[Collection[str]] | None = None,
        exclude_seen: bool | None = None,
        recent: Mapping[str, Sequence[str]] | None = None,
        at_least: float | None = None,
        rerank: Rerank | None = None,
        context: Context | None = None,
    ) -> list[Recommendation]:
        """At most n items for each user, in the order of `user_ids`.

        exclude: item ids not to give, one collection per user. exclude_seen: leave out what is in the
        user's history; None: unless items come again for this model (`own_items`). recent: items touched
        since training, oldest first, by user id; they count as the newest part of the history, for new users
        too, with the median weight of the training's. at_least: fewer but surer items, none scored below
        this. rerank: variety and popularity control. context: the circumstances they ask in, of all users.
        """

    def rank(
        self, user_id: str, item_ids: Sequence[str], *, context: Context | None = None
    ) -> Recommendation:
        """The given items, best first for this user; unknown items come last with score 0."""

    def similar_items(self, item_ids: Sequence[str], n: int) -> list[Recommendation]:
        """For each item at most n others like it; popular ones for an item that nothing is like."""


def coded(memory: Memory, rows: Sequence[Collection[str]]) -> Histories:
    """Items by their ids, one row each; ids that are not known are left out."""
    codes = lookup(memory.item_ids, list(chain.from_iterable(rows)))
    lengths = np.fromiter((len(row) for row in rows), np.int64, len(rows))
    owners = np.repeat(np.arange(len(rows)), lengths)[codes != UNKNOWN]
    known = codes[codes != UNKNOWN]
    weights = np.full(len(known), memory.usual_weight, np.float32)
    return Histories(offsets_of(np.bincount(owners, minlength=len(rows))), known, weights)


def named(ids: Ids, items: Codes, scores: Floats, at_least: float | None = None) -> list[Recommendation]:
    """Rows of codes and scores, without what is excluded or below `at_least`."""
    names = ids[items].tolist()
    floor = -np.inf if at_least is None else np.nextafter(np.float32(at_least), np.float32(-np.inf))
    kept = scores > floor
    values = scores.tolist()
    if kept.all():
        return [Recommendation(row, score) for row, score in zip(names, values, strict=True)]
    places = [np.flatnonzero(row).tolist() for row in kept]
    return [
        Recommendation([row[at] for at in at_places], [score[at] for at in at_places])
        for row, score, at_places in zip(names, values, places, strict=True)
    ]
