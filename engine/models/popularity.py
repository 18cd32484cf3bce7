"""The same for everyone: items by how many people touched them, recent touches counting more if wanted.

The baseline of every comparison; decay as in Ji et al., "A Re-visit of the Popularity Baseline in
Recommender Systems" (SIGIR 2020).
"""

from dataclasses import dataclass

import numpy as np

from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.ground.errors import ConfigError
from engine.models.fitted import fitted
from engine.scorers.popularity import PopularityScorer
from engine.serving.trained_model import Model


@dataclass(frozen=True, kw_only=True)
class PopularityConfig:
    half_life_days: float | None = None
    """after so many days a touch counts half; None: all count alike"""

    def __post_init__(self) -> None:
        if self.half_life_days is not None and not self.half_life_days > 0:
            raise ConfigError(f"half_life_days must be positive, got {self.half_life_days}")


def fit(data: Interactions | TrainingData, config: PopularityConfig) -> Model:
    return fitted(data, lambda whole: train(whole, config))


def train(data: TrainingData, config: PopularityConfig) -> PopularityScorer:
    if config.half_life_days is None:
        return PopularityScorer(data.memory.popularity)
    pairs = data.pairs
    days = (pairs.times.max() - pairs.times) / 86_400
    counts = np.bincount(pairs.items, np.exp2(-days / config.half_life_days), len(pairs.item_ids))
    return PopularityScorer((counts / counts.sum()).astype(np.float32))
