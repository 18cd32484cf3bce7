"""User neighbourhoods: what people with a like history touched.

Herlocker et al., "An Algorithmic Framework for Performing Collaborative Filtering" (SIGIR 1999), for
implicit feedback: cosine of histories, the k nearest, their items weighted by similarity to a power. Above
`exact_users` people the nearest are looked for in the SVD space of the histories, and only in the clusters
near to the asking one (the inverted file of Jegou, Douze, Schmid, "Product Quantization for Nearest Neighbor
Search", PAMI 2011).
"""

from dataclasses import dataclass

import numpy as np

from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.ground.errors import ConfigError
from engine.ground.histories import unit
from engine.ground.products import combined
from engine.ground.sparse import turned
from engine.models.fitted import fitted
from engine.scorers.clusters import clustered
from engine.scorers.factors import without_noise
from engine.scorers.user_neighbours import UserNeighboursScorer
from engine.serving.trained_model import Model


@dataclass(frozen=True, kw_only=True)
class UserNeighboursConfig:
    neighbours: int = 100
    power: float = 2.0
    """similarity ** power is a neighbour's say"""
    exact_users: int = 200_000
    factors: int = 64
    probes: int = 8
    seed: int = 0

    def __post_init__(self) -> None:
        if self.neighbours < 1 or self.power < 0 or self.probes < 1 or self.factors < 1:
            raise ConfigError(f"needs neighbours, probes, factors >= 1 and power >= 0, got {self}")


def fit(data: Interactions | TrainingData, config: UserNeighboursConfig) -> Model:
    return fitted(data, lambda whole: train(whole, config))


def train(data: TrainingData, config: UserNeighboursConfig) -> UserNeighboursScorer:
    histories, items = data.pairs.as_histories(), len(data.memory.item_ids)
    if len(histories) <= config.exact_users:
        fans, clusters, factors = turned(unit(histories), items), None, None
    else:
        factors = np.ascontiguousarray(without_noise(data.directions(config.factors)))
        fans, clusters = None, clustered(combined(histories, factors), probes=config.probes, seed=config.seed)
    return UserNeighboursScorer(histories, fans, items, config.neighbours, config.power, clusters, factors)
