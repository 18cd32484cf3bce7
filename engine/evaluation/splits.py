"""Ways to hold data back: what a model may learn from, what it is asked, what would have been right."""

from dataclasses import dataclass

import numpy as np

from engine.data.interactions import Interactions
from engine.data.sorting import oldest_first
from engine.ground.arrays import Codes, Mask
from engine.ground.errors import DataError
from engine.ground.histories import Histories, offsets_of

_EARLIEST, _LATEST = np.iinfo(np.int64).min, np.iinfo(np.int64).max


@dataclass(frozen=True)
class Holdout:
    """One row per test user, all in the code space of `train`.

    `inputs` is the history the model is given (empty users are not asked), `relevant` the distinct items
    held back. If what is held back may have been touched before (`repeats`), inputs are all events; if not,
    only items that are not in the history are relevant: recommending means finding something new. `users` are
    the codes of test users the model was trained on, -1 for those it never saw.
    """

    train: Interactions
    users: Codes
    inputs: Histories
    relevant: Histories
    repeats: bool = False

    @classmethod
    def of(
        cls, train: Interactions, given: Interactions, held: Interactions, *, repeats: bool = False
    ) -> "Holdout":
        """Test users are those with something given and something held back, new to them unless `repeats`.

        Raises: DataError, if there are none.
        """
        inputs = given.all_histories() if repeats else given.histories()
        wanted = (held if repeats else _new(held, given)).histories()
        asked = np.flatnonzero((inputs.lengths > 0) & (wanted.lengths > 0)).astype(np.int32)
        if not len(asked):
            raise DataError("the split leaves no user with both a history and something held back")
        trained = np.bincount(train.users, minlength=len(train.user_ids)) > 0
        users = np.where(trained[asked], asked, -1).astype(np.int32)
        return cls(train, users, inputs.take(asked), wanted.take(asked), repeats)


def newest_share(interactions: Interactions, share: float) -> Mask:
    """The newest `share` of each user's rows: rounded, but at least one of two or more."""
    order, rank_from_newest, counts = _by_age(interactions)
    held = np.where(counts > 1, np.maximum(np.rint(counts * share), 1), 0)
    mask = np.empty(len(interactions), np.bool_)
    mask[order] = rank_from_newest < held
    return mask


def newest_visit(interactions: Interactions) -> Mask:
    """All rows of each user's newest moment, of users with two or more."""
    newest, oldest = (np.full(len(interactions.user_ids), bound) for bound in (_EARLIEST, _LATEST))
    np.maximum.at(newest, interactions.users, interactions.times)
    np.minimum.at(oldest, interactions.users, interactions.times)
    own = interactions.users
    held: Mask = (interactions.times == newest[own]) & (newest[own] > oldest[own])
    return held


def some_users(interactions: Interactions, share: float, rng: np.random.Generator) -> Mask:
    """The rows of a random share of the users that have events, at least one user."""
    present = np.unique(interactions.users)
    chosen = rng.permutation(present)[: max(1, round(len(present) * share))]
    picked = np.zeros(len(interactions.user_ids), np.bool_)
    picked[chosen] = True
    return picked[interactions.users]


def _by_age(interactions: Interactions) -> tuple[Codes, Codes, Codes]:
    """Row order by user, newest first; each ordered row's age rank within its user; and its user's count."""
    order = oldest_first(interactions.users, interactions.items, -interactions.times)
    counts = np.bincount(interactions.users, minlength=len(interactions.user_ids))
    ordered = interactions.users[order]
    rank = np.arange(len(order)) - offsets_of(counts)[:-1][ordered]
    return order.astype(np.int32), rank.astype(np.int32), counts[ordered].astype(np.int32)


def _new(held: Interactions, given: Interactions) -> Interactions:
    width = len(given.item_ids)
    asked = held.users.astype(np.int64) * width + held.items
    seen = given.users.astype(np.int64) * width + given.items
    return held.where(~np.isin(asked, seen))
