"""The engine in a few calls, for notebooks and scripts: read, train, evaluate, recommend."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeAlias

from engine.data import loading
from engine.data.training_data import TrainingData
from engine.evaluation.evaluate import Evaluation
from engine.evaluation.evaluate import evaluate as evaluated
from engine.evaluation.protocols import Protocol, split
from engine.fitting import configs, hybrid
from engine.fitting.configs import AnyConfig
from engine.fitting.fit import fit
from engine.fitting.protocols import for_protocol
from engine.serving.recommender import Recommendation
from engine.serving.trained_model import Model

Algorithm: TypeAlias = str | AnyConfig
"""an algorithm's name ("hybrid", "ease", ...), or its configuration"""


def read(
    interactions: str | Path,
    *,
    items: str | Path | None = None,
    users: str | Path | None = None,
    event_weights: Mapping[str, float] | None = None,
    least_value: float | None = None,
    text: Sequence[str] = (),
    contexts: Sequence[str] = (),
    own_items: bool = False,
) -> TrainingData:
    """Events and metadata of CSV, Parquet or Arrow files, with the columns of docs/engine.md.

    event_weights: only events of these types, so much each. text: metadata columns of free text.
    contexts: columns of the events that tell their circumstances. own_items: people touch items again, and
    lists may hold what they have. Raises: DataError, OSError.
    """
    data = loading.load(
        Path(interactions),
        items=Path(items) if items is not None else None,
        users=Path(users) if users is not None else None,
        event_weights=event_weights,
        least_value=least_value,
        text=text,
        contexts=contexts,
    )
    return replace(data, own_items=own_items)


def train(data: TrainingData, algorithm: Algorithm = "hybrid") -> Model:
    """A hybrid learns its blend first, on events that it holds back. Raises: ConfigError, DataError."""
    config = _config(algorithm)
    if isinstance(config, hybrid.HybridConfig) and config.weights is None:
        config = hybrid.learn(data, config)
    return fit(data, config)


def evaluate(
    data: TrainingData, *algorithms: Algorithm, protocol: Protocol = "user-time", seed: int = 42
) -> list[Evaluation]:
    """Each trained on the same part of the data and judged on the rest, in the order asked for.

    protocol: user-time, random, leave-last-out, last-visit, global-time or strong. Where items come again
    (`own_items` of the data), so may what is held back. Raises: ConfigError, DataError.
    """
    holdout = split(data.interactions, protocol, seed=seed, repeats=data.own_items)
    return [
        evaluated(
            algorithm if isinstance(algorithm, str) else str(configs.plain(algorithm)["kind"]),
            partial(train, algorithm=for_protocol(_config(algorithm), protocol)),
            data,
            holdout,
        )
        for algorithm in algorithms or ("hybrid",)
    ]


def recommend(
    model: Model,
    users: Sequence[str],
    n: int = 25,
    *,
    recent: Mapping[str, Sequence[str]] | None = None,
    context: Mapping[str, str] | None = None,
    at_least: float | None = None,
) -> list[Recommendation]:
    """The n best items of each user, best first, without those that they have (unless items come again).

    A user that the model does not know gets what is popular. recent: per user what they have just touched,
    oldest first. context: circumstances, by column. at_least: no items below this score.
    """
    return model.recommend(users, n, recent=recent, context=context or {}, at_least=at_least)


def similar(model: Model, items: Sequence[str], n: int = 25) -> list[Recommendation]:
    """The n items most like each."""
    return model.similar_items(items, n)


def _config(algorithm: Algorithm) -> AnyConfig:
    return configs.default(algorithm) if isinstance(algorithm, str) else algorithm
