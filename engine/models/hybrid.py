"""A blend of any of the others, its weights and memories of recency learned on a validation split.

Linear stacking (Sill et al., "Feature-Weighted Linear Stacking", 2009, with constant weights), searched for
NDCG directly by coordinate steps from the best member, so that on the validation split it is never worse than
that one. For serving, members that are linear in the history are added into one item x item matrix
(scorers/blend.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.algorithms import MemberConfig, train_member
from engine.arrays import Floats
from engine.blending import learned, pooled
from engine.errors import ConfigError
from engine.evaluation.metrics import Hits
from engine.evaluation.protocols import Protocol, split
from engine.evaluation.splits import Holdout
from engine.histories import Recency
from engine.interactions import Interactions
from engine.model import Model, Scorer
from engine.models.ease import EaseConfig
from engine.models.ials import IalsConfig
from engine.models.item_neighbours import ItemNeighboursConfig
from engine.models.popularity import PopularityConfig
from engine.models.pure_svd import PureSvdConfig
from engine.models.transitions import TransitionsConfig
from engine.ranking import exclude, top
from engine.scorers.blend import BlendScorer, Part, collapsed, has_recency
from engine.training import TrainingData, fitted


@dataclass(frozen=True, kw_only=True)
class HybridConfig:
    members: tuple[MemberConfig, ...] = (
        EaseConfig(),
        IalsConfig(),
        PureSvdConfig(),
        ItemNeighboursConfig(),
        TransitionsConfig(),
        PopularityConfig(),
    )
    weights: tuple[float, ...] | None = None
    """one per member, on its raw scores; None: learned on the validation split"""
    half_lives: tuple[float | None, ...] = (None, 50.0, 20.0, 8.0, 3.0)
    """of recency, tried for every member that weighs a history; None: all items alike"""
    validation: Protocol = "user-time"
    validation_users: int = 1000
    dense_items: int = 20_000
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.members:
            raise ConfigError("a hybrid needs at least one member")
        if self.weights is not None and len(self.weights) != len(self.members):
            raise ConfigError(f"{len(self.weights)} weights for {len(self.members)} members")
        if self.weights is not None and (min(self.weights) < 0 or max(self.weights) == 0):
            raise ConfigError(f"weights must not be negative nor all 0, got {self.weights}")


def fit(data: Interactions | TrainingData, config: HybridConfig) -> Model:
    return fitted(data, lambda whole: train(whole, config))


def train(data: TrainingData, config: HybridConfig) -> BlendScorer:
    chosen = config if config.weights is not None else learn(data, config)
    assert chosen.weights is not None
    parts = [
        Part(weight, train_member(data, member))
        for member, weight in zip(chosen.members, chosen.weights, strict=True)
        if weight > 0
    ]
    return collapsed(parts, len(data.interactions.item_ids), dense_items=config.dense_items)


def learn(data: TrainingData, config: HybridConfig) -> HybridConfig:
    """The config with weights and recency filled in; members of no use are left out."""
    holdout = _sampled(split(data.interactions, config.validation, seed=config.seed), config)
    part = data.with_interactions(holdout.train)
    members, scores = [], []
    for member in config.members:
        scorer, tuned = _best_recency(train_member(part, member), member, config.half_lives, holdout)
        members.append(tuned)
        scores.append(_scores(scorer, holdout))
    pool = pooled(scores, holdout.relevant)
    weights = learned(pool) / pool.spreads
    used = np.flatnonzero(weights > 0).tolist()
    return replace(
        config,
        members=tuple(members[at] for at in used),
        weights=tuple(float(weights[at] / weights.max()) for at in used),
    )


def _sampled(holdout: Holdout, config: HybridConfig) -> Holdout:
    if len(holdout.users) <= config.validation_users:
        return holdout
    rng = np.random.default_rng(config.seed)
    rows = np.sort(rng.permutation(len(holdout.users))[: config.validation_users])
    return replace(
        holdout,
        users=holdout.users[rows],
        inputs=holdout.inputs.take(rows),
        relevant=holdout.relevant.take(rows),
    )


def _best_recency(
    scorer: Any, member: Any, half_lives: Sequence[float | None], holdout: Holdout
) -> tuple[Scorer, MemberConfig]:
    if not has_recency(scorer):
        return scorer, member
    choices = [None if half_life is None else Recency(half_life=half_life) for half_life in half_lives]
    qualities = [_quality(_scores(replace(scorer, recency=choice), holdout), holdout) for choice in choices]
    best = choices[int(np.argmax(qualities))]
    return replace(scorer, recency=best), replace(member, recency=best)


def _scores(scorer: Scorer, holdout: Holdout) -> Floats:
    scores = scorer.scores(holdout.inputs, holdout.users)
    exclude(scores, holdout.inputs)
    return scores


def _quality(scores: Floats, holdout: Holdout) -> float:
    lists, _ = top(scores, 10)
    return float(Hits.of(lists, holdout.relevant, scores.shape[1]).ndcg(10).mean())
