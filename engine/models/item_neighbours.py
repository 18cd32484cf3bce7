"""Item neighbourhoods: items alike when the same people touch them.

Sarwar et al., "Item-based Collaborative Filtering Recommendation Algorithms" (WWW 2001); the shrunk,
asymmetric cosine x_i.x_j / (|x_i|^2a |x_j|^2(1-a) + shrinkage), i touched, j recommended, is Aiolli's,
"Efficient Top-N Recommendation for Very Large Scale Binary Rated Datasets" (RecSys 2013).
"""

from dataclasses import dataclass, field

import numpy as np

from engine.data.interactions import Interactions
from engine.data.training_data import DENSE_ITEMS, TrainingData
from engine.ground.arrays import Floats
from engine.ground.errors import ConfigError
from engine.ground.histories import Recency
from engine.ground.sparse import Sparse
from engine.models import neighbourhoods
from engine.models.fitted import fitted
from engine.scorers.item_item import NeighbourScorer
from engine.serving.trained_model import Model


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

    def of_gram(start: int, stop: int) -> Floats:
        shared = data.gram[start:stop]
        if config.least_shared > 0:
            shared = np.where(shared < config.least_shared, np.float32(0), shared)
        return np.asarray(shared / (target[start:stop, None] * source + shrinkage), np.float32)

    def of_columns(start: int, stop: int) -> Sparse:
        shared = columns[start:stop] @ data.x
        places = np.repeat(np.arange(start, stop), np.diff(shared.indptr))
        shared.data[shared.data < config.least_shared] = 0
        shared.data /= target[places] * source[shared.indices] + shrinkage
        return shared

    if items <= DENSE_ITEMS:
        _ = data.gram  # once, before the threads ask for it
        near = neighbourhoods.dense(of_gram, items, config.neighbours, data.memory.ranks)
    else:
        columns = data.x.T.tocsr()
        near = neighbourhoods.sparse(of_columns, items, config.neighbours, data.memory.ranks)
    return NeighbourScorer(near, config.recency)
