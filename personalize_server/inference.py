"""A model at work: scores for users and items by what is known today, within what a filter allows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Codes, Floats
from engine.histories import Histories
from engine.model import Model
from engine.vocabulary import UNKNOWN, lookup
from personalize_server.filters.applying import FilterData
from personalize_server.interaction_table import InteractionTable
from personalize_server.probabilities import shares
from personalize_server.recipes import Recipe

_TIE = 1e-6
"""weight of popularity among items that have nothing in common with the given one"""


@dataclass(frozen=True)
class Inference:
    model: Model
    recipe: Recipe
    table: InteractionTable
    histories: Histories
    """per user of the table, in the model's items"""
    filters: FilterData

    def rows(self, user_ids: Sequence[str]) -> Codes:
        """The users' rows of the table, -1 where it has none."""
        return lookup(self.table.user_ids, user_ids)

    def of_users(self, user_ids: Sequence[str], recent: Histories | None = None) -> Floats:
        """Users x items; `recent` continues the users' histories."""
        trained = lookup(self.model.user_ids, user_ids)
        histories = self.histories.take(self.rows(user_ids))
        if recent is not None and len(recent.items):
            histories = histories.joined(recent)
            trained = np.where(recent.lengths > 0, UNKNOWN, trained).astype(np.int32)
        scores = self.model.scores(histories, trained)
        return shares(scores) if self.recipe.scores else scores

    def of_items(self, item_ids: Sequence[str]) -> Floats:
        """Items x items, how alike; an unknown item is like what is popular, none is like itself."""
        codes = lookup(self.model.item_ids, item_ids)
        scores = self.model.scorer.similar(np.maximum(codes, 0))
        scores += np.float32(_TIE) * self.model.memory.popularity
        scores[codes == UNKNOWN] = self.model.memory.popularity
        known = np.flatnonzero(codes != UNKNOWN)
        scores[known, codes[known]] = -np.inf
        return scores
