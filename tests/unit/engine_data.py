"""What the engine's tests look at inside a trained model."""

from engine.arrays import Floats
from engine.model import Model
from engine.scorers.item_item import ItemItemScorer


def item_item(model: Model) -> ItemItemScorer:
    """The scorer of a model that is one item x item matrix, as EASE is."""
    assert isinstance(model.scorer, ItemItemScorer)
    return model.scorer


def weights_of(model: Model) -> Floats:
    return item_item(model).weights
