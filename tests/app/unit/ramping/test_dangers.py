"""Limits of a ramp are what is still allowed: nothing is said at them, and something beyond."""

from __future__ import annotations

from datetime import timedelta
from math import nextafter
from typing import Any

import pytest

from pipeline.ramping.dangers import dangers
from pipeline.ramping.decide import Action, decide
from pipeline.ramping.evidence import Answers, Health, Published
from tests.app.support.experiments.experimenting import experiment
from tests.app.unit.ramping.world import LIMITS, NOW, PLAN, VARIANTS, evidence, health, report

FRESH = Published(at=NOW, users=10_000)
LEAST = LIMITS.least_answers


def said(**found: Any) -> list[str]:
    fine: dict[str, Any] = {"treated": None, "control": None}
    return list(dangers(health(**{**fine, **found}), LIMITS, VARIANTS, NOW))


def published(at: timedelta = timedelta(0), users: int = 10_000) -> dict[str, Any]:
    return {"published": {"personalize": FRESH, "own": Published(at=NOW - at, users=users)}}


@pytest.mark.parametrize(
    ("allowed", "beyond", "words"),
    [
        (published(at=timedelta(hours=48)), published(at=timedelta(hours=48, seconds=1)), "stale"),
        (published(users=9_000), published(users=8_999), "8,999 people have lists of own"),
        ({"api_errors": 0.05}, {"api_errors": nextafter(0.05, 1)}, "of the API's answers"),
        *(
            (
                {"treated": Answers(requests=1_000, **{figure: allowed})},
                {"treated": Answers(requests=1_000, **{figure: allowed + 1})},
                "of 1,000 answers to the treated",
            )
            for figure, allowed in (("errors", 10), ("failures", 20), ("fallbacks", 100), ("empty", 10))
        ),
        (
            {"treated": Answers(requests=LEAST - 1, errors=LEAST - 1)},
            {"treated": Answers(requests=LEAST, errors=LEAST)},
            "100.0% of 200 answers",
        ),
        (
            {"treated": Answers(requests=LEAST, p95_ms=800.0)},
            {"treated": Answers(requests=LEAST, p95_ms=nextafter(800.0, 900))},
            "(that of the control is not known)",
        ),
        (
            {
                "treated": Answers(requests=LEAST, p95_ms=1_100.0),
                "control": Answers(requests=LEAST, p95_ms=1_000.0),
            },
            {
                "treated": Answers(requests=LEAST, p95_ms=1_101.0),
                "control": Answers(requests=LEAST, p95_ms=1_000.0),
            },
            "(that of the control is 1,000 ms)",
        ),
        (
            {
                "treated": Answers(requests=LEAST, errors=52),
                "control": Answers(requests=LEAST, errors=50),
            },
            {
                "treated": Answers(requests=LEAST, errors=52),
                "control": Answers(requests=LEAST - 1, errors=50),
            },
            "and 0.0% of those to the control",
        ),
    ],
)
def test_what_is_allowed_is_so_to_the_last_value(
    allowed: dict[str, Any], beyond: dict[str, Any], words: str
) -> None:
    assert said(**allowed) == []
    [danger] = said(**beyond)
    assert words in danger


def test_of_an_arm_that_nobody_asked_for_nothing_went_wrong() -> None:
    nobody = Answers()

    assert (nobody.requests, nobody.fallbacks, nobody.failures, nobody.empty, nobody.errors) == (0,) * 5
    assert (nobody.share("errors"), nobody.p95_ms) == (0, None)
    assert not list(dangers(Health(treated=nobody, **published()), LIMITS, VARIANTS, NOW))


@pytest.mark.parametrize(("day", "action"), [("2027-01-17", Action.ADVANCE), ("2027-01-16", Action.STAY)])
def test_a_measurement_may_be_three_days_old(day: str, action: Action) -> None:
    found = evidence(report=report(day=day))
    at = experiment(state="aa", exposure=2_000)

    assert decide(PLAN, at, since=NOW - timedelta(days=9), now=NOW, evidence=found).action == action


@pytest.mark.parametrize(("early", "action"), [(0, Action.ADVANCE), (1, Action.STAY)])
def test_a_step_is_over_when_its_hours_are(early: int, action: Action) -> None:
    since = NOW - timedelta(hours=24) + timedelta(seconds=early)

    found = decide(PLAN, experiment(state="shadow", exposure=0), since=since, now=NOW, evidence=evidence())

    assert found.action == action
    assert found.until == (since + timedelta(hours=24) if early else None)
