"""What comes again: the chance that somebody touches at the next visit what they have touched before.

A logistic regression on how often, how long ago, how close to its usual distance in visits, and in which
share of the visits the person touched the item, and on how readily the item comes again for others. A visit
is all that has the same second. Learned from everybody's newest visits, each asked about from what was
before.

How often and how lately a person had an item carries most of what next baskets can be told from: Hu et al.,
"Modeling Personalized Item Frequency Information for Next-basket Recommendation" (SIGIR 2020); Li et al.,
"A Next Basket Recommendation Reality Check" (TOIS 2023).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.ground.arrays import Codes, Floats, Mask
from engine.ground.errors import ConfigError
from engine.ground.histories import Histories, offsets_of
from engine.models.fitted import fitted
from engine.scorers.again import CLASSES, SIZES, AgainScorer, Habits, habits
from engine.serving.trained_model import Model

STEPS = 25
ENOUGH = 1e-3
"""a step so small ends it"""
SMALLEST = 1 / 64
MOST_ENTRIES = 2_000_000
"""of histories that are asked about; of more, those of some people"""


@dataclass(frozen=True, kw_only=True)
class AgainConfig:
    visits: int = 4
    """of everybody, the newest: what was touched again there is learned from"""
    prior: float = 20.0
    """imaginary touches that draw an item's own readiness towards that of all"""
    regularisation: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.visits < 1 or not self.prior > 0 or not self.regularisation > 0:
            raise ConfigError(f"needs visits >= 1, and a prior and a regularisation > 0, got {self}")


def fit(data: Interactions | TrainingData, config: AgainConfig) -> Model:
    return fitted(data, lambda whole: train(whole, config))


def train(data: TrainingData, config: AgainConfig) -> AgainScorer:
    """Where nobody has touched anything twice, all items of a history have next to no chance."""
    items = len(data.interactions.item_ids)
    histories = data.sequence.as_visits()
    asked, came = _asked(_some(histories, config), config.visits)
    half = asked.rows % 2 == 0
    own = [_tendency(asked.items[one], came[one], items, config.prior) for one in (half, ~half)]
    other = np.where(half, own[1][asked.items], own[0][asked.items])  # nobody says what to expect of himself
    found = _regression(asked, other, came, config.regularisation)
    everybody = _tendency(asked.items, came, items, config.prior)
    return AgainScorer(found[:CLASSES].astype(np.float32), (found[CLASSES] * everybody).astype(np.float32))


def _some(histories: Histories, config: AgainConfig) -> Histories:
    entries = len(histories.items) * config.visits
    if entries <= MOST_ENTRIES:
        return histories
    rng = np.random.default_rng(config.seed)
    people = np.flatnonzero(rng.random(len(histories)) < MOST_ENTRIES / entries)
    return histories.take(people)


def _asked(histories: Histories, visits: int) -> tuple[Habits, Mask]:
    """Habits before each of the newest visits, and what of them was kept to at that visit."""
    rows, clock = histories.rows, histories.clock
    ends = np.maximum(histories.offsets[1:] - 1, 0)
    newest = clock[ends] if len(clock) else np.zeros(len(histories), np.int64)
    back = newest[rows] - clock
    width = int(histories.items.max(initial=0)) + 1
    found, came = [], []
    for step in range(visits):
        before = back > step
        lengths = np.bincount(rows[before], minlength=len(histories))
        part = Histories(
            offsets_of(lengths),
            histories.items[before],
            histories.weights[before],
            clock[before].astype(np.int32),
        )
        habit = habits(part)
        touched = rows[back == step] * width + histories.items[back == step]
        came.append(np.isin(habit.rows * width + habit.items, touched))
        found.append(habit)
    whole = Habits(
        np.concatenate([one.rows for one in found]),
        np.concatenate([one.items for one in found]),
        np.concatenate([one.classes for one in found]),
    )
    return whole, np.concatenate(came)


def _tendency(asked: Codes, came: Mask, items: int, prior: float) -> Floats:
    """Per item its log-odds of coming again, beyond those of all."""
    often, again = np.bincount(asked, minlength=items), np.bincount(asked, came, items)
    usual = (came.sum() + 1) / (len(came) + 2)
    odds = np.log((again + prior * usual) / (often - again + prior * (1 - usual)))
    return np.asarray(odds - np.log(usual / (1 - usual)), np.float64)


def _regression(asked: Habits, tendency: Floats, came: Mask, regularisation: float) -> Floats:
    """CLASSES + 1 weights, by Newton's method; the last is that of the tendency."""
    pairs, kinds = asked.classes.shape
    columns = np.column_stack([asked.classes, np.full(pairs, CLASSES)]).reshape(-1)
    values = np.column_stack([np.ones((pairs, kinds)), tendency]).reshape(-1)
    x = csr_array((values, columns, np.arange(pairs + 1) * (kinds + 1)), shape=(pairs, CLASSES + 1))
    usual = (came.sum() + 1) / (pairs + 2)
    start = np.zeros(CLASSES + 1)
    start[:CLASSES] = np.log(usual / (1 - usual)) / len(SIZES)
    weights, before = start, np.inf
    for _ in range(STEPS):
        odds = x @ weights
        chances = np.exp(-np.logaddexp(0, -odds))
        slope = x.T @ (came - chances) - regularisation * (weights - start)
        curve = (x.T @ x.multiply((chances * (1 - chances))[:, None]).tocsr()).toarray()
        step = np.linalg.solve(curve + regularisation * np.eye(CLASSES + 1), slope)
        size = 1.0
        while (loss := _loss(x @ (weights + size * step), came)) > before and size > SMALLEST:
            size /= 2
        weights, before = weights + size * step, loss
        if np.abs(size * step).max() < ENOUGH:
            break
    return np.asarray(weights)


def _loss(odds: NDArray[np.float64], came: Mask) -> float:
    return float(np.logaddexp(0, np.where(came, -odds, odds)).sum())
