"""Users for items: weighted matrix factorisation, read the other way round, with the items' metadata."""

from collections.abc import Callable

import numpy as np

from engine.data.interactions import Interactions
from engine.data.metadata import Categories
from engine.data.training_data import TrainingData
from engine.evaluation.segments import segment_quality
from engine.ground.arrays import Codes, Floats
from engine.ground.errors import DataError
from engine.models import affinity
from engine.models.affinity import AffinityConfig
from engine.models.ials import IalsConfig
from engine.scorers.ials import IalsScorer
from engine.serving.trained_model import Model
from personalize_server.training.events import training_events
from personalize_server.training.inputs import Inputs, need
from personalize_server.training.trained import Trained

HITS, RECALL = "hit_at_k", "recall_at_k"


def train_segments(inputs: Inputs) -> Trained:
    data = TrainingData.of(training_events(inputs), inputs.metadata("ITEMS"))
    factors = round(float(inputs.parameter("hidden_dimension")))
    config = AffinityConfig(factorisation=IalsConfig(factors=factors))
    targets = _attribute_values(inputs, data) if "attribute" in inputs.recipe.name else None

    def affinities(pairs: Interactions) -> Callable[[Codes], Floats]:
        return scorer_of(affinity.fit(data.with_interactions(pairs), config)).affinities

    try:
        quality = segment_quality(data.pairs, affinities, targets)
        metrics = {HITS: quality.hits, RECALL: quality.recall}
    except DataError:
        metrics = {HITS: 0.0, RECALL: 0.0}
    return Trained(affinity.fit(data, config), metrics)


def scorer_of(model: Model) -> IalsScorer:
    assert isinstance(model.scorer, IalsScorer)
    return model.scorer


def _attribute_values(inputs: Inputs, data: TrainingData) -> list[Codes]:
    """The items of each value of each categorical column."""
    need("ITEMS" in inputs.datasets, f"The recipe {inputs.recipe.name} needs an Items dataset.")
    need(data.items is not None, "The Items dataset has no numerical or categorical data.")
    assert data.items is not None
    found: list[Codes] = []
    for column in data.items.columns.values():
        if isinstance(column, Categories):
            rows, values = column.codes.rows.astype(np.int32), column.codes.items
            found += [rows[values == value] for value in np.unique(values)]
    return found
