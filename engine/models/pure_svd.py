"""PureSVD: the leading right singular vectors of the user x item matrix.

Cremonesi, Koren, Turrin, "Performance of Recommender Algorithms on Top-N Recommendation Tasks" (RecSys 2010):
zeros count as zeros, scores are x V V'. The truncated decomposition is ARPACK's (scipy svds).
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.sparse.linalg import svds

from engine.errors import ConfigError
from engine.histories import Recency
from engine.interactions import Interactions
from engine.model import Model
from engine.scorers.factors import LinearFactorScorer
from engine.threads import one_blas_thread
from engine.training import TrainingData, fitted


@dataclass(frozen=True, kw_only=True)
class PureSvdConfig:
    factors: int = 32
    recency: Recency | None = field(default_factory=Recency)
    seed: int = 0

    def __post_init__(self) -> None:
        if self.factors < 1:
            raise ConfigError(f"factors must be at least 1, got {self.factors}")


def fit(data: Interactions | TrainingData, config: PureSvdConfig) -> Model:
    return fitted(data, lambda whole: train(whole, config))


def train(data: TrainingData, config: PureSvdConfig) -> LinearFactorScorer:
    x = data.x
    most = min(x.shape) - 1
    if most < 1:  # a single user or item has no direction to truncate
        return LinearFactorScorer(np.ones((x.shape[1], 1), np.float32), config.recency)
    start = np.random.default_rng(config.seed).standard_normal(min(x.shape)).astype(np.float32)
    with one_blas_thread():  # ARPACK's many small products only lose time to a second thread
        _, _, right = svds(x, k=min(config.factors, most), v0=start)
    return LinearFactorScorer(np.ascontiguousarray(right.T, np.float32), config.recency)
