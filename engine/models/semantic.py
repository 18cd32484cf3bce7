"""Items alike by what their texts are about: latent semantic analysis.

Deerwester et al., "Indexing by Latent Semantic Analysis" (JASIS 1990): TF-IDF vectors (models/content.py) cut
down to their leading singular directions, where texts with different words for the same thing come close.
Knows every item that has a text, touched or not.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse.linalg import svds

from engine.data.memory import Memory
from engine.data.metadata import Metadata
from engine.data.training_data import TrainingData
from engine.ground.arrays import Floats
from engine.ground.errors import ConfigError
from engine.ground.histories import Histories
from engine.ground.sparse import Sparse
from engine.ground.threads import one_blas_thread
from engine.models.content import features
from engine.scorers.factors import LinearFactorScorer
from engine.serving.trained_model import Model


@dataclass(frozen=True, kw_only=True)
class SemanticConfig:
    factors: int = 128
    seed: int = 0

    def __post_init__(self) -> None:
        if self.factors < 1:
            raise ConfigError(f"factors must be at least 1, got {self.factors}")


def fit(data: TrainingData, config: SemanticConfig) -> Model:
    """Interactions, of which there may be none, only say what is popular."""
    return Model(_memory(data), LinearFactorScorer(embedded(data.need_items(), config), None))


def embedded(items: Metadata, config: SemanticConfig) -> Floats:
    """A row per item: unit length, or zeros where it has no words."""
    reduced = reduce(features(items), config.factors, config.seed)
    lengths = np.linalg.norm(reduced, axis=1, keepdims=True)
    unit: Floats = np.divide(reduced, lengths, out=np.zeros_like(reduced), where=lengths > 1e-6)
    return unit


def reduce(vectors: Sparse, factors: int, seed: int) -> Floats:
    """Rows x directions: the rows in their leading singular directions; a small matrix is as it is."""
    if min(vectors.shape) <= factors + 1:
        return np.ascontiguousarray(vectors.toarray(), np.float32)
    start = np.random.default_rng(seed).standard_normal(min(vectors.shape)).astype(np.float32)
    with one_blas_thread():
        left, strengths, _ = svds(vectors, k=factors, v0=start)
    return np.ascontiguousarray(left * strengths, np.float32)


def _memory(data: TrainingData) -> Memory:
    if len(data.interactions):
        return data.memory
    items = len(data.interactions.item_ids)
    even = np.full(items, 1 / max(items, 1), np.float32)
    users = data.interactions.user_ids
    return Memory(users, data.interactions.item_ids, Histories.empty(len(users)), even)
