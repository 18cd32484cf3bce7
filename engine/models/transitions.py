"""What comes next: items by how often they follow, within a few steps, the newest ones of a history.

A first-order Markov chain with a window, as "SR" in Ludewig and Jannach, "Evaluation of Session-based
Recommendation Algorithms" (UMUAI 2018): the follower d steps on counts 1/d. Items touched in the same
second have no order; they count half in each direction.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.interactions import Interactions
from engine.data.memory import DENSE_ITEMS
from engine.data.training_data import TrainingData
from engine.ground.arrays import Codes, Floats
from engine.ground.errors import ConfigError
from engine.ground.histories import Histories, Recency
from engine.ground.near import bounded
from engine.ground.threads import blocks
from engine.models.fitted import fitted
from engine.models.item_neighbours import BLOCK, TARGETS, by_source, nearest
from engine.models.steps import Steps
from engine.scorers.item_item import NeighbourScorer
from engine.serving.trained_model import Model

Counts = NDArray[np.number[Any]]


@dataclass(frozen=True, kw_only=True)
class TransitionsConfig:
    window: int = 6
    """steps ahead that still count as following"""
    neighbours: int = 50
    shrinkage: float = 9.0
    popularity_power: float = 0.06
    """how far an item is held back for following everything: 0 not at all, 1 in full"""
    recency: Recency | None = field(default_factory=lambda: Recency(half_life=3.0, floor=0.0))

    def __post_init__(self) -> None:
        if self.window < 1 or self.neighbours < 1 or self.shrinkage < 0:
            raise ConfigError(f"needs window >= 1, neighbours >= 1 and shrinkage >= 0, got {self}")


def fit(data: Interactions | TrainingData, config: TransitionsConfig) -> Model:
    return fitted(data, lambda whole: train(whole, config))


def train(data: TrainingData, config: TransitionsConfig) -> NeighbourScorer:
    pairs = data.sequence if data.own_items else data.pairs
    items = len(pairs.item_ids)
    if items > DENSE_ITEMS:
        parts = _nearest_of_many(pairs, config, data.memory.ranks)
        return NeighbourScorer(bounded(by_source(parts, items), TARGETS, data.memory.ranks), config.recency)
    follows = _dense(pairs, config.window)
    outgoing, held_back = _margins(follows.sum(axis=1), follows.sum(axis=0), config)
    by_target = follows.T

    def work(start: int, stop: int) -> Histories:
        chances = by_target[start:stop] / outgoing / held_back[start:stop, None]
        return nearest(chances, start, config.neighbours, data.memory.ranks)

    return NeighbourScorer(by_source(list(blocks(work, items, size=BLOCK)), items), config.recency)


def _nearest_of_many(pairs: Interactions, config: TransitionsConfig, ranks: Codes) -> list[Histories]:
    steps = Steps(pairs, [1 / step for step in range(1, config.window + 1)], ties=True)
    outgoing, held_back = _margins(*steps.margins(), config)

    def chances(counts: Floats, targets: Codes, sources: Codes) -> Floats:
        return np.asarray(counts / outgoing[sources] / held_back[targets], np.float32)

    return steps.nearest(config.neighbours, ranks, chances)


def _margins(outgoing: Counts, incoming: Counts, config: TransitionsConfig) -> tuple[Floats, Floats]:
    """Per item: how often something follows it, shrunk; and how far it is held back as a follower."""
    shrinkage = np.float32(config.shrinkage)
    followed = np.asarray(outgoing, np.float32) + shrinkage
    following = np.asarray(incoming, np.float32) + shrinkage
    return followed, following ** np.float32(config.popularity_power)


def _dense(pairs: Interactions, window: int) -> Floats:
    """Items x items: how often the column follows the row."""
    items = len(pairs.item_ids)
    total = np.zeros(items * items, np.float32)
    for step in range(1, window + 1):
        rows, columns, values = _followers(pairs, step)
        np.add.at(total, rows.astype(np.int64) * items + columns, values)
    return total.reshape(items, items)


def _followers(pairs: Interactions, step: int) -> tuple[Codes, Codes, Floats]:
    """(item, the one `step` places after it, how much it counts), both ways where the times are the same."""
    before, after = np.s_[:-step], np.s_[step:]
    same = pairs.users[before] == pairs.users[after]
    first, then = pairs.items[before][same], pairs.items[after][same]
    tied = pairs.times[before][same] == pairs.times[after][same]
    weights = np.where(tied, 0.5, 1.0).astype(np.float32) / np.float32(step)
    rows, columns = np.concatenate([first, then[tied]]), np.concatenate([then, first[tied]])
    return rows, columns, np.concatenate([weights, weights[tied]])
