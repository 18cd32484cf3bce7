"""How a hybrid is validated: once where many can be asked, several times where few can."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from engine.data.generated import generated
from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.evaluation.evaluate import judge, recommended
from engine.evaluation.metrics import Hits, Values
from engine.evaluation.protocols import BY_TIME, PROTOCOLS, RANDOM_SHARE, Protocol, repeated, split
from engine.evaluation.splits import Holdout
from engine.fitting.algorithms import MemberConfig
from engine.fitting.fit import fit
from engine.fitting.hybrid import HybridConfig
from engine.fitting.validation import FEW_USERS, MOST_SPLITS, Validation
from engine.ground.errors import ConfigError, DataError
from engine.models.ease import EaseConfig
from engine.models.item_neighbours import ItemNeighboursConfig
from engine.models.popularity import PopularityConfig
from engine.models.pure_svd import PureSvdConfig

MEMBERS: tuple[MemberConfig, ...] = (
    EaseConfig(),
    PureSvdConfig(),
    ItemNeighboursConfig(),
    PopularityConfig(),
)


@pytest.fixture(scope="module")
def tiny() -> TrainingData:
    return TrainingData(generated(60, 40, 700, seed=11).interactions)


def held(holdout: Holdout) -> set[tuple[int, int, int]]:
    """Who was given how much and asked for what."""
    rows = holdout.relevant.rows
    given = holdout.inputs.lengths[rows]
    return set(
        zip(holdout.users[rows].tolist(), given.tolist(), holdout.relevant.items.tolist(), strict=True)
    )


def quality(config: HybridConfig, holdout: Holdout) -> Values:
    model = fit(TrainingData(holdout.train), config)
    hits = Hits.of(recommended(model, holdout, 10), holdout.relevant, len(model.item_ids))
    return hits.ndcg(10)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_few_users_are_asked_again_and_never_the_same(tiny: TrainingData, protocol: Protocol) -> None:
    series = list(repeated(tiny.interactions, protocol, users=FEW_USERS, most=MOST_SPLITS))
    assert 1 < len(series) <= MOST_SPLITS
    assert len({frozenset(held(one)) for one in series}) == len(series)
    first = split(tiny.interactions, protocol)
    assert held(series[0]) == held(first)


@pytest.mark.parametrize("protocol", BY_TIME)
def test_by_time_each_split_is_of_what_the_one_before_trained_on(
    tiny: TrainingData, protocol: Protocol
) -> None:
    def pairs(part: Interactions) -> set[tuple[int, int]]:
        return set(zip(part.users.tolist(), part.items.tolist(), strict=True))

    series = list(repeated(tiny.interactions, protocol, users=FEW_USERS, most=4))
    for later, earlier in pairwise(series):
        assert pairs(earlier.train) < pairs(later.train)


def test_where_many_can_be_asked_data_is_split_once() -> None:
    data = TrainingData(generated(FEW_USERS * 2, 40, 6_000, seed=1).interactions)
    validation = Validation.of(data, "user-time", users=1_000, seed=0)
    assert len(validation.holdouts) == 1
    assert len(validation.relevant) >= FEW_USERS


def test_no_more_users_are_asked_than_wanted(tiny: TrainingData) -> None:
    validation = Validation.of(tiny, "user-time", users=20, seed=0)
    assert [len(one.users) for one in validation.holdouts] == [20]


def test_validation_without_anybody_to_ask_is_refused() -> None:
    lonely = Interactions.from_columns(["u1", "u2"], ["i1", "i2"], np.array([1.0, 2.0]))
    with pytest.raises(DataError, match="leaves no user"):
        Validation.of(TrainingData(lonely), "user-time", users=10, seed=0)


def test_over_many_tiny_data_sets_the_hybrid_is_not_behind_any_of_its_members() -> None:
    """Of one data set of 60 users no such thing can be said: chance alone puts some member ahead there.

    So over all of them: not more than 0.003 behind, as far as two standard errors can tell.
    """
    gaps: list[list[Values]] = [[] for _ in MEMBERS]
    for seed in range(8):
        data = TrainingData(generated(60, 40, 700, seed=200 + seed).interactions)
        holdout = split(data.interactions, "random", seed=seed)
        hybrid = quality(HybridConfig(members=MEMBERS, validation="random"), holdout)
        for member, found in zip(MEMBERS, gaps, strict=True):
            single = HybridConfig(members=(member,), weights=(1.0,))
            found.append(np.subtract(hybrid, quality(single, holdout)))
    for found in gaps:
        gap = np.concatenate(found)
        error = gap.std() / len(gap) ** 0.5
        assert error < 0.02
        assert gap.mean() >= -0.003 - 2 * error


def test_a_random_share_of_every_user_is_held_back_again_until_enough_are_asked(tiny: TrainingData) -> None:
    few = Validation.by_chance(tiny, 0.03, users=1000, seed=1)
    assert 1 < len(few.holdouts) <= MOST_SPLITS
    assert len({frozenset(held(one)) for one in few.holdouts}) == len(few.holdouts)
    assert 0.03 <= few.held < 0.15

    many = Validation.by_chance(TrainingData(generated(400, 60, 8_000).interactions), 0.1, users=300, seed=1)
    assert [len(one.users) for one in many.holdouts] == [300]
    assert 0.1 <= many.held < 0.15


def test_chances_of_a_random_hold_out_know_that_data_is_missing_by_chance() -> None:
    config = HybridConfig(members=MEMBERS, validation="random")

    def error(missing: float) -> float:
        """The mean of three data sets: of one it may be thrice that of another."""
        learned, found = replace(config, missing=missing), []
        for seed in range(1, 4):
            holdout = split(generated(300, 60, 9_000, seed=seed).interactions, "random", seed=1)
            found.append(judge("hybrid", fit(holdout.train, learned), holdout).figures["calibration_error"])
        return sum(found) / len(found)

    assert error(RANDOM_SHARE) < 0.02 < error(0.0)


@pytest.mark.parametrize("missing", [-0.1, 1.0])
def test_no_data_can_lack_such_a_share(missing: float) -> None:
    with pytest.raises(ConfigError, match="missing"):
        HybridConfig(missing=missing)
