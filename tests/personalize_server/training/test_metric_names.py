"""How metrics are answered, and what part of all users segments reach."""

from typing import Any

import numpy as np
import pytest

from engine.scorers.ials import IalsScorer
from personalize_server.facts.metric_names import shown
from personalize_server.training.segments import coverage
from tests.personalize_server.support.journey import Journey


def test_metrics_are_sorted_and_short() -> None:
    found = shown({"b": 0.123456, "a": 1.0, "c": 0.00004})
    assert list(found.items()) == [("a", 1.0), ("b", 0.1235), ("c", 0.0)]


def test_a_versions_metrics_are_sorted_and_short(journey: Journey) -> None:
    version = journey.train(journey.solution(journey.ready_to_train(), "aws-similar-items"))
    arn = version["solutionVersionArn"]
    found = journey.personalize.get_solution_metrics(solutionVersionArn=arn)["metrics"]
    assert list(found) == sorted(found)
    assert found == {name: round(value, 4) for name, value in found.items()}
    assert any(found.values())


@pytest.mark.parametrize(
    ("items", "targets", "share"),
    [
        pytest.param([[1, 0], [2, 0]], None, 0.25, id="all items find the same user"),
        pytest.param([[1, 0], [0, 1]], None, 0.5, id="each item finds another"),
        pytest.param([[1, 0], [0, 1]], [np.array([0], np.int32)], 0.25, id="a set of items"),
    ],
)
def test_coverage_is_the_share_of_users_in_any_segment(items: Any, targets: Any, share: float) -> None:
    users = np.array([[1, 0], [0, 1], [0, 0], [0.5, 0.5]], np.float32)
    scorer = IalsScorer(users, np.array(items, np.float32), np.eye(2, dtype=np.float32), 1.0)
    assert coverage(scorer, targets) == share
