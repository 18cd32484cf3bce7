"""A ramp, an experiment and what is known of it, as tests need them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.ramping.evidence import Answers, Compared, Evidence, Health, Published, Report
from pipeline.ramping.plan import Limits, Plan, Step

NOW = datetime(2027, 1, 20, 12, tzinfo=UTC)
LIMITS = Limits()
STEPS = (
    Step(phase="shadow", hours=24),
    Step(phase="aa", hours=48),
    Step(phase="running", hours=72, treated=1_000),
    Step(phase="running", hours=672, treated=5_000),
    Step(phase="full", hours=0, held_back=200, decided=True, approval=True),
)
PLAN = Plan(default="personalize", treatment="own", steps=STEPS, limits=LIMITS)
VARIANTS = ("personalize", "own")


def health(**changes: Any) -> Health:
    """Nothing is wrong, unless said otherwise."""
    given: dict[str, Any] = {
        "treated": Answers(requests=1_000, fallbacks=10, failures=1, p95_ms=60.0),
        "control": Answers(requests=1_000, fallbacks=10, failures=1, p95_ms=50.0),
        "published": {v: Published(at=NOW - timedelta(hours=3), users=10_000) for v in VARIANTS},
        "api_errors": 0.0,
    }
    return Health(**{**given, **changes})


def report(**changes: Any) -> Report:
    given: dict[str, Any] = {
        "day": "2027-01-19",
        "split_is_right": True,
        "verdict": "ship",
        "words": "ship: better by 3.0% at least",
    }
    return Report(**{**given, **changes})


def evidence(**changes: Any) -> Evidence:
    given: dict[str, Any] = {
        "health": health(),
        "report": report(),
        "compared": Compared(run="20270120T030000000"),
    }
    return Evidence(**{**given, **changes})


NOTHING = Evidence(health=Health(published={}))
"""Everything that could be looked at is gone."""
