"""Items whose popularity grows fastest: touches in the newest span of time against those in the span before.

The growth is counted in standard deviations of the earlier count, (n - m) / sqrt(m + 1), as for a Poisson
process, so that two touches after none are not the greatest trend of all. Where nothing grows, what is
touched most comes first.
"""

from dataclasses import dataclass

import numpy as np

from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.ground.arrays import Floats
from engine.ground.errors import ConfigError
from engine.scorers.popularity import PopularityScorer
from engine.serving.trained_model import Model

TIE = 1e-3
LIST = 25


@dataclass(frozen=True, kw_only=True)
class TrendingConfig:
    seconds: float = 7200.0
    """length of the spans; the newest one ends with the newest event"""

    def __post_init__(self) -> None:
        if not self.seconds > 0:
            raise ConfigError(f"seconds must be positive, got {self.seconds}")


def fit(data: Interactions | TrainingData, config: TrendingConfig) -> Model:
    whole = TrainingData(data) if isinstance(data, Interactions) else data
    scorer = train(whole, config)
    return Model(whole.memory, scorer, cold=scorer)


def train(data: TrainingData, config: TrendingConfig) -> PopularityScorer:
    newer, older = (
        _counts(data.interactions, config.seconds, 0),
        _counts(data.interactions, config.seconds, 1),
    )
    growth = (newer - older) / np.sqrt(older + 1) + TIE * (newer + data.memory.popularity)
    return PopularityScorer(growth.astype(np.float32))


def trend_accuracy(interactions: Interactions, config: TrendingConfig) -> float:
    """The growth in the newest span of a list of 25 made before it, by that of the best possible list."""
    before = interactions.where(interactions.times <= interactions.times.max() - config.seconds)
    if not len(before):
        return 0.0
    after, then = _counts(interactions, config.seconds, 0), _counts(interactions, config.seconds, 1)
    growth = after - then
    forecast = train(TrainingData(before), config).shares
    best = np.sort(growth)[::-1][:LIST].clip(min=0).sum()
    chosen = growth[np.argsort(-forecast, kind="stable")[:LIST]].clip(min=0).sum()
    return float(chosen / best) if best > 0 else 0.0


def _counts(interactions: Interactions, seconds: float, spans_ago: int) -> Floats:
    age = interactions.times.max() - interactions.times
    meant = (age >= spans_ago * seconds) & (age < (spans_ago + 1) * seconds)
    return np.bincount(interactions.items[meant], minlength=len(interactions.item_ids)).astype(np.float32)
