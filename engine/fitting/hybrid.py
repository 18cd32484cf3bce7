"""A blend of any of the others, its weights and memories of recency learned on a validation split.

Linear stacking (Sill et al., "Feature-Weighted Linear Stacking", 2009, with constant weights), searched for
NDCG directly by coordinate steps from several beginnings, whose averages are taken (blending.py), so that on
the validation split it is never worse than its best member. For serving, members that are linear in the
history are added into one item x item matrix (scorers/blend.py).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from engine.data.interactions import Interactions
from engine.data.memory import DENSE_ITEMS
from engine.data.training_data import TrainingData
from engine.evaluation.protocols import Protocol
from engine.fitting import contextual, newcomers
from engine.fitting.algorithms import MemberConfig, train_member
from engine.fitting.blending import learned, pooled
from engine.fitting.contextual import ContextWeight
from engine.fitting.faint import bringing_up, with_new_items
from engine.fitting.memories import Tuned, all_tuned
from engine.fitting.newcomers import Newcomer
from engine.fitting.validation import Validation
from engine.ground.arrays import Floats
from engine.ground.errors import ConfigError, DataError
from engine.ground.histories import Recency
from engine.models import demographic
from engine.models.again import AgainConfig
from engine.models.content import ContentConfig
from engine.models.demographic import DemographicConfig
from engine.models.ease import EaseConfig
from engine.models.ials import IalsConfig
from engine.models.item_neighbours import ItemNeighboursConfig
from engine.models.next_item import NextItemConfig
from engine.models.popularity import PopularityConfig
from engine.models.pure_svd import PureSvdConfig
from engine.models.transitions import TransitionsConfig
from engine.scorers.blend import BlendScorer, Part, collapsed
from engine.scorers.scorer import Scorer
from engine.serving.calibration import Calibration, among_missing, calibrated
from engine.serving.trained_model import Model

PAIRS_OF_EACH = 10
SLIVER = 0.03
"""of the data, held back to learn the chances of what is missing"""


@dataclass(frozen=True, kw_only=True)
class HybridConfig:
    members: tuple[MemberConfig, ...] = (
        EaseConfig(),
        IalsConfig(),
        PureSvdConfig(),
        ItemNeighboursConfig(),
        TransitionsConfig(),
        NextItemConfig(),
        AgainConfig(),
        PopularityConfig(),
        ContentConfig(),
    )
    weights: tuple[float, ...] | None = None
    """one per member, on its raw scores; None: learned on the validation split. Of more than `dense_items`
    items, a member of weight 0 brings up candidates"""
    calibration: tuple[tuple[float, ...], tuple[float, ...]] | None = None
    """raw scores and their chances; learned with the weights"""
    contexts: tuple[ContextWeight, ...] = ()
    """learned with the weights, of columns that help"""
    newcomers: tuple[Newcomer, ...] = ()
    """learned with the weights, by rising length: what popularity adds for people with short histories"""
    half_lives: tuple[float | None, ...] = (None, 50.0, 20.0, 8.0, 4.0, 2.0)
    """of recency, tried for every member that weighs a history; None: all items alike"""
    floors: tuple[float, ...] = (0.1, 0.02)
    """of recency, each tried with every half-life: what the oldest item of a long history counts"""
    validation: Protocol = "user-time"
    validation_users: int = 1000
    learning_pairs: int = 1_000_000
    """of users and items: where there are more, weights and all else are learned from some of the people; but
    PAIRS_OF_EACH for each of more than `dense_items` items"""
    missing: float = 0.0
    """the share of every user's items that chance has taken from the data, as a random hold-out does: chances
    are then those of being in it"""
    dense_items: int = DENSE_ITEMS
    """of more, members are kept apart, and lists are made of candidates"""
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.members:
            raise ConfigError("a hybrid needs at least one member")
        if self.weights is not None and len(self.weights) != len(self.members):
            raise ConfigError(f"{len(self.weights)} weights for {len(self.members)} members")
        if self.weights is not None and (min(self.weights) < 0 or max(self.weights) == 0):
            raise ConfigError(f"weights must not be negative nor all 0, got {self.weights}")
        if not (self.half_lives and self.floors) or min(self.validation_users, self.learning_pairs) < 1:
            raise ConfigError(
                "a hybrid needs at least one half-life and one floor to choose from, one user to validate on "
                "and one pair"
            )
        _ = self.recencies  # refuses what cannot be one
        if not 0 <= self.missing < 1:
            raise ConfigError(f"the share that is missing must be at least 0 and below 1, got {self.missing}")

    @property
    def recencies(self) -> tuple[Recency | None, ...]:
        """Of `half_lives` and `floors`, all there are."""
        found: list[Recency | None] = []
        for half_life in self.half_lives:
            if half_life is None:
                found.append(None)
            else:
                found += [Recency(half_life=half_life, floor=floor) for floor in self.floors]
        return tuple(found)


def fit(data: Interactions | TrainingData, config: HybridConfig) -> Model:
    """Calibrated if the validation split allowed it; people without a history get their demographics.

    Circumstances count as much as they helped there.
    """
    whole = TrainingData(data) if isinstance(data, Interactions) else data
    chosen = config if config.weights is not None else learn(whole, config)
    calibration = None
    if chosen.calibration is not None:
        calibration = Calibration(*chosen.calibration)
    cold = demographic.train(whole, DemographicConfig()) if whole.users and whole.users.columns else None
    context = contextual.fit(whole, chosen.contexts)
    scorer = train(whole, chosen)
    return Model(
        whole.memory,
        scorer,
        cold,
        calibration,
        context,
        newcomers.meant(chosen.newcomers),
        whole.own_items,
        chosen.dense_items,
    )


def train(data: TrainingData, config: HybridConfig) -> BlendScorer:
    """One member after the other, each on all cores: side by side they take as long, and more memory."""
    chosen = config if config.weights is not None else learn(data, config)
    assert chosen.weights is not None
    pairs = zip(chosen.weights, chosen.members, strict=True)
    many = len(data.interactions.item_ids) > config.dense_items
    parts = (
        Part(weight, train_member(data, member))
        for weight, member in pairs
        if (weight > 0 or many) and (data.own_items or not isinstance(member, AgainConfig))
    )
    blend = collapsed(parts, len(data.interactions.item_ids), dense_items=config.dense_items)
    return replace(blend, newcomers=newcomers.scored(chosen.newcomers, data.memory.popularity))


def learn(data: TrainingData, config: HybridConfig) -> HybridConfig:
    """The config with all filled in that is learned: what `learn_with_quality` does, and newcomers.

    Where there are many people, those that newcomers are learned from are left out of all of it, and one
    training serves both.
    Raises: DataError, if none of the members can be trained.
    """
    items = len(data.interactions.item_ids)
    pairs = max(config.learning_pairs, PAIRS_OF_EACH * items if items > config.dense_items else 0)
    some = newcomers.some(data, pairs, seed=config.seed)
    apart = newcomers.apart(data, some, users=config.validation_users, seed=config.seed)
    found = _learned(some if apart is None else apart.rest(some), config, has_new_items=_has_new_items(data))
    if found.validation is None or all(isinstance(one, PopularityConfig) for one in found.config.members):
        return found.config
    by_time = config.validation not in ("random", "strong")
    if apart is not None and len(found.validation.parts) == 1:
        blend = found.blend(items)
        people = apart.asked(found.validation.parts[0], blend, by_time, config.seed, config.dense_items)
        return replace(found.config, newcomers=newcomers.learned([people], missing=config.missing))
    return replace(
        found.config,
        newcomers=newcomers.learn(
            data,
            partial(train, config=found.config),
            by_time=by_time,
            missing=config.missing,
            users=config.validation_users,
            dense_items=config.dense_items,
            seed=config.seed,
        ),
    )


def learn_with_quality(data: TrainingData, config: HybridConfig) -> tuple[HybridConfig, float]:
    """The config with weights, recency and calibration filled in; members of no use are left out.

    The second value is the blend's NDCG@10 on the validation split. Members that the data cannot train
    (content without metadata) are passed over. Without anybody to validate on, the first serves alone.
    Raises: DataError, if none of the members can be trained.
    """
    found = _learned(data, config, has_new_items=_has_new_items(data))
    return found.config, found.quality


@dataclass(frozen=True)
class _Learned:
    config: HybridConfig
    quality: float = 0.0
    validation: Validation | None = None
    members: Sequence[Tuned] = ()
    """of the config's"""

    def blend(self, items: int) -> BlendScorer:
        """As it was trained for the first part of the validation."""
        assert self.config.weights is not None
        pairs = zip(self.config.weights, self.members, strict=True)
        parts = (Part(weight, one.scorers[0]) for weight, one in pairs)
        return collapsed(parts, items, dense_items=self.config.dense_items)


def _has_new_items(data: TrainingData) -> bool:
    return not (data.memory.popularity > 0).all()


def _learned(data: TrainingData, config: HybridConfig, *, has_new_items: bool) -> _Learned:
    usable = tuple(member for member in config.members if _trainable(member, data))
    if not usable:
        raise DataError("none of the hybrid's members can be trained on this data")
    try:
        validation = Validation.of(data, config.validation, users=config.validation_users, seed=config.seed)
    except DataError:
        alone = replace(
            config, members=usable[:1], weights=(1.0,), calibration=None, contexts=(), newcomers=()
        )
        return _Learned(alone)
    many = len(data.interactions.item_ids) > config.dense_items
    validation, found = all_tuned(usable, config.recencies, validation, many=many)
    pool = pooled([one.scores for one in found], validation.relevant, validation.ranks)
    members, shares = [one.member for one in found], learned(pool)
    if has_new_items:
        members = with_new_items(members, shares, data, found, config.seed)
    weights = shares / pool.spreads
    weights /= weights.max()
    blend = _blended(weights, [one.scores for one in found])
    kept = bringing_up(weights, found, validation) if many else ()
    used = sorted({*np.flatnonzero(weights > 0).tolist(), *kept})
    chosen = replace(
        config,
        members=tuple(members[at] for at in used),
        weights=tuple(weights[used].tolist()),
        newcomers=(),
    )
    chances = _missing_chances(data, chosen) if config.missing else calibrated(*validation.candidates(blend))
    chosen = replace(
        chosen,
        calibration=None if chances is None else (chances.scores, chances.chances),
        contexts=contextual.learn(data, validation, blend),
    )
    return _Learned(chosen, validation.quality(blend), validation, [found[at] for at in used])


def _trainable(member: MemberConfig, data: TrainingData) -> bool:
    items = data.items is not None and bool(data.items.columns)
    users = data.users is not None and bool(data.users.columns)
    dense = len(data.interactions.item_ids)
    if isinstance(member, EaseConfig):
        return dense <= member.max_items
    if isinstance(member, AgainConfig):
        return data.own_items
    return items if isinstance(member, ContentConfig) else users or not isinstance(member, DemographicConfig)


def _blended(weights: Iterable[float], scores: Iterable[Floats]) -> Floats:
    pairs = zip(weights, scores, strict=True)
    return np.asarray(sum(np.float32(weight) * one for weight, one in pairs if weight > 0))


def _missing_chances(data: TrainingData, chosen: HybridConfig) -> Calibration | None:
    """Of models trained on nearly all of the data: with less of it, scores would mean something else."""
    assert chosen.weights is not None
    validation = Validation.by_chance(data, SLIVER, users=chosen.validation_users, seed=chosen.seed)
    trained: Iterable[Sequence[Scorer]]
    trained = (validation.trained(partial(_trained, member=member)) for member in chosen.members)
    if len(data.interactions.item_ids) > chosen.dense_items:
        trained = list(trained)
        validation = validation.narrowed(trained)
    scores = (validation.scores(one) for one in trained)
    found = calibrated(*validation.candidates(_blended(chosen.weights, scores)))
    return None if found is None else among_missing(found, held=validation.held, missing=chosen.missing)


def _trained(part: TrainingData, member: MemberConfig) -> Any:
    return train_member(part, member)
