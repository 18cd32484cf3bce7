"""A model at work: scores for users and items by what is known today, within what a filter allows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Codes, Floats, Ids, Times
from engine.histories import Histories
from engine.model import Model
from engine.scorers.contextual import Context
from engine.vocabulary import UNKNOWN, lookup
from personalize_server.filters.applying import FilterData
from personalize_server.probabilities import shares
from personalize_server.recipes import Recipe

_FRESHNESS_HALF_LIFE = 30 * 86_400
_TIE = 1e-6
"""weight of popularity among items that have nothing in common with the given one"""


@dataclass(frozen=True, kw_only=True)
class Inference:
    model: Model
    recipe: Recipe
    user_ids: Ids
    """everybody with interactions or metadata, in order"""
    trained: Codes
    """per user the model's code, -1 where it was not trained on the user"""
    histories: Histories
    """per user, in the model's items"""
    filters: FilterData
    item_since: Times
    """when each item was created, or first touched, epoch seconds"""
    newest: int
    """time of the latest interaction, epoch seconds"""
    impressions: Floats | None
    """how often each item has been shown; None: the recipe does not explore"""

    def rows(self, user_ids: Sequence[str]) -> Codes:
        """The users' places in `user_ids`, -1 where it has none."""
        return lookup(self.user_ids, user_ids)

    def codes(self, item_ids: Sequence[str]) -> list[int]:
        """The model's codes of items, -1 for those it does not know."""
        found: list[int] = lookup(self.model.item_ids, item_ids).tolist()
        return found

    def of_users(
        self, rows: Codes, recent: Histories | None = None, contexts: Sequence[Context] = ()
    ) -> Floats:
        """Users x items; `recent` continues the histories, `contexts` has one for each user or none."""
        trained = np.where(rows >= 0, self.trained[rows], UNKNOWN)
        histories = self.histories.take(rows)
        if recent is not None and len(recent.items):
            histories = histories.joined(recent)
            trained = np.where(recent.lengths > 0, UNKNOWN, trained)
        scores = self.model.scores(histories, trained.astype(np.int32), contexts)
        return shares(scores) if self.recipe.scores else scores

    def effective(self, context: Context | None) -> Sequence[Context]:
        """The context of one user for `of_users`; none where it would change no score."""
        learned = self.model.context
        return [context] if context and learned is not None and learned.knows(context) else ()

    def of_items(self, item_ids: Sequence[str], influence: Mapping[str, float] | None = None) -> Floats:
        """Items x items, how alike; an unknown item is like what is popular, none is like itself.

        `influence` is a rankingInfluence, which only recipes of texts have.
        """
        codes = lookup(self.model.item_ids, item_ids)
        scores = self.model.scorer.similar(np.maximum(codes, 0))
        scores += np.float32(_TIE) * self.model.memory.popularity
        if influence and self.recipe.incremental:
            scores += self._influence(influence)
        scores[codes == UNKNOWN] = self.model.memory.popularity
        known = np.flatnonzero(codes != UNKNOWN)
        scores[known, codes[known]] = -np.inf
        return scores

    def _influence(self, weights: Mapping[str, float]) -> Floats:
        """Per item: its popularity by that of the most popular, and its freshness, halved every 30 days."""
        popularity = self.model.memory.popularity
        age = (self.newest_item - self.item_since) / _FRESHNESS_HALF_LIFE
        parts = {"POPULARITY": popularity / max(float(popularity.max()), 1e-12), "FRESHNESS": np.exp2(-age)}
        total = np.zeros(len(popularity), np.float32)
        for name, weight in weights.items():
            total += np.float32(weight) * parts[name].astype(np.float32)
        return total

    @property
    def newest_item(self) -> int:
        return int(self.item_since.max(initial=0))
