"""A model at work: scores for users and items by what is known today, within what a filter allows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from engine.ground.arrays import Codes, Floats, Ids, Times
from engine.ground.histories import Histories
from engine.ground.ranking import ranks_of
from engine.ground.vocabulary import UNKNOWN, lookup, place_of
from engine.scorers.contextual import Context
from engine.serving.trained_model import Model
from personalize_server.answers.newcomers import Newcomers
from personalize_server.answers.probabilities import Scale, scaled, shares
from personalize_server.facts.recipes import Recipe
from personalize_server.filters.applying import FilterData

_FRESHNESS_HALF_LIFE = 30 * 86_400
_UNLIKE = np.float32(0.05)
"""what a newcomer counts that is like nothing a user touched, against the one that is most like it"""
_MOST_NAMED = 10_000
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
    """how often each item has been shown, newcomers of the image too; None: the recipe does not explore"""
    newcomers: Newcomers
    """items that only filters and exploration know, their codes after the model's"""
    new_users: Mapping[str, int] = field(default_factory=dict)
    """rows of `filters.users`, after those of `user_ids`, by user"""
    _named: dict[int, str] = field(default_factory=dict, repr=False, compare=False)
    """names of the model's items that have been listed, by code"""

    @property
    def width(self) -> int:
        """Items with a code."""
        return len(self.model.item_ids) + len(self.newcomers)

    @cached_property
    def ranks(self) -> Codes:
        """By code, which of two items with the same score comes first: the more popular one."""
        own = self.model.memory.ranks
        if not len(self.newcomers):
            return own
        newer = ranks_of(np.zeros(len(self.newcomers), np.float32)) + np.int32(len(own))
        return np.concatenate([own, newer])

    def rows(self, user_ids: Sequence[str]) -> Codes:
        """The users' places in `user_ids`, -1 where it has none."""
        return lookup(self.user_ids, user_ids)

    def row(self, user_id: str) -> int:
        """The same of one user."""
        return place_of(self.user_ids, user_id)

    def filter_rows(self, user_ids: Sequence[str], rows: Codes) -> Codes:
        """Places in the table that filters look users up in; `rows` are those in `user_ids`."""
        if not self.new_users or (rows >= 0).all():
            return rows
        new = [self.new_users.get(user, UNKNOWN) for user in user_ids]
        return np.where(rows >= 0, rows, new).astype(np.int32)

    def codes(self, item_ids: Sequence[str]) -> list[int]:
        """Of items of the model and newcomers, -1 for those that nothing is known of."""
        found: list[int] = lookup(self.model.item_ids, item_ids).tolist()
        if not len(self.newcomers):
            return found
        places = self.newcomers.places
        return [
            places.get(name, UNKNOWN) if code < 0 else code
            for name, code in zip(item_ids, found, strict=True)
        ]

    def names(self, codes: Sequence[int]) -> list[str]:
        known = len(self.model.item_ids)
        if max(codes, default=0) < known:
            try:
                return [self._named[code] for code in codes]
            except KeyError:
                return self._named_anew(codes)
        ids = self.newcomers.ids
        return [str(self.model.item_ids[code]) if code < known else ids[code - known] for code in codes]

    def _named_anew(self, codes: Sequence[int]) -> list[str]:
        """And remembered: the same items are listed again and again."""
        names: list[str] = self.model.item_ids[list(codes)].tolist()
        if len(self._named) > _MOST_NAMED:
            self._named.clear()
        self._named.update(zip(codes, names, strict=True))
        return names

    def of_users(
        self, rows: Codes, recent: Histories | None = None, contexts: Sequence[Context] = ()
    ) -> Floats:
        """Users x the model's items.

        `recent` continues the histories, `contexts` has one for each user or none.
        """
        scores = self.model.scores(*self._continued(rows, recent), contexts)
        return shares(scores) if self.recipe.scores else scores

    def of_users_scaled(
        self, rows: Codes, recent: Histories | None = None, contexts: Sequence[Context] = ()
    ) -> tuple[Floats, Scale]:
        """The same of a recipe that has scores, with what they were scaled by."""
        return scaled(self.model.scores(*self._continued(rows, recent), contexts))

    def of_newcomers(self, rows: Codes, scale: Scale, recent: Histories | None = None) -> Floats:
        """Users x newcomers, on the users' scale; less for those that are less like what a user touched.

        So they are told apart where metadata have next to no say in the model.
        """
        scores = self.newcomers.scores(self._continued(rows, recent)[0])
        best = np.maximum.reduce(scores, axis=1, keepdims=True, initial=0)
        liking = np.where(best > 0, scores / np.maximum(best, np.float32(1e-30)), np.float32(1))
        return scale.shares(scores) * (_UNLIKE + (1 - _UNLIKE) * liking)

    def _continued(self, rows: Codes, recent: Histories | None) -> tuple[Histories, Codes]:
        """The users' histories, and the model's codes of users whom it was trained on as they are."""
        trained = np.where(rows >= 0, self.trained[rows], UNKNOWN)
        histories = self.histories.take(rows)
        if recent is not None and len(recent.items):
            histories = histories.joined(recent)
            trained = np.where(recent.lengths > 0, UNKNOWN, trained)
        return histories, trained.astype(np.int32)

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
