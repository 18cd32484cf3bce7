"""Guardrails of the API itself: how long answers to the arms take, and how many fail altogether."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import EndpointConnectionError
from moto.cloudwatch.models import Statistics

from local_cloud.events import metrics
from pipeline.measuring import text
from pipeline.measuring.answers import Answering, answer_guardrails
from pipeline.measuring.experiment import Answers, Experiment
from pipeline.measuring.measure import measure
from pipeline.ramping.evidence import Report
from pipeline.statistics.paired import difference
from tests.app.support.in_memory import client
from tests.app.unit.experiments.conftest import Lake, experiment

WEEK = date(2026, 11, 16)
MARGINS = Answers(slower_ms=100, more_errors=0.005)


@pytest.fixture(autouse=True)
def percentile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Statistics, "get_statistics_for_type", metrics.statistic)


def guarded(events: Lake, **other: Any) -> dict[str, Any]:
    """The report of a week in which people did something, with the API's figures as they are."""
    for arm in ("control", "treatment"):
        events.happened("2026-11-10", " ".join(f"{arm}{n}" for n in range(20)), "impression*5 like", arm)
    asked = Answering(cloudwatch=client("cloudwatch"), stage="test")
    trial = experiment(answers=MARGINS, **other)
    return measure(events.bucket, trial, WEEK, lambda: 900.0, asked).report


def answered(arm: str, *, slow: float, errors: float, from_day: int = 11, days: int = 4) -> None:
    """Every hour, 500 requests of which so many fail, and how long one of them took."""
    noise = random.Random(arm)
    begin = datetime(2026, 11, from_day, tzinfo=UTC)
    for hour in range(24 * days):
        at = begin + timedelta(hours=hour, minutes=10)
        usual = slow + 10 * (hour % 24)
        figures = (("Requests", 500), ("Errors", errors), ("AnswerTime", usual + noise.gauss(0, 5)))
        client("cloudwatch").put_metric_data(
            Namespace="Recommendations",
            MetricData=[
                {"MetricName": name, "Timestamp": at, "Value": value, "Dimensions": _of(arm)}
                for name, value in figures
            ],
        )


def _of(arm: str) -> list[dict[str, str]]:
    of = {"stage": "test", "use_case": "posts", "arm": arm}
    return [{"Name": name, "Value": value} for name, value in of.items()]


@pytest.mark.usefixtures("dynamodb")
@pytest.mark.parametrize(
    ("slow", "errors", "states", "words"),
    [
        (0.0, 0.0, ("holds", "holds"), "points (+0.00 to +0.00), margin 0.5 points"),
        (300.0, 0.0, ("broken", "holds"), "ms ("),
        (0.0, 10.0, ("holds", "broken"), "+2.00 points (+2.00 to +2.00), margin 0.5 points"),
        (100.0, 2.5, ("open", "open"), "open: +0.50 points"),
    ],
)
def test_the_treated_may_wait_and_fail_more_than_the_control_by_the_margin_only(
    events: Lake, slow: float, errors: float, states: tuple[str, str], words: str
) -> None:
    answered("control", slow=50, errors=0)
    answered("treatment", slow=50 + slow, errors=errors)
    # Neither of the day on which it began nor of those after the look.
    for day in (10, 17):
        answered("control", slow=50, errors=0, from_day=day, days=1)
        answered("treatment", slow=9_000, errors=500, from_day=day, days=1)

    report = guarded(events)

    found = report["guardrails"][-2:]
    assert tuple(one["state"] for one in found) == states
    assert [one["hours"] for one in found] == [96, 96]
    assert words in text.shown(report)
    assert found[0]["treatment"] - found[0]["control"] == pytest.approx(slow, abs=5)
    if "broken" in states:
        assert report["decision"]["verdict"] == "stop: worse"
        assert Report.of(report).broken == tuple(o["name"] for o in found if o["state"] == "broken")


class Down:
    def get_paginator(self, name: str) -> Any:
        raise EndpointConnectionError(endpoint_url=name)


class Silent:
    def get_paginator(self, name: str) -> Any:
        return self

    def paginate(self, **asked: Any) -> Iterator[Any]:
        return iter(())


@pytest.mark.parametrize("cloudwatch", [Down(), Silent()])
def test_what_is_not_known_stays_open_and_hinders_no_report(events: Lake, cloudwatch: Any) -> None:
    trial = experiment(answers=MARGINS)
    events.happened("2026-11-10", "ann bob", "impression*5", "control")

    asked = Answering(cloudwatch=cloudwatch, stage="test")
    report = measure(events.bucket, trial, WEEK, lambda: 900.0, asked).report

    assert [one["state"] for one in report["guardrails"][-2:]] == ["open", "open"]
    assert "nothing to look at yet, margin 100 ms" in text.shown(report)


def test_no_error_in_few_answers_proves_nothing() -> None:
    """Of 599, the share may be 0.5 % as well."""
    trial: Experiment = experiment(answers=MARGINS)
    hours = [datetime(2026, 11, 11, tzinfo=UTC) + timedelta(hours=n) for n in range(100)]
    for requests, state in ((5.99, "open"), (6.0, "holds")):
        figures = {f"{arm}_requests": dict.fromkeys(hours, requests) for arm in ("control", "treatment")}
        assert answer_guardrails(trial, figures, 2.0)[-1]["state"] == state


def test_intervals_of_differences_cover_the_truth_although_all_hours_are_of_different_days() -> None:
    """Both arms fail more in some hours. 2,000 simulated experiments; 95 % +- 3 standard errors."""
    dice = np.random.default_rng(7)
    covered = 0
    for _ in range(2_000):
        weather = dice.beta(1, 50, 96)
        requests = dice.poisson(300, (2, 96)) + 1
        errors = dice.binomial(requests, np.minimum(weather + np.array([[0.0], [0.004]]), 1))
        found = difference(list(zip(errors[0], requests[0], errors[1], requests[1], strict=True)))
        assert found
        covered += abs(found.value - 0.004) <= 1.96 * found.variance**0.5
    assert 0.935 <= covered / 2_000 <= 0.965


def test_an_hour_counts_for_slowness_from_twenty_answers_of_each_arm_on_and_a_day_of_hours_is_needed() -> (
    None
):
    trial: Experiment = experiment(answers=MARGINS)
    hours = [datetime(2026, 11, 11, tzinfo=UTC) + timedelta(hours=n) for n in range(24)]

    def state(treated: float, of: list[datetime]) -> str:
        figures = {f"{arm}_slow": dict.fromkeys(of, 50.0) for arm in ("control", "treatment")}
        figures |= {"control_requests": dict.fromkeys(of, 20.0)}
        figures |= {"treatment_requests": dict.fromkeys(of, treated)}
        return str(answer_guardrails(trial, figures, 2.0)[0]["state"])

    assert (state(20.0, hours), state(19.0, hours), state(20.0, hours[1:])) == ("holds", "open", "open")


def test_seldom_requests_have_a_difference_too() -> None:
    """y is a sum of an hour's figures, and any above nought is something to divide by."""
    hours = [(0.0, 0.01, 0.01, 0.02)] * 24

    found = difference(hours)

    assert found and found.value == pytest.approx(0.5)
    assert difference([(0.0, 0.0, 0.01, 0.02)] * 24) is None
