"""What every trained model can do, whatever its algorithm."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from engine.ground.arrays import Floats, Ids
from engine.ground.histories import Histories
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
