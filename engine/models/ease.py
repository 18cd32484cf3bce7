"""EASE: the closed-form linear autoencoder with an empty diagonal.

Steck, "Embarrassingly Shallow Autoencoders for Sparse Data" (WWW 2019), equation 8:
P = (X'X + lambda I)^-1, B = I - P / diag(P). The dropout term is that of Steck, "Autoencoders that don't
overfit towards the Identity" (NeurIPS 2020): p / (1 - p) of X'X's own diagonal is added to lambda.
Time grows with the cube of the items, memory with their square: for up to about 20,000 items.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.linalg import lapack

from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData, refuse_more_than
from engine.ground.arrays import Floats
from engine.ground.errors import ConfigError, DataError
from engine.ground.histories import Recency
from engine.models.fitted import fitted
from engine.scorers.item_item import ItemItemScorer
from engine.serving.trained_model import Model


@dataclass(frozen=True, kw_only=True)
class EaseConfig:
    regularisation: float | None = None
    """lambda, added to the diagonal of X'X (which holds how often an item was touched); None: `strength`
    times the root of that diagonal's mean"""
    strength: float = 7.0
    dropout: float = 0.5
    """share of a history that training pretends not to see, 0 to below 1"""
    recency: Recency | None = field(default_factory=Recency)
    """how a history is weighed when recommending; training weighs all its items alike"""
    max_items: int = 20_000

    def __post_init__(self) -> None:
        if self.regularisation is not None and not self.regularisation > 0:
            raise ConfigError(f"regularisation must be positive, got {self.regularisation}")
        if not self.strength > 0:
            raise ConfigError(f"strength must be positive, got {self.strength}")
        if not 0 <= self.dropout < 1:
            raise ConfigError(f"dropout must be in 0..1 (1 excluded), got {self.dropout}")


def fit(data: Interactions | TrainingData, config: EaseConfig) -> Model:
    return fitted(data, lambda whole: train(whole, config))


def train(data: TrainingData, config: EaseConfig) -> ItemItemScorer:
    refuse_more_than(len(data.interactions.item_ids), config.max_items)
    regularisation = config.regularisation
    if regularisation is None:
        regularisation = max(config.strength * float(np.diag(data.gram).mean()) ** 0.5, 1.0)
    return ItemItemScorer(solve(data.gram, regularisation, config.dropout), config.recency)


def solve(gram: Floats, regularisation: float, dropout: float = 0.0) -> Floats:
    """The item x item weights B for X'X; the diagonal of B is 0.

    Raises: DataError, if it is not positive definite.
    """
    ridge = np.array(gram, order="F")
    counts = np.diag(gram)
    ridge[np.diag_indices_from(ridge)] += regularisation + dropout / (1 - dropout) * counts
    factor, failed = lapack.spotrf(ridge, lower=True, overwrite_a=True)
    if failed:
        raise DataError("the item matrix is not positive definite; raise the regularisation")
    inverse, _ = lapack.spotri(factor, lower=True, overwrite_c=True)
    half = inverse.T  # C order; below the diagonal it is zero
    symmetric: Floats = half + np.triu(half, 1).T
    symmetric /= -np.diag(symmetric)
    np.fill_diagonal(symmetric, 0)
    return symmetric
