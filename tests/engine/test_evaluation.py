"""Splits, metrics, figures beyond accuracy and sentences about differences, by hand."""

from math import log2
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.evaluation.beyond_accuracy import diversity, popularity_rank
from engine.evaluation.evaluate import HEADLINE, Evaluation
from engine.evaluation.learning_curves import learning_curve
from engine.evaluation.metrics import Hits, coverage
from engine.evaluation.offline_metrics import offline_metrics
from engine.evaluation.protocols import Protocol, leave_last_out, personalize, validation_for
from engine.evaluation.report import differences
from engine.evaluation.significance import bootstrap
from engine.evaluation.splits import newest_share, some_users
from engine.ground.errors import DataError
from engine.ground.histories import Histories
from engine.models import ease, popularity
from engine.serving.trained_model import Model

ITEMS = 12


def reference(ranked: list[int], relevant: set[int], k: int) -> dict[str, float]:
    hits = [item in relevant for item in ranked[:k]]
    ideal = sum(1 / log2(place + 2) for place in range(min(k, len(relevant))))
    first = hits.index(True) + 1 if True in hits else None
    precisions = [sum(hits[: place + 1]) / (place + 1) for place, hit in enumerate(hits) if hit]
    return {
        "precision": sum(hits) / k,
        "recall": sum(hits) / len(relevant) if relevant else 0,
        "hit_rate": float(any(hits)),
        "reciprocal_rank": 1 / first if first else 0,
        "ndcg": sum(hit / log2(place + 2) for place, hit in enumerate(hits)) / ideal if ideal else 0,
        "average_precision": sum(precisions) / min(k, len(relevant)) if relevant else 0,
    }


USER = st.tuples(
    st.permutations(range(ITEMS)), st.sets(st.integers(0, ITEMS - 1), max_size=6), st.integers(0, ITEMS)
)


@given(st.lists(USER, min_size=1, max_size=5), st.integers(1, ITEMS + 3))
def test_each_metric_agrees_with_its_definition(users: list[tuple[list[int], set[int], int]], k: int) -> None:
    lists = np.array([ranked[:length] + [-1] * (ITEMS - length) for ranked, _, length in users], np.int32)
    hits = Hits.of(lists, Histories.of([sorted(relevant) for _, relevant, _ in users]), ITEMS)
    for row, (ranked, relevant, length) in enumerate(users):
        for name, value in reference(list(ranked[:length]), relevant, k).items():
            assert getattr(hits, name)(k)[row] == pytest.approx(value), name


def test_coverage_counts_each_item_once_and_ignores_the_gaps_of_short_lists() -> None:
    assert coverage(np.array([[0, 1], [1, -1]], np.int32), 4) == 0.5


@given(st.lists(st.integers(1, 30), min_size=1, max_size=6), st.integers(0, 99))
def test_the_newest_tenth_of_each_user_is_held_back(counts: list[int], seed: int) -> None:
    users = np.repeat(np.arange(len(counts)), counts)
    times = np.random.default_rng(seed).permutation(len(users))
    data = Interactions.from_columns(users.astype(str), np.arange(len(users)).astype(str), times)
    held = newest_share(data, 0.1)
    for user in range(len(counts)):
        mine = data.users == user
        expected = max(round(mine.sum() * 0.1), 1) if mine.sum() > 1 else 0
        assert (held & mine).sum() == expected
        if expected:
            assert data.times[held & mine].min() > data.times[mine & ~held].max()


@pytest.fixture(scope="module")
def tastes() -> Interactions:
    rng = np.random.default_rng(11)
    users, items, times = [], [], []
    for user in range(400):
        liked = rng.choice(25, 15, replace=False) + 25 * (user % 4)
        users += [f"u{user}"] * 15
        items += [f"i{item}" for item in liked]
        times += rng.permutation(15).tolist()
    return Interactions.from_columns(users, items, times)


def test_the_personalize_split_trains_on_ninety_percent_of_the_users_and_asks_the_rest(
    tastes: Interactions,
) -> None:
    split = personalize(tastes, 1)
    trained = set(split.train.users.tolist())
    assert len(trained) == 360
    assert len(split.inputs) == 40
    assert (split.users == -1).all()
    assert set(split.inputs.lengths.tolist()) == {13}
    assert set(split.relevant.lengths.tolist()) == {2}


def test_the_split_follows_the_seed_and_only_the_seed(tastes: Interactions) -> None:
    first, same, other = (personalize(tastes, seed) for seed in (1, 1, 2))
    assert np.array_equal(first.inputs.items, same.inputs.items)
    assert not np.array_equal(first.inputs.items, other.inputs.items)


def test_without_a_seed_the_split_is_that_of_seed_nought(tastes: Interactions) -> None:
    assert np.array_equal(personalize(tastes).inputs.items, personalize(tastes, 0).inputs.items)


def test_of_a_few_users_one_is_asked() -> None:
    data = Interactions.from_columns(["a", "b", "c"], ["x", "y", "z"], [1, 2, 3])

    for seed in range(5):
        assert some_users(data, 0.1, np.random.default_rng(seed)).sum() == 1


def test_what_was_in_the_history_already_does_not_count_as_found() -> None:
    data = Interactions.from_columns(
        ["a"] * 4 + ["b"] * 4, ["x", "y", "z", "x", "x", "y", "z", "w"], [1, 2, 3, 4, 1, 2, 3, 4]
    )
    asked = [len(personalize(data, seed).relevant) for seed in range(6) if _tests_b(data, seed)]
    assert asked and set(asked) == {1}


def _tests_b(data: Interactions, seed: int) -> bool:
    try:
        personalize(data, seed)
    except DataError:  # user a came back to x only: nobody is left to ask
        return False
    return True


def test_offline_metrics_have_the_documented_keys_and_tell_a_good_model_from_popularity(
    tastes: Interactions,
) -> None:
    good = offline_metrics(tastes, lambda part: ease.fit(part, ease.EaseConfig(regularisation=20)), seed=0)
    plain = offline_metrics(tastes, lambda part: popularity.fit(part, popularity.PopularityConfig()), seed=0)
    assert set(good) == {
        "coverage",
        "mean_reciprocal_rank_at_25",
        *(f"normalized_discounted_cumulative_gain_at_{k}" for k in (5, 10, 25)),
        *(f"precision_at_{k}" for k in (5, 10, 25)),
    }
    key = "normalized_discounted_cumulative_gain_at_10"
    assert good[key] > 2 * plain[key]
    assert all(0 <= value <= 1 for value in (*good.values(), *plain.values()))


def test_data_without_anything_to_hold_back_is_refused() -> None:
    data = Interactions.from_columns(["a", "b"], ["x", "y"], [1, 2])
    with pytest.raises(DataError, match="held back"):
        personalize(data, 0)


def judged(name: str, per_user: list[float]) -> Evaluation:
    values = np.array(per_user)
    return Evaluation(name, {HEADLINE: bootstrap(values)}, {}, values, [], 0.0, 1.0)


def test_of_two_items_the_popular_one_stands_at_one_and_the_other_at_nought() -> None:
    lists = np.array([[0, 1], [0, -1], [1, -1]], np.int32)

    assert popularity_rank(lists, np.array([3, 1], np.float32)).tolist() == [0.5, 1.0, 0.0]


def test_a_gap_in_a_list_is_no_item_of_it() -> None:
    vectors = np.array([[1, 0], [0, 1], [1, 0]], np.float32)
    lists = np.array([[0, 1, -1], [0, 2, -1], [1, 2, 0], [2, -1, -1]], np.int32)

    assert diversity(lists, vectors) == pytest.approx([1, 0, 1 - 1 / 3, 1])


def test_a_model_is_called_better_only_where_chance_hardly_explains_it() -> None:
    rng = np.random.default_rng(5)
    base = rng.random(400)
    noisy = base + rng.normal(0.001, 0.3, 400)

    [alike] = differences([judged("a", base.tolist()), judged("b", noisy.tolist())])
    [apart] = differences([judged("a", base.tolist()), judged("b", (base + 0.1).tolist())])

    assert alike.endswith("not distinguishable")
    assert apart.startswith("b - a: +0.1000") and apart.endswith(": better")


@pytest.mark.parametrize("protocol", get_args(Protocol))
def test_settings_are_chosen_by_the_protocol_of_the_test_unless_it_asks_few_users(protocol: str) -> None:
    few = protocol in {"personalize", "global-time"}

    assert validation_for(protocol) == ("user-time" if few else protocol)


def test_a_learning_curve_has_a_point_for_each_share_that_has_pairs() -> None:
    rng = np.random.default_rng(2)
    users, items = np.repeat(np.arange(60), 8), np.tile(np.arange(8), 60)
    data = Interactions.from_columns(users.astype(str), items.astype(str), rng.permutation(len(users)))
    holdout = leave_last_out(data)
    trained: list[int] = []

    def fit(part: TrainingData) -> Model:
        trained.append(len(part.interactions))
        return popularity.fit(part.interactions, popularity.PopularityConfig())

    points = learning_curve(fit, TrainingData(data), holdout)

    assert [pairs for pairs, _ in points] == trained
    whole = len(holdout.train)
    assert trained == pytest.approx([whole / 4, whole / 2, whole * 3 / 4, whole], abs=30)
    assert trained[-1] == whole
    assert all(0 <= quality <= 1 for _, quality in points)
