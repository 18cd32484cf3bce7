"""The same for everybody: what is popular, and what becomes it."""

from engine.data.training_data import TrainingData
from engine.models import popularity, trending
from engine.models.popularity import PopularityConfig
from engine.models.trending import TrendingConfig
from personalize_server.facts.recipes import TREND_SECONDS
from personalize_server.training.events import training_events
from personalize_server.training.inputs import Inputs
from personalize_server.training.quality import offline_metrics
from personalize_server.training.trained import Trained

TREND_ACCURACY = "trend_prediction_accuracy"


def train_popularity(inputs: Inputs) -> Trained:
    data = TrainingData(training_events(inputs))
    config = PopularityConfig()
    metrics = offline_metrics(data, lambda part: popularity.fit(part, config))
    return Trained(popularity.fit(data, config), metrics)


def train_trending(inputs: Inputs) -> Trained:
    data = TrainingData(training_events(inputs))
    config = trending_config(inputs)
    metrics = offline_metrics(data, lambda part: trending.fit(part, config))
    metrics[TREND_ACCURACY] = trending.trend_accuracy(data.interactions, config)
    return Trained(trending.fit(data, config), metrics)


def trending_config(inputs: Inputs) -> TrendingConfig:
    return TrendingConfig(seconds=TREND_SECONDS[inputs.feature("trend_discovery_frequency").lower()])
