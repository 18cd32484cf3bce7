"""One door to all algorithms: a config in, a trained model out."""

from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.fitting import hybrid
from engine.fitting.algorithms import MemberConfig, fit_member
from engine.serving.trained_model import Model


def fit(data: Interactions | TrainingData, config: MemberConfig | hybrid.HybridConfig) -> Model:
    if isinstance(config, hybrid.HybridConfig):
        return hybrid.fit(data, config)
    return fit_member(data, config)
