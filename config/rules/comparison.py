"""What the thresholds of a comparison of variants must obey."""

from collections.abc import Iterator
from functools import partial

from config.types.errors import Problem
from config.types.use_case import UseCase

_SHARES = ("share_change", "short_share", "empty_share", "leaked_share", "least_personalisation")


def comparison_problems(use_case: UseCase) -> Iterator[Problem]:
    about = partial(Problem, f"use case {use_case.name}")
    thresholds = use_case.comparison
    if not 0 < thresholds.significance < 1:
        yield about("comparison.significance", thresholds.significance, "must be between 0 and 1")
    if thresholds.least_people < 1:
        yield about("comparison.least_people", thresholds.least_people, "must be at least 1")
    if not 0 <= thresholds.relative_change < float("inf"):
        yield about("comparison.relative_change", thresholds.relative_change, "must be at least 0")
    for name in _SHARES:
        value = getattr(thresholds, name)
        if not 0 <= value <= 1:
            yield about(f"comparison.{name}", value, "must be a share from 0 to 1")
    if thresholds.light_from < 1:
        yield about("comparison.light_from", thresholds.light_from, "must be at least 1")
    if thresholds.heavy_from <= thresholds.light_from:
        rule = f"must be above light_from ({thresholds.light_from})"
        yield about("comparison.heavy_from", thresholds.heavy_from, rule)
