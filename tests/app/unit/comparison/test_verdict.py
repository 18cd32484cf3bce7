"""What a comparison comes to: thresholds decide what is better, worse or neither, and what blocks a ramp."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.comparison.verdict import ALIKE, BETTER, faults, summary, verdicts
from tests.app.support.compared import THRESHOLDS, A, B

GOOD = {"short": 0.0, "empty": 0.0, "leaked": 0.0, "personalisation@10": 0.6}


def outcomes_of(gain: float, chance: float, people: int = 500) -> dict[str, Any]:
    """Outcomes of one metric."""
    estimate = {"mean": gain, "low": gain - 0.01, "high": gain + 0.01, "pValue": chance}
    values = {"a": {"mean": 0.1}, "b": {"mean": 0.1 + gain}, "difference": estimate}
    return {"everybody": {"people": people, "metrics": {"hit_rate@10": values}}}


def compared(
    a: dict[str, float | None],
    b: dict[str, float | None],
    organic: dict[str, Any] | None = None,
    **costs: Any,
) -> dict[str, str]:
    """Verdicts by measure."""
    found = verdicts(between(a, b, organic, **costs), THRESHOLDS)
    return {one.measure: one.verdict for one in found}


def between(
    a: dict[str, float | None], b: dict[str, float | None], organic: dict[str, Any] | None, **costs: Any
) -> dict[str, Any]:
    return {
        "a": A,
        "b": B,
        "segments": {"everybody": {"a": a, "b": b}},
        "costs": {letter: {name: pair[at] for name, pair in costs.items()} for at, letter in enumerate("ab")},
        "after": {"organic": organic} if organic else {"reason": "none"},
    }


@pytest.mark.parametrize(
    ("measure", "first", "second", "verdict"),
    [
        ("coverage@10", 0.40, 0.44, "better"),
        ("coverage@10", 0.40, 0.41, "not distinguishable"),
        ("coverage@10", 0.40, 0.42, "not distinguishable"),
        ("coverage@10", 0.40, 0.36, "worse"),
        ("personalisation@10", 0.5, 0.9, "better"),
        ("gini@10", 0.5, 0.9, "worse"),
        ("popularity@10", 0.9, 0.5, "better"),
        ("novelty@10", 9.0, 8.0, "worse"),
        ("short", 0.0, 0.0005, "not distinguishable"),
        ("short", 0.0, 0.01, "worse"),
        ("leaked", 0.02, 0.0, "better"),
        ("empty", 0.0, 0.0, "not distinguishable"),
    ],
)
def test_a_difference_counts_from_its_threshold_on(
    measure: str, first: float, second: float, verdict: str
) -> None:
    assert compared({measure: first}, {measure: second}) == {measure: verdict}


@pytest.mark.parametrize(
    ("name", "values", "verdict"),
    [
        ("trainSeconds", (1800.0, 47.0), "better"),
        ("latencyP99Ms", (40.0, 60.0), "worse"),
        ("costPer1000", (1.0, 1.0), "not distinguishable"),
    ],
)
def test_what_takes_less_is_better(name: str, values: tuple[float, float], verdict: str) -> None:
    assert compared({}, {}, None, **{name: values}) == {name: verdict}


def test_what_was_not_measured_has_no_verdict() -> None:
    assert compared({"gini@10": None}, {"gini@10": 0.3}, trainSeconds=(None, 3.0)) == {}


@pytest.mark.parametrize(
    ("gain", "chance", "people", "verdict"),
    [
        (0.02, 0.001, 500, "better"),
        (-0.02, 0.001, 500, "worse"),
        (0.02, 0.2, 500, "not distinguishable"),
        (0.02, 0.001, THRESHOLDS.least_people - 1, "not distinguishable"),
        (0.0, 0.0001, 500, "not distinguishable"),
    ],
)
def test_what_people_did_is_tested(gain: float, chance: float, people: int, verdict: str) -> None:
    assert compared({}, {}, outcomes_of(gain, chance, people)) == {"organic:hit_rate@10": verdict}


@pytest.mark.parametrize(("missing", "verdict", "tell_nothing"), [(1, ALIKE, True), (0, BETTER, False)])
def test_fewer_people_than_are_needed_tell_nothing_and_that_is_said(
    missing: int, verdict: str, tell_nothing: bool
) -> None:
    needed = THRESHOLDS.least_people
    [found] = verdicts(between({}, {}, outcomes_of(0.02, 0.001, needed - missing)), THRESHOLDS)

    assert found.verdict == verdict
    assert found.words.startswith("the day after, by themselves: +0.0200 [+0.0100, +0.0300] of ")
    assert (f"fewer than {needed} people tell nothing" in found.words) is tell_nothing


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"short": 0.02}, "2.00% of the people have a list shorter than is stored, and 1.00% may"),
        ({"empty": 0.01}, "1.00% of the people have an empty list, and 0.10% may"),
        ({"leaked": 0.5}, "50.00% of the people are recommended what they have already, and 0.10% may"),
        ({"personalisation@10": 0.01}, "the same for all people: personalisation is 0.010, and 0.05"),
    ],
)
def test_what_blocks_a_ramp_is_told_with_its_threshold(changed: dict[str, float], words: str) -> None:
    [fault] = faults(B, {**GOOD, **changed}, THRESHOLDS)

    assert words in fault.words
    assert fault.measure in changed


@pytest.mark.parametrize(
    "changed", [{}, {"short": 0.01}, {"leaked": 0.001}, {"personalisation@10": 0.05}, {"short": None}]
)
def test_lists_at_the_threshold_block_nothing(changed: dict[str, float | None]) -> None:
    assert faults(B, {**GOOD, **changed}, THRESHOLDS) == []


def test_the_summary_says_whether_there_may_be_a_ramp() -> None:
    blocked = faults(B, {**GOOD, "empty": 1.0}, THRESHOLDS)

    assert summary((A, B), [], []) == (
        "own compared with personalize: nothing was measured. What people did afterwards is not known yet. "
        "Nothing stands against a ramp of own."
    )
    assert summary((A, B), [], blocked).endswith(
        "Do not ramp own: 100.00% of the people have an empty list, and 0.10% may."
    )
