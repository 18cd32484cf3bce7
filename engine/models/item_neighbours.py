"""Item neighbourhoods: items alike when the same people touch them.

Sarwar et al., "Item-based Collaborative Filtering Recommendation Algorithms" (WWW 2001); the shrunk,
asymmetric cosine x_i.x_j / (|x_i|^2a |x_j|^2(1-a) + shrinkage), i touched, j recommended, is Aiolli's,
"Efficient Top-N Recommendation for Very Large Scale Binary Rated Datasets" (RecSys 2013).
"""

from dataclasses import dataclass, field

import numpy as np

from engine.data.interactions import Interactions
from engine.data.memory import DENSE_ITEMS
from engine.data.training_data import TrainingData
from engine.ground.arrays import Codes, Floats
from engine.ground.errors import ConfigError
from engine.ground.histories import Histories, Recency, offsets_of
from engine.ground.near import bounded, nearest_by_product
from engine.ground.ranking import EXCLUDED, top
from engine.ground.sparse import turned
from engine.ground.threads import blocks
from engine.models.fitted import fitted
from engine.scorers.item_item import NeighbourScorer
from engine.serving.trained_model import Model

BLOCK = 512
TARGETS = 300
"""of many items, those that one item may speak for"""


@dataclass(frozen=True, kw_only=True)
class ItemNeighboursConfig:
    neighbours: int = 40
    """of each item that may be recommended: the touched items that speak for it"""
    shrinkage: float = 4.0
    asymmetry: float = 0.8
    """0.5 is the cosine; above, touched items speak less the more popular they are, and popular items are
    held back less when recommended"""
    least_shared: int = 0
    """items with fewer people in common than this are not alike"""
    recency: Recency | None = field(default_factory=Recency)

    def __post_init__(self) -> None:
        if self.neighbours < 1 or self.shrinkage < 0 or not 0 <= self.asymmetry <= 1:
            raise ConfigError(f"needs neighbours >= 1, shrinkage >= 0 and asymmetry in 0..1, got {self}")


def fit(data: Interactions | TrainingData, config: ItemNeighboursConfig) -> Model:
    return fitted(data, lambda whole: train(whole, config))


def train(data: TrainingData, config: ItemNeighboursConfig) -> NeighbourScorer:
    items = len(data.interactions.item_ids)
    norms = np.asarray(data.x.power(2).sum(axis=0), np.float32)
    target, source = norms ** np.float32(1 - config.asymmetry), norms ** np.float32(config.asymmetry)

    shrinkage = np.float32(config.shrinkage + 1e-9)
    if items > DENSE_ITEMS:

        def alike(shared: Floats, targets: Codes, sources: Codes) -> Floats:
            enough = shared if config.least_shared <= 0 else np.where(shared < config.least_shared, 0, shared)
            return np.asarray(enough / (target[targets] * source[sources] + shrinkage), np.float32)

        parts = nearest_by_product(data.x.T.tocsr(), data.x, config.neighbours, data.memory.ranks, alike)
        return NeighbourScorer(bounded(by_source(parts, items), TARGETS, data.memory.ranks), config.recency)

    def work(start: int, stop: int) -> Histories:
        shared: Floats = data.gram[start:stop]
        if config.least_shared > 0:
            shared = np.where(shared < config.least_shared, np.float32(0), shared)
        divisor = target[start:stop, None] * source + shrinkage
        return nearest(np.asarray(shared / divisor, np.float32), start, config.neighbours, data.memory.ranks)

    _ = data.gram  # once, before the threads ask for it
    return NeighbourScorer(by_source(list(blocks(work, items, size=BLOCK)), items), config.recency)


def nearest(similarity: Floats, start: int, neighbours: int, ranks: Codes) -> Histories:
    """Of each row the best columns with a positive value; row r is item start + r, no neighbour of itself.

    Of equal values the one with the lower rank, which is the more popular. The rows are changed.
    """
    rows = np.arange(len(similarity))
    similarity[rows, rows + start] = 0
    similarity[similarity <= 0] = EXCLUDED
    columns, values = top(similarity, neighbours, ranks)
    kept = values > 0
    return Histories(offsets_of(kept.sum(axis=1)), columns[kept], values[kept])


def by_source(parts: list[Histories], items: int) -> Histories:
    """From the nearest sources of each target to the targets of each source."""
    lengths = np.concatenate([part.lengths for part in parts])
    sources = np.concatenate([part.items for part in parts])
    weights = np.concatenate([part.weights for part in parts])
    return turned(Histories(offsets_of(lengths), sources, weights), items)
