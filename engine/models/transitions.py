"""What comes next: items by how often they follow, within a few steps, the newest ones of a history.

A first-order Markov chain with a window, as "SR" in Ludewig and Jannach, "Evaluation of Session-based
Recommendation Algorithms" (UMUAI 2018): the follower d steps on counts 1/d. Items touched in the same
second have no order; they count half in each direction.
"""

from dataclasses import dataclass, field
from typing import cast

import numpy as np
from scipy.sparse import csr_array

from engine.data.interactions import Interactions
from engine.data.training_data import DENSE_ITEMS, TrainingData
from engine.ground.arrays import Codes, Floats
from engine.ground.errors import ConfigError
from engine.ground.histories import Histories, Recency
from engine.ground.sparse import Sparse
from engine.ground.threads import blocks
from engine.models.fitted import fitted
from engine.models.item_neighbours import BLOCK, by_source, nearest
from engine.scorers.item_item import NeighbourScorer
from engine.serving.trained_model import Model


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
    pairs = data.pairs
    items = len(pairs.item_ids)
    follows = _dense(pairs, config.window) if items <= DENSE_ITEMS else _sparse(pairs, config.window)
    outgoing = np.asarray(follows.sum(axis=1), np.float32) + np.float32(config.shrinkage)
    incoming = np.asarray(follows.sum(axis=0), np.float32) + np.float32(config.shrinkage)
    held_back = incoming ** np.float32(config.popularity_power)
    by_target = follows.T if isinstance(follows, np.ndarray) else follows.T.tocsr()

    def work(start: int, stop: int) -> Histories:
        block = by_target[start:stop]
        counts: Floats = block if isinstance(block, np.ndarray) else block.toarray()
        chances = counts / outgoing / held_back[start:stop, None]
        return nearest(chances, start, config.neighbours, data.memory.ranks)

    return NeighbourScorer(by_source(list(blocks(work, items, size=BLOCK)), items), config.recency)


def _dense(pairs: Interactions, window: int) -> Floats:
    """Items x items: how often the column follows the row."""
    items = len(pairs.item_ids)
    total = np.zeros(items * items, np.float32)
    for step in range(1, window + 1):
        rows, columns, values = _followers(pairs, step)
        np.add.at(total, rows.astype(np.int64) * items + columns, values)
    return total.reshape(items, items)


def _sparse(pairs: Interactions, window: int) -> Sparse:
    items = len(pairs.item_ids)
    total = csr_array((items, items), dtype=np.float32)
    for step in range(1, window + 1):
        rows, columns, values = _followers(pairs, step)
        total = csr_array(total + csr_array((values, (rows, columns)), shape=(items, items)))
    return cast(Sparse, total)


def _followers(pairs: Interactions, step: int) -> tuple[Codes, Codes, Floats]:
    """(item, the one `step` places after it, how much it counts), both ways where the times are the same."""
    before, after = np.s_[:-step], np.s_[step:]
    same = pairs.users[before] == pairs.users[after]
    first, then = pairs.items[before][same], pairs.items[after][same]
    tied = pairs.times[before][same] == pairs.times[after][same]
    weights = np.where(tied, 0.5, 1.0).astype(np.float32) / np.float32(step)
    rows, columns = np.concatenate([first, then[tied]]), np.concatenate([then, first[tied]])
    return rows, columns, np.concatenate([weights, weights[tied]])
