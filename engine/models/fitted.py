"""From what an algorithm learned to a model that can be asked."""

from collections.abc import Callable

from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.scorers.demographic import DemographicScorer
from engine.scorers.popularity import PopularityScorer
from engine.scorers.scorer import Scorer
from engine.serving.trained_model import Model


def fitted(data: Interactions | TrainingData, train: Callable[[TrainingData], Scorer]) -> Model:
    """The model that `train` makes of the data; what looks at no history serves people without one too."""
    whole = TrainingData(data) if isinstance(data, Interactions) else data
    scorer = train(whole)
    serves_strangers = isinstance(scorer, PopularityScorer | DemographicScorer)
    cold = scorer if serves_strangers else None
    return Model(whole.memory, scorer, cold=cold, own_items=whole.own_items)
