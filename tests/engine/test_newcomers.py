"""People with few items: what the engine serves them is never worse than what is popular."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from engine.data.generated import generated
from engine.data.interactions import Interactions
from engine.data.sorting import oldest_first
from engine.data.training_data import TrainingData
from engine.evaluation.metrics import Hits, Values
from engine.fitting import hybrid, newcomers
from engine.fitting.algorithms import MemberConfig, train_member
from engine.fitting.fit import fit
from engine.fitting.hybrid import HybridConfig
from engine.fitting.newcomers import LENGTHS, Newcomer
from engine.ground.errors import ConfigError
from engine.ground.histories import Histories
from engine.models.ease import EaseConfig
from engine.models.popularity import PopularityConfig
from engine.models.pure_svd import PureSvdConfig
from engine.scorers.blend import Newcomers
from engine.serving.calibration import ByLength, Calibration
from engine.serving.trained_model import Model

MEMBERS = (EaseConfig(strength=0.5, dropout=0.0), PureSvdConfig())
TOLERATED = 0.003


def fashions(people: int, *, seed: int) -> Interactions:
    """Everybody begins with the same few items, and only later with what is to their own taste."""
    rng = np.random.default_rng(seed)
    tastes = generated(people, 120, people * 25, seed=seed).interactions.distinct()
    first = np.concatenate([rng.permutation(12)[:6] + 120 for _ in range(people)])
    users = np.concatenate([np.repeat(np.arange(people), 6), tastes.users])
    items = np.concatenate([first, tastes.items])
    times = np.concatenate([np.tile(np.arange(6), people), 10 + tastes.times])
    names = [f"u{user:04}" for user in users.tolist()], [f"i{item:03}" for item in items.tolist()]
    return Interactions.from_columns(*names, times)


@cache
def models() -> tuple[Interactions, HybridConfig, dict[str, Model]]:
    """People who are not trained on; the blend; and models of the others."""
    whole = fashions(600, seed=3)
    apart = np.arange(600) % 3 == 0
    train = TrainingData(whole.where(~apart[whole.users]))
    chosen = hybrid.learn(train, HybridConfig(members=MEMBERS, half_lives=(None, 5.0)))
    found = {
        "hybrid": fit(train, chosen),
        "without": fit(train, replace(chosen, newcomers=())),
        "popularity": fit(train, PopularityConfig()),
    }
    return whole.where(apart[whole.users]), chosen, found


def asked(length: int, ahead: int) -> Iterator[tuple[list[int], list[int]]]:
    """The first items of people, and those that came next."""
    people = models()[0]
    people = people.where(oldest_first(people.users, people.items, people.times))
    for user in np.unique(people.users).tolist():
        items = people.items[people.users == user].tolist()
        if len(items) > length:
            yield items[:length], sorted(items[length : length + ahead])


def qualities(length: int) -> dict[str, Values]:
    given, after = zip(*asked(length, 5), strict=True)
    histories, relevant = Histories.of(given), Histories.of(after)
    return {
        name: Hits.of(model.top(histories, 10, exclude=histories)[0], relevant, len(model.item_ids)).ndcg(10)
        for name, model in models()[2].items()
    }


@pytest.mark.parametrize("length", [1, 2, 3, 5])
def test_people_with_few_items_are_not_served_worse_than_by_what_is_popular(length: int) -> None:
    found = qualities(length)
    gains = found["hybrid"] - found["popularity"]
    assert gains.mean() >= -TOLERATED - 2 * gains.std() / len(gains) ** 0.5


def test_without_weights_by_length_they_would_be() -> None:
    found = qualities(1)
    assert found["without"].mean() < found["popularity"].mean() - 10 * TOLERATED


def test_people_with_long_histories_are_served_as_before() -> None:
    given, _ = zip(*asked(max(LENGTHS) + 1, 1), strict=True)
    histories, found = Histories.of(given), models()[2]
    assert np.array_equal(found["hybrid"].scores(histories), found["without"].scores(histories))


def test_chances_of_people_with_few_items_are_their_own() -> None:
    given, after = zip(*asked(1, 1), strict=True)
    histories, relevant, model = Histories.of(given), Histories.of(after), models()[2]["hybrid"]
    items, chances = model.best(histories, 10, exclude=histories)
    came = Hits.of(items, relevant, len(model.item_ids)).hits
    assert chances.max() <= 1
    assert chances.sum() == pytest.approx(came.sum(), rel=0.35)


def test_what_is_popular_is_added_by_the_length_of_a_history_as_it_is_read() -> None:
    scores = np.zeros((6, 2), np.float32)
    popular = Newcomers(np.array([0.25, 0.75], np.float32), (1, 3), (8.0, 4.0))
    popular.add(scores, np.array([0, 1, 2, 3, 4, 100]))
    assert scores.tolist() == [[2, 6], [2, 6], [1, 3], [1, 3], [0, 0], [0, 0]]


def test_a_score_is_another_chance_for_another_length() -> None:
    by_length = ByLength((2,), (Calibration((0.0, 1.0), (0.0, 0.1)),))
    scores = np.array([[0.5, -np.inf], [0.5, 1.0]], np.float32)
    chances = by_length.chance(scores, np.array([2, 3]), Calibration((0.0, 1.0), (0.0, 1.0)))
    assert chances == pytest.approx(np.array([[0.05, -np.inf], [0.5, 1.0]]))


@pytest.mark.parametrize("pairs", [1_000_000, 6_000])
def test_where_there_are_many_people_one_training_serves_all_that_is_learned(
    pairs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    train = TrainingData(fashions(600, seed=3))
    config = HybridConfig(members=MEMBERS, half_lives=(None, 5.0), validation_users=200, learning_pairs=pairs)
    trained: list[Interactions] = []

    def training(part: TrainingData, member: MemberConfig) -> Any:
        trained.append(part.interactions)
        return train_member(part, member)

    monkeypatch.setattr("engine.fitting.memories.train_member", training)
    monkeypatch.setattr(hybrid, "train_member", None)  # a final training is not this
    monkeypatch.setattr(newcomers, "SPARE", 0.5)
    chosen = hybrid.learn(train, config)
    assert len(trained) == len(MEMBERS)
    some = newcomers.some(train, pairs, seed=config.seed)
    asked = newcomers.apart(train, some, users=200, seed=config.seed)
    assert asked is not None and len(asked.people) == 200
    assert not any(np.isin(part.users, asked.people).any() for part in trained)
    assert {one.longest for one in chosen.newcomers} == set(LENGTHS)
    assert chosen.newcomers[0].popularity > 0  # of one item what is popular says more here


def test_weights_are_learned_from_some_of_the_people_with_all_that_is_theirs() -> None:
    train = TrainingData(fashions(600, seed=3))
    some = newcomers.some(train, len(train.pairs) // 2, seed=0)
    assert len(some.pairs) == pytest.approx(len(train.pairs) / 2, rel=0.15)
    counts = np.bincount(train.pairs.users)
    kept = np.bincount(some.pairs.users, minlength=len(counts))
    assert set(kept[kept > 0] - counts[kept > 0]) == {0}
    assert newcomers.some(train, len(train.pairs), seed=0) is train
    asked = newcomers.apart(train, some, users=100, seed=0)
    assert asked is not None and not kept[asked.people].any()


def test_few_people_are_never_spared() -> None:
    train = TrainingData(fashions(600, seed=3))
    assert newcomers.apart(train, train, users=1000, seed=0) is None


def test_of_nobody_but_newcomers_nothing_is_learned() -> None:
    lonely = TrainingData(Interactions.from_columns(["u1", "u2"], ["i1", "i2"], [1.0, 2.0]))
    assert hybrid.learn(lonely, HybridConfig(members=MEMBERS)).newcomers == ()


def test_weights_by_length_that_make_no_sense_are_refused() -> None:
    for longest, popularity in ((0, 1.0), (1, -1.0)):
        with pytest.raises(ConfigError, match="length of at least 1 and a weight of at least 0"):
            Newcomer(longest=longest, popularity=popularity)
