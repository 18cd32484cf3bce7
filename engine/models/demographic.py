"""The heuristic baseline: what people like this one touch, by their attributes alone.

Pazzani, "A Framework for Collaborative, Content-Based and Demographic Filtering" (1999). Each attribute value
(an age band, a country, a shared group) has the item shares of its people, drawn towards everybody's by
`prior` imaginary touches; a user's scores are the mean over their values. No history is looked at, so
it also serves people who have none.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import hstack

from engine.data.content_space import indicators
from engine.data.metadata import Metadata
from engine.data.training_data import TrainingData
from engine.ground.errors import ConfigError
from engine.ground.histories import Histories, offsets_of
from engine.ground.sparse import sorted_matrix
from engine.models.fitted import fitted
from engine.scorers.demographic import DemographicScorer
from engine.serving.trained_model import Model


@dataclass(frozen=True, kw_only=True)
class DemographicConfig:
    columns: tuple[str, ...] | None = None
    """the attributes to look at; None: all"""
    prior: float = 100.0
    most_values: int = 1000
    """rarer values than these are left out"""

    def __post_init__(self) -> None:
        if self.prior < 0 or self.most_values < 1:
            raise ConfigError(f"needs prior >= 0 and most_values >= 1, got {self}")


def fit(data: TrainingData, config: DemographicConfig) -> Model:
    return fitted(data, lambda whole: train(whole, config))


def train(data: TrainingData, config: DemographicConfig) -> DemographicScorer:
    groups = _groups(data.need_users(), config)
    values = int(groups.items.max(initial=-1)) + 1
    counts = (sorted_matrix(groups, values).sign().T @ data.x.sign()).toarray()
    popularity = data.memory.popularity
    shares = counts + config.prior * popularity
    totals = shares.sum(axis=1, keepdims=True)
    shares = np.divide(shares, totals, out=np.zeros_like(shares), where=totals > 0)
    return DemographicScorer(groups, shares.astype(np.float32), popularity)


def _groups(users: Metadata, config: DemographicConfig) -> Histories:
    names = config.columns if config.columns is not None else tuple(users.columns)
    missing = [name for name in names if name not in users.columns]
    if missing:
        raise ConfigError(f"no such user attribute: {', '.join(missing)}")
    tables = [indicators(users.columns[name]) for name in names]
    table = hstack(tables, format="csr")
    common = np.argsort(-np.asarray(table.sum(axis=0)).ravel(), kind="stable")[: config.most_values]
    table = table[:, np.sort(common)].tocsr()
    lengths = np.diff(table.indptr)
    weights = np.repeat(1.0 / np.maximum(lengths, 1), lengths).astype(np.float32)
    return Histories(offsets_of(lengths), table.indices.astype(np.int32), weights)
