"""Items alike by common users, by the tastes those users share, and by metadata.

The sum of three similarities: of an item's users (models/item_neighbours.py); of its place among the leading
singular directions of the user x item matrix, where items are alike without a user in common (Sarwar et al.,
"Application of Dimensionality Reduction in Recommender System", 2000); of its metadata by latent semantic
analysis (models/semantic.py), which alone knows items that nobody has touched.
"""

from dataclasses import dataclass, field

import numpy as np

from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.ground.arrays import Floats
from engine.ground.errors import ConfigError
from engine.models import item_neighbours
from engine.models.fitted import fitted
from engine.models.item_neighbours import ItemNeighboursConfig
from engine.models.semantic import SemanticConfig, embedded
from engine.scorers.blend import Part
from engine.scorers.factors import LinearFactorScorer
from engine.scorers.related import RelatedScorer
from engine.serving.trained_model import Model


@dataclass(frozen=True, kw_only=True)
class RelatedConfig:
    neighbours: ItemNeighboursConfig = field(default_factory=ItemNeighboursConfig)
    factors: int = 100
    """singular directions of the interactions"""
    metadata_factors: int = 100
    """singular directions of the metadata"""
    metadata_weight: float = 0.2
    """what a likeness in metadata counts against one in users or tastes"""

    def __post_init__(self) -> None:
        if self.factors < 1 or self.metadata_factors < 1 or self.metadata_weight < 0:
            raise ConfigError(f"needs factors >= 1 and a metadata weight >= 0, got {self}")


def fit(data: Interactions | TrainingData, config: RelatedConfig) -> Model:
    return fitted(data, lambda whole: train(whole, config))


def train(data: TrainingData, config: RelatedConfig) -> RelatedScorer:
    parts = [
        Part(1.0, item_neighbours.train(data, config.neighbours)),
        Part(1.0, LinearFactorScorer(_tastes(data, config.factors), None)),
    ]
    if data.items is not None and data.items.columns:
        alike = embedded(data.items, SemanticConfig(factors=config.metadata_factors))
        parts.append(Part(config.metadata_weight, LinearFactorScorer(alike, None)))
    return RelatedScorer(tuple(parts))


def _tastes(data: TrainingData, factors: int) -> Floats:
    """Items x factors of unit length, each direction by its singular value; zeros for an untouched item."""
    directions = data.directions(factors)
    scaled = directions * np.linalg.norm(data.x @ directions, axis=0)
    lengths = np.linalg.norm(scaled, axis=1, keepdims=True)
    unit = np.divide(scaled, lengths, out=np.zeros_like(scaled), where=lengths > 1e-6)
    return np.ascontiguousarray(unit, np.float32)
