"""Users for items: weighted matrix factorisation, read the other way round, with the items' metadata."""

from collections.abc import Callable, Sequence

import numpy as np

from engine.data.interactions import Interactions
from engine.data.metadata import Categories
from engine.data.training_data import TrainingData
from engine.evaluation.segments import MOST_TARGETS, SEGMENT, segment_quality
from engine.ground.arrays import Codes, Floats
from engine.ground.errors import DataError
from engine.ground.ranking import top
from engine.models import affinity
from engine.models.affinity import AffinityConfig
from engine.models.ials import IalsConfig
from engine.scorers.ials import IalsScorer
from engine.serving.trained_model import Model
from personalize_server.facts.metric_names import COVERAGE, HITS, RECALL
from personalize_server.training.events import training_events
from personalize_server.training.inputs import Inputs, need
from personalize_server.training.trained import Trained

_SEED = 0


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
    model = affinity.fit(data, config)
    return Trained(model, {**metrics, COVERAGE: coverage(scorer_of(model), targets)})


def coverage(scorer: IalsScorer, targets: Sequence[Codes] | None) -> float:
    """The share of users who are in any segment of a target; None: of an item."""
    sets = targets if targets is not None else np.arange(len(scorer.items))[:, None]
    if len(sets) > MOST_TARGETS:
        chosen = np.random.default_rng(_SEED).permutation(len(sets))[:MOST_TARGETS]
        sets = [sets[at] for at in np.sort(chosen)]
    people = max(1, round(len(scorer.users) * SEGMENT))
    found = np.zeros(len(scorer.users), np.bool_)
    for items in sets:
        segment, _ = top(scorer.affinities(items).astype(np.float32)[None, :], people)
        found[segment[0]] = True
    return float(found.mean())


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
