"""PureSVD: the leading right singular vectors of the user x item matrix.

Cremonesi, Koren, Turrin, "Performance of Recommender Algorithms on Top-N Recommendation Tasks" (RecSys 2010):
zeros count as zeros, scores are x V V'. The decomposition is that of engine/data/directions.py.
"""

from dataclasses import dataclass, field

from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.ground.errors import ConfigError
from engine.ground.histories import Recency
from engine.models.fitted import fitted
from engine.scorers.factors import LinearFactorScorer, without_noise
from engine.serving.trained_model import Model


@dataclass(frozen=True, kw_only=True)
class PureSvdConfig:
    factors: int = 18
    recency: Recency | None = field(default_factory=Recency)

    def __post_init__(self) -> None:
        if self.factors < 1:
            raise ConfigError(f"factors must be at least 1, got {self.factors}")


def fit(data: Interactions | TrainingData, config: PureSvdConfig) -> Model:
    return fitted(data, lambda whole: train(whole, config))


def train(data: TrainingData, config: PureSvdConfig) -> LinearFactorScorer:
    return LinearFactorScorer(without_noise(data.directions(config.factors)), config.recency)
