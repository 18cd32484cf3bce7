"""Limits of what runs may cost are dollars, and of something that is paid for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from config.rules import check
from config.schema import Own, UseCase
from tests.app.support.business.stages import STAGES
from tests.app.support.films import problems_of

BROKEN: dict[str, tuple[dict[str, Any], str, str]] = {
    "nothing": ({"run_limit": 0.0}, "run_limit", "above 0"),
    "without end": ({"monthly_limit": float("inf")}, "monthly_limit", "above 0"),
    "no number": ({"monthly_limit": float("nan")}, "monthly_limit", "above 0"),
    "a text": ({"run_limit": "5"}, "run_limit", "a number"),
    "of what nobody is paid for": (
        {"variants": (Own(),), "monthly_limit": 5.0},
        "monthly_limit",
        "no variant",
    ),
}


@pytest.mark.parametrize(("changes", "field", "rule"), BROKEN.values(), ids=BROKEN)
def test_a_limit_that_cannot_be_is_named(
    good: UseCase, changes: dict[str, Any], field: str, rule: str
) -> None:
    [problem] = problems_of(replace(good, **changes))

    assert problem.startswith(f"use case films, {field}: ") and rule in problem


@pytest.mark.parametrize("changes", [{"run_limit": 5}, {"monthly_limit": 0.5, "run_limit": 12.5}])
def test_a_limit_in_dollars_is_taken(good: UseCase, changes: dict[str, Any]) -> None:
    check(STAGES, (replace(good, **changes),))
