"""Who wants an item: weighted matrix factorisation whose items lean on those like them by metadata.

An item's factors (models/ials.py) are drawn towards the mean of its neighbours by metadata
(models/content.py), each by its likeness. An item that few have touched then finds the people of items like
it, and one that nobody has touched is where its neighbours are.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.ground.arrays import Floats
from engine.ground.errors import ConfigError
from engine.ground.sparse import matrix
from engine.models import content, ials
from engine.models.content import ContentConfig
from engine.models.fitted import fitted
from engine.models.ials import IalsConfig
from engine.scorers.ials import IalsScorer
from engine.serving.trained_model import Model


@dataclass(frozen=True, kw_only=True)
class AffinityConfig:
    factorisation: IalsConfig = field(default_factory=IalsConfig)
    leaning: float = 0.3
    """the neighbours' share of an item's factors; 0: no metadata"""
    neighbours: int = 40

    def __post_init__(self) -> None:
        if not 0 <= self.leaning <= 1 or self.neighbours < 1:
            raise ConfigError(f"needs a share of 0 to 1 and neighbours >= 1, got {self}")


def fit(data: Interactions | TrainingData, config: AffinityConfig) -> Model:
    return fitted(data, lambda whole: train(whole, config))


def train(data: TrainingData, config: AffinityConfig) -> IalsScorer:
    alone = ials.train(data, config.factorisation)
    if data.items is None or not data.items.columns or config.leaning == 0:
        return alone
    around, having = _neighbourhood(data, alone.items, config.neighbours)
    share = np.where(having, np.float32(config.leaning), np.float32(0))[:, None]
    items = np.asarray((1 - share) * alone.items + share * around, np.float32)
    regular = np.float32(config.factorisation.regularisation) * np.eye(items.shape[1], dtype=np.float32)
    return replace(alone, items=items, gram=items.T @ items + regular)


def _neighbourhood(
    data: TrainingData, items: Floats, neighbours: int
) -> tuple[Floats, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """The mean factors of each item's neighbours, and which items have any."""
    alike = content.train(data, ContentConfig(neighbours=neighbours, recency=None)).neighbours
    to_targets = matrix(alike, len(items)).T.tocsr()
    total = np.asarray(to_targets.sum(axis=1)).ravel()[:, None]
    having = total > 0
    mean = np.divide(to_targets @ items, total, out=np.zeros_like(items), where=having)
    return mean, having.ravel()
