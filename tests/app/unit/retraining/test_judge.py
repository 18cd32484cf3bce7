"""A worse model never replaces a better one silently."""

from __future__ import annotations

from dataclasses import replace
from math import nextafter
from typing import Any

import pytest

from pipeline.deciding.judge import Measure, judge, judge_model
from pipeline.errors import MetricMissing
from pipeline.storage import Bucket
from tests.app.support.in_memory import with_newer_copy

METRIC = "normalized_discounted_cumulative_gain_at_10"
ARN = "arn:aws:personalize:eu-west-1:123456789012:solution/recs-test-posts-0a0b0c0d/1"


def measure(**changes: Any) -> Measure:
    return replace(Measure(metric=METRIC, floor=0.05, tolerance=0.1, use_worse=False), **changes)


@pytest.mark.parametrize(
    ("now", "before", "verdict", "use"),
    [
        (0.2, None, "first", True),
        (0.21, 0.2, "better", True),
        (0.2, 0.2, "equal", True),
        (0.181, 0.2, "equal", True),
        (0.179, 0.2, "worse", False),
        (0.04, 0.03, "below_floor", False),
        (0.04, None, "below_floor", False),
    ],
)
def test_a_model_is_judged_by_its_loss_and_by_the_floor(
    now: float, before: float | None, verdict: str, use: bool
) -> None:
    found = judge({METRIC: now}, None if before is None else {METRIC: before}, measure())

    assert (found.verdict, found.use) == (verdict, use)
    assert f"{now:.4f}" in found.reason


BEFORE, TOLERATED = 0.2, 0.2 * (1 - 0.1)


@pytest.mark.parametrize(
    ("now", "before", "verdict"),
    [
        (0.05, None, "first"),
        (nextafter(0.05, 0), None, "below_floor"),
        (nextafter(BEFORE, 1), BEFORE, "better"),
        (BEFORE, BEFORE, "equal"),
        (nextafter(BEFORE, 0), BEFORE, "equal"),
        (TOLERATED, BEFORE, "equal"),
        (nextafter(TOLERATED, 0), BEFORE, "worse"),
    ],
)
def test_floor_and_tolerance_are_the_least_values_that_are_used(
    now: float, before: float | None, verdict: str
) -> None:
    found = judge({METRIC: now}, None if before is None else {METRIC: before}, measure())

    assert found.verdict == verdict


def test_without_tolerance_the_last_value_is_the_least() -> None:
    exact = measure(tolerance=0)

    assert judge({METRIC: BEFORE}, {METRIC: BEFORE}, exact).verdict == "equal"
    assert judge({METRIC: nextafter(BEFORE, 0)}, {METRIC: BEFORE}, exact).verdict == "worse"


def test_a_worse_model_is_used_only_where_the_use_case_says_so() -> None:
    used, kept = (judge({METRIC: 0.1}, {METRIC: 0.2}, measure(use_worse=worse)) for worse in (True, False))
    assert used.use and used.reason.endswith("used nevertheless")
    assert not kept.use and "nevertheless" not in kept.reason
    assert not judge({METRIC: 0.01}, {METRIC: 0.2}, measure(use_worse=True)).use


def test_without_a_floor_any_first_model_is_used() -> None:
    assert judge({METRIC: 0.0}, None, measure(floor=None)).verdict == "first"


@pytest.mark.parametrize("metrics", [{}, {"coverage": 0.1}, {METRIC: float("nan")}])
def test_a_model_without_the_deciding_metric_is_not_judged(metrics: dict[str, float]) -> None:
    with pytest.raises(MetricMissing, match=METRIC):
        judge(metrics, None, measure())


def test_verdict_and_figures_are_recorded_beside_those_of_the_last_good_run(bucket: Bucket) -> None:
    before = {METRIC: 0.2, "coverage": 0.4}
    bucket.write_json("runs/posts/personalize/last_good.json", {"generation": "g1", "metrics": before})

    result = judge_model(
        bucket,
        measure(),
        {METRIC: 0.1, "coverage": 0.5},
        use_case="posts",
        variant="personalize",
        run="r1",
        model={"solutionVersionArn": ARN},
    )

    assert (result["verdict"], result["use"], result["previous"]) == ("worse", False, before)
    assert result["metrics"] == {METRIC: 0.1, "coverage": 0.5}
    record = bucket.read_json("runs/posts/personalize/r1.json")
    assert record["verdict"] == "worse"
    assert (record["previousRun"], record["solutionVersionArn"]) == ("g1", ARN)
    assert record["measure"] == {"metric": METRIC, "floor": 0.05, "tolerance": 0.1, "use_worse": False}


def test_the_model_of_the_region_that_ran_last_is_the_one_to_be_held_against(bucket: Bucket) -> None:
    key = "runs/posts/personalize/last_good.json"
    bucket.write_json(key, {"generation": "g1", "metrics": {METRIC: 0.1}})
    here = with_newer_copy(bucket, key, {"generation": "g2", "metrics": {METRIC: 0.2}})

    result = judge_model(
        here, measure(), {METRIC: 0.1}, use_case="posts", variant="personalize", run="r1", model={}
    )

    assert (result["verdict"], result["previous"]) == ("worse", {METRIC: 0.2})
