"""Items alike: by common users, by metadata, by what their texts mean."""

from collections.abc import Mapping

import numpy as np

from engine.data.interactions import Interactions
from engine.data.metadata import Metadata, words
from engine.data.training_data import TrainingData
from engine.evaluation.metrics import coverage
from engine.ground.ranking import top
from engine.models import item_neighbours, related, semantic
from engine.models.item_neighbours import ItemNeighboursConfig
from personalize_server.data.interaction_table import used_rows
from personalize_server.training.events import training_events
from personalize_server.training.hpo import search, wanted
from personalize_server.training.inputs import Inputs, need
from personalize_server.training.quality import Fit, offline_metrics
from personalize_server.training.trained import Trained

_LIST = 25
_SAMPLE = 1000


def train_neighbours(inputs: Inputs) -> Trained:
    """SIMS, and with metadata Similar-Items."""
    recipe = inputs.recipe.name
    metadata = inputs.metadata("ITEMS") if recipe == "aws-similar-items" else None
    data = TrainingData.of(training_events(inputs), metadata)
    values = {name: inputs.parameter(name) for name in inputs.recipe.parameters}
    tuned: Mapping[str, str] = {}
    if wanted(inputs):
        tuned = search(
            inputs, values, lambda trial, seed: offline_metrics(data, _fit(recipe, trial), seed=seed)
        )
    fit = _fit(recipe, {**values, **tuned})
    return Trained(fit(data), offline_metrics(data, fit), tuned=tuned)


def _fit(recipe: str, values: Mapping[str, str]) -> Fit:
    """Discount 0: items count by how often they occur together; 0.5: by the cosine; 1: against popularity."""
    neighbours = ItemNeighboursConfig(
        asymmetry=1 - float(values["popularity_discount_factor"]),
        least_shared=round(float(values.get("min_cointeraction_count", "0"))),
    )
    if recipe == "aws-sims":
        return lambda data: item_neighbours.fit(data, neighbours)
    config = related.RelatedConfig(
        neighbours=neighbours,
        factors=round(float(values["item_id_hidden_dim"])),
        metadata_factors=round(float(values["item_metadata_hidden_dim"])),
    )
    return lambda data: related.fit(data, config)


def train_semantic(inputs: Inputs) -> Trained:
    """Of the Items dataset alone; interactions, if there are any, say what is popular."""
    model = semantic.fit(semantic_data(inputs), semantic.SemanticConfig())
    rng = np.random.default_rng(0)
    asked = rng.permutation(len(model.item_ids))[:_SAMPLE].astype(np.int32)
    likeness = model.scorer.similar(asked)
    likeness[np.arange(len(asked)), asked] = -np.inf
    lists, _ = top(likeness, _LIST)
    return Trained(model, {"coverage": coverage(lists, len(model.item_ids))})


def semantic_data(inputs: Inputs) -> TrainingData:
    need("ITEMS" in inputs.datasets, "The recipe aws-semantic-similarity needs an Items dataset.")
    fields = inputs.datasets["ITEMS"].fields
    names = [field for field in fields if field.item_name]
    texts = [field for field in fields if field.textual]
    need(bool(names), "The Items schema has no field whose attribute itemName is true.")
    need(bool(texts), "The Items schema has no textual field.")
    ids = inputs.ids("ITEMS")
    need(len(ids) > 1, "The Items dataset has fewer than 2 items.")
    table = inputs.attributes("ITEMS", ids)
    columns = {field.name: words(table.cells(field.name, range(len(ids)))) for field in (*names, *texts)}
    need(
        any(len(column.values) for column in columns.values()),
        "The items have neither names nor texts with any words in them.",
    )
    mask, weights = used_rows(inputs.table, inputs.solution)
    events: Interactions = inputs.table.interactions(mask, weights)
    return TrainingData.of(events, Metadata(ids, columns))
