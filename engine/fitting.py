"""One door to all algorithms: a config in, a trained model out."""

from engine.algorithms import MemberConfig, fit_member
from engine.interactions import Interactions
from engine.model import Model
from engine.models import hybrid
from engine.training import TrainingData


def fit(data: Interactions | TrainingData, config: MemberConfig | hybrid.HybridConfig) -> Model:
    if isinstance(config, hybrid.HybridConfig):
        return hybrid.fit(data, config)
    return fit_member(data, config)
