"""Figures beyond accuracy, sentences about differences, and choices of protocol, by hand."""

from typing import get_args

import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.evaluation.beyond_accuracy import diversity, popularity_rank
from engine.evaluation.evaluate import HEADLINE, Evaluation
from engine.evaluation.learning_curves import SHARES, learning_curve
from engine.evaluation.protocols import Protocol, leave_last_out, validation_for
from engine.evaluation.report import differences
from engine.evaluation.significance import bootstrap
from engine.models import popularity
from engine.serving.trained_model import Model


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

    assert [pairs for pairs, _ in points] == trained and len(points) == len(SHARES)
    assert trained == sorted(trained) and trained[-1] == len(holdout.train)
    assert all(0 <= quality <= 1 for _, quality in points)
