"""Every algorithm by its name: the config that chooses it and the function that trains it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.ground.errors import ConfigError
from engine.models import (
    again,
    content,
    demographic,
    ease,
    ials,
    item_neighbours,
    next_item,
    popularity,
    pure_svd,
    transitions,
    user_neighbours,
)
from engine.models.fitted import fitted
from engine.scorers.scorer import Scorer
from engine.serving.trained_model import Model

MemberConfig = (
    again.AgainConfig
    | content.ContentConfig
    | demographic.DemographicConfig
    | ease.EaseConfig
    | ials.IalsConfig
    | item_neighbours.ItemNeighboursConfig
    | next_item.NextItemConfig
    | popularity.PopularityConfig
    | pure_svd.PureSvdConfig
    | transitions.TransitionsConfig
    | user_neighbours.UserNeighboursConfig
)


@dataclass(frozen=True)
class Algorithm:
    config: Callable[..., MemberConfig]
    train: Callable[[TrainingData, Any], Scorer]


ALGORITHMS: dict[str, Algorithm] = {
    "popularity": Algorithm(popularity.PopularityConfig, popularity.train),
    "demographic": Algorithm(demographic.DemographicConfig, demographic.train),
    "content": Algorithm(content.ContentConfig, content.train),
    "svd": Algorithm(pure_svd.PureSvdConfig, pure_svd.train),
    "item-neighbours": Algorithm(item_neighbours.ItemNeighboursConfig, item_neighbours.train),
    "user-neighbours": Algorithm(user_neighbours.UserNeighboursConfig, user_neighbours.train),
    "transitions": Algorithm(transitions.TransitionsConfig, transitions.train),
    "ials": Algorithm(ials.IalsConfig, ials.train),
    "ease": Algorithm(ease.EaseConfig, ease.train),
    "next-item": Algorithm(next_item.NextItemConfig, next_item.train),
    "again": Algorithm(again.AgainConfig, again.train),
}


def named(name: str) -> Algorithm:
    """By its name on the command line. Raises: ConfigError, if there is none."""
    try:
        return ALGORITHMS[name]
    except KeyError:
        raise ConfigError(f"no algorithm {name!r}; there are {', '.join(ALGORITHMS)}") from None


def name_of(config: MemberConfig) -> str:
    return next(name for name, algorithm in ALGORITHMS.items() if algorithm.config is type(config))


def train_member(data: TrainingData, config: MemberConfig) -> Scorer:
    return ALGORITHMS[name_of(config)].train(data, config)


def fit_member(data: Interactions | TrainingData, config: MemberConfig) -> Model:
    return fitted(data, lambda whole: train_member(whole, config))
