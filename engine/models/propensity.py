"""The next best action: how likely somebody takes it within some days of having it before them.

A logistic regression per action, drawn towards one for all actions together (a hierarchical prior as in
Gelman and Hill, "Data Analysis Using Regression and Multilevel/Hierarchical Models", 2006, chapter 14),
fitted by Newton's method. What is known of a person: the leading singular directions of what they touched
(models/pure_svd.py), and whether they have taken or refused other actions.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.data.interactions import Interactions
from engine.data.memory import Memory
from engine.data.training_data import TrainingData
from engine.ground.arrays import Codes, Floats, Ids, Mask, Times
from engine.ground.errors import ConfigError, DataError
from engine.ground.histories import Histories, offsets_of
from engine.models.pure_svd import PureSvdConfig
from engine.models.pure_svd import train as train_svd
from engine.scorers.propensity import REFUSED, TAKEN, PropensityScorer, willingness
from engine.serving.trained_model import Model

DAY = 86_400
STEPS = 30

Matrix = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class PropensityConfig:
    factors: int = 16
    period_days: float = 14.0
    """an action counts as taken if it is within so many days of the first sight of it"""
    window_days: float = 42.0
    """older events than so many days before the newest are left out"""
    least: int = 50
    """takings, and as many pairs without one, that an action needs to be learned about"""
    prior: float = 4.0
    """pull of each action's weights towards those of all actions"""

    def __post_init__(self) -> None:
        if self.factors < 1 or self.period_days <= 0 or self.window_days <= 0 or self.prior <= 0:
            raise ConfigError(f"needs positive factors, periods and prior, got {self}")


@dataclass(frozen=True)
class ActionEvents:
    """One row per event; `users` and `actions` are positions in the sorted ids."""

    user_ids: Ids
    action_ids: Ids
    users: Codes
    actions: Codes
    times: Times
    taken: Mask


@dataclass(frozen=True)
class Samples:
    """One row per user and action that came before them."""

    users: Codes
    actions: Codes
    taken: Mask

    def where(self, mask: Mask) -> "Samples":
        return Samples(self.users[mask], self.actions[mask], self.taken[mask])


def samples_of(events: ActionEvents, config: PropensityConfig) -> Samples:
    if not len(events.users):
        return Samples(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.bool_))
    recent = events.times >= events.times.max() - config.window_days * DAY
    users, actions, times, taken = (
        column[recent] for column in (events.users, events.actions, events.times, events.taken)
    )
    keys = users.astype(np.int64) * len(events.action_ids) + actions
    pairs, first = np.unique(keys, return_inverse=True)
    seen = np.full(len(pairs), np.iinfo(np.int64).max)
    np.minimum.at(seen, first, times)
    good = np.zeros(len(pairs), np.bool_)
    good[first[taken & (times <= seen[first] + config.period_days * DAY)]] = True
    width = len(events.action_ids)
    return Samples((pairs // width).astype(np.int32), (pairs % width).astype(np.int32), good)


def fit(
    interactions: Interactions, events: ActionEvents, samples: Samples, config: PropensityConfig
) -> Model:
    """`interactions` are what people touched besides, in the users' code space of `events`.

    Raises: DataError, if there are no actions.
    """
    actions = len(events.action_ids)
    if not actions:
        raise DataError("there are no actions to recommend")
    tastes = _tastes(interactions, config)
    histories = _histories(samples, len(events.user_ids))
    shares = np.bincount(samples.actions[samples.taken], minlength=actions) + 1.0
    memory = Memory(events.user_ids, events.action_ids, histories, (shares / shares.sum()).astype(np.float32))
    width = tastes.shape[1] + 2
    weights, known, usual = np.zeros((actions, width), np.float32), np.zeros(actions, np.bool_), 0.0
    if len(samples.users):
        inputs, usual = _inputs(samples, histories, tastes, actions)
        common = _newton(inputs, samples.taken, np.zeros(width), 1.0)
        for action in range(actions):
            rows = samples.actions == action
            takings = int(samples.taken[rows].sum())
            known[action] = takings >= config.least and int(rows.sum()) - takings >= config.least
            if known[action]:
                weights[action] = _newton(inputs[rows], samples.taken[rows], common, config.prior)
    scorer = PropensityScorer(tastes, weights, usual, known)
    return Model(memory, scorer, cold=scorer)


def chances(model: Model, samples: Samples, histories: Histories) -> Floats:
    """What a trained model says of each of these samples; `histories` by user."""
    found = np.empty(len(samples.users), np.float32)
    for start in range(0, len(found), 4096):
        users = samples.users[start : start + 4096]
        block = model.scorer.scores(histories.take(users), users)
        found[start : start + 4096] = block[np.arange(len(users)), samples.actions[start : start + 4096]]
    return found


def _tastes(interactions: Interactions, config: PropensityConfig) -> Floats:
    users = len(interactions.user_ids)
    if not len(interactions):
        return np.zeros((users, config.factors), np.float32)
    data = TrainingData(interactions)
    scorer = train_svd(data, PureSvdConfig(factors=config.factors, recency=None))
    places: Floats = np.asarray(data.x @ scorer.factors, np.float32)
    having = np.bincount(interactions.users, minlength=users) > 0
    mean, spread = places[having].mean(axis=0), places[having].std(axis=0)
    scaled: Floats = np.divide(places - mean, spread, out=np.zeros_like(places), where=spread > 0)
    scaled[~having] = 0
    return scaled


def _histories(samples: Samples, users: int) -> Histories:
    """Samples are by user already."""
    lengths = np.bincount(samples.users, minlength=users)
    return Histories(offsets_of(lengths), samples.actions, np.where(samples.taken, TAKEN, REFUSED))


def _inputs(samples: Samples, histories: Histories, tastes: Floats, actions: int) -> tuple[Matrix, float]:
    """A row per sample as the scorer sees it, and the usual willingness."""
    inputs = np.empty((len(samples.users), tastes.shape[1] + 2), np.float64)
    inputs[:, 0] = 1
    inputs[:, 1:-1] = tastes[samples.users]
    users, rows = np.unique(samples.users, return_inverse=True)
    known, willing = (block[rows, samples.actions] for block in willingness(histories.take(users), actions))
    usual = float(willing[known].mean()) if known.any() else 0.0
    inputs[:, -1] = np.where(known, willing - usual, 0)
    return inputs, usual


def _newton(inputs: Matrix, taken: Mask, prior: Matrix, strength: float) -> Matrix:
    """Weights of the largest posterior under a normal prior of this mean and precision."""
    weights = prior.copy()
    penalty = strength * np.eye(len(prior))
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-np.clip(inputs @ weights, -30, 30)))
        gradient = inputs.T @ (taken - chance) - strength * (weights - prior)
        curvature = (inputs.T * (chance * (1 - chance))) @ inputs + penalty
        step = np.linalg.solve(curvature, gradient)
        weights = weights + step
        if np.abs(step).max() < 1e-6:
            break
    return weights
