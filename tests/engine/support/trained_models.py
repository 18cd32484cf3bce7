"""What the engine's tests look at inside a trained model."""

from engine.ground.arrays import Floats
from engine.scorers.item_item import ItemItemScorer
from engine.serving.trained_model import Model


def item_item(model: Model) -> ItemItemScorer:
    """The scorer of a model that is one item x item matrix, as EASE is."""
    assert isinstance(model.scorer, ItemItemScorer)
    return model.scorer


def weights_of(model: Model) -> Floats:
    return item_item(model).weights
