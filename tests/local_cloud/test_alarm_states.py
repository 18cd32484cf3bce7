"""The state of an alarm by its data points, and what is computed of metrics: as the documentation says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_cloud.alarms.errors import BadExpression, BadRule, UnknownFunction
from local_cloud.alarms.expressions import compute
from local_cloud.alarms.rules import rule_of
from local_cloud.alarms.series import Series
from local_cloud.alarms.states import Missing, Rule, State, state_of

# "Configuring how CloudWatch alarms treat missing data", CloudWatch's user guide: both of its tables, with
# 3 evaluation periods and the newest data point last. Columns: missing, ignore, breaching, notBreaching.
THREE_OF_THREE = """
0 - X - X | OK                OK     OK    OK
0 - - - - | OK                OK     OK    OK
- - - - - | INSUFFICIENT_DATA retain ALARM OK
0 X X - X | ALARM             ALARM  ALARM ALARM
- - X - - | ALARM             retain ALARM OK
"""
TWO_OF_THREE = """
0 - X - X | ALARM             ALARM  ALARM ALARM
0 0 X 0 X | ALARM             ALARM  ALARM ALARM
0 - X - - | OK                OK     ALARM OK
- - - - 0 | OK                OK     ALARM OK
- - - X - | ALARM             retain ALARM OK
"""
COLUMNS = (Missing.MISSING, Missing.IGNORE, Missing.BREACHING, Missing.NOT_BREACHING)
POINTS = {"0": False, "X": True, "-": None}
TABLE = [
    (alarming, points, missing, state)
    for alarming, table in ((3, THREE_OF_THREE), (2, TWO_OF_THREE))
    for points, _, states in (line.partition("|") for line in table.strip().splitlines())
    for missing, state in zip(COLUMNS, states.split(), strict=True)
]


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize(("alarming", "points", "missing", "state"), TABLE)
def test_states_are_those_of_the_documentation_s_tables(
    alarming: int, points: str, missing: Missing, state: str, before: State
) -> None:
    rule = Rule(periods=3, alarming=alarming, missing=missing)
    found = state_of(rule, [POINTS[point] for point in points.split()], before)

    assert found is (before if state == "retain" else State(state))
    assert rule.range == 5


# "Avoiding premature transitions to alarm state", in the same place: no alarm yet.
@pytest.mark.parametrize("points", ["- - - - X", "- - - X -"])
def test_a_single_breach_may_be_followed_by_better_data(points: str) -> None:
    rule = Rule(periods=3, alarming=3)
    assert state_of(rule, [POINTS[point] for point in points.split()], State.OK) is not State.ALARM


@given(
    st.lists(st.sampled_from([True, False]), min_size=1, max_size=8),
    st.integers(1, 8),
    st.sampled_from(Missing),
    st.sampled_from(State),
)
def test_where_nothing_is_missing_its_treatment_makes_no_difference(
    points: list[bool], alarming: int, missing: Missing, before: State
) -> None:
    periods = len(points)
    rule = Rule(periods=periods, alarming=min(alarming, periods), missing=missing)
    found = state_of(rule, [False, False, *points], before)

    assert (found is State.ALARM) == (sum(points) >= rule.alarming)


def series(*values: float | None, period: int = 60) -> Series:
    return Series({n: value for n, value in enumerate(values) if value is not None}, len(values), period)


def shown(value: object) -> list[float | None]:
    assert isinstance(value, Series)
    return [value.values.get(place) for place in range(value.length)]


METRICS = {
    "metric1": series(30, 20, 0, 0),
    "metric2": series(20, None, 20, None),
    "yes": series(1, 1, 0, 0, None),
    "one": series(30, None, 0, 0, 30),
    "other": series(0, 0, 20, None, 20),
    "gaps": series(None, 4, None, None, 10, None),
}


# "Using metric math", CloudWatch's user guide: the examples of its tables for operators and for IF.
@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("metric1 < metric2", [0, 0, 1, 0]),
        ("metric1 >= 30", [1, 0, 0, 0]),
        ("metric1 > 15 AND metric2 > 15", [1, 0, 0, 0]),
        ("IF(yes, one, other)", [30, 0, 20, None, None]),
        ("IF(yes, 5, other)", [5, 5, 20, None, None]),
        ("IF(yes, one, 5)", [30, 0, 5, 5, None]),
        # In words: what is missing counts as 0, what would be divided by zero is dropped.
        ("metric1 + metric2", [50, 20, 20, 0]),
        ("metric1 / metric2", [1.5, None, 0, None]),
        ("FILL(gaps, 0)", [0, 4, 0, 0, 10, 0]),
        ("FILL(gaps, LINEAR)", [4, 4, 6, 8, 10, 10]),
        ("IF(metric1 > 19, 100 * metric2 / metric1, 0)", [100 * 20 / 30, 0, 0, 0]),
        ("-metric1 + 2 * (metric1 - 1) ^ 2", [-30 + 2 * 29**2, -20 + 2 * 19**2, 2, 2]),
        ("SUM([metric1, metric2])", [50, 20, 20, 0]),
        ("metric1 / MAX(metric1)", [1, 2 / 3, 0, 0]),
        ('SUM(METRICS("metric")) / PERIOD(metric1)', [50 / 60, 20 / 60, 20 / 60, 0]),
    ],
)
def test_metric_math_is_computed_as_documented(expression: str, values: list[float | None]) -> None:
    found = shown(compute(expression, METRICS, METRICS))
    assert [None if value is None else pytest.approx(value) for value in values] == found


@pytest.mark.parametrize(
    ("expression", "error", "words"),
    [
        ("ANOMALY_DETECTION_BAND(metric1)", UnknownFunction, "ANOMALY_DETECTION_BAND"),
        ("metric1 + nothing", BadExpression, "no metric or expression nothing"),
        ("metric1 +", BadExpression, "at 9, where its end is"),
        ("(metric1", BadExpression, r"'\)' is needed"),
        ("metric1 metric2", BadExpression, "nothing more is expected at 8"),
        ("metric1 ; 2", BadExpression, "has ';' at 7"),
        ("FILL(1, 2)", BadExpression, "FILL does not take this"),
    ],
)
def test_what_cannot_be_computed_is_told_by_name(expression: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        compute(expression, METRICS, METRICS)


# The first three: PutCompositeAlarm's own examples.
@pytest.mark.parametrize(
    ("rule", "alarms"),
    [
        ("ALARM(a) AND ALARM(b)", {"A A"}),
        ("ALARM(a) AND NOT ALARM(b)", {"A O", "A I"}),
        ("(ALARM(a) OR ALARM(b)) AND OK(b)", {"A O"}),
        ('ALARM("a") OR ALARM(a) AND OK(b)', {"A O", "A A", "A I"}),
        ("INSUFFICIENT_DATA(arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a)", {"I O", "I A", "I I"}),
        ("NOT (OK(a) OR OK(b)) AND TRUE AND NOT FALSE", {"A A", "A I", "I A", "I I"}),
    ],
)
def test_a_rule_holds_in_these_states_and_in_no_others(rule: str, alarms: set[str]) -> None:
    by_letter = {state.value[0]: state for state in State}
    found = {
        f"{one} {other}"
        for one in by_letter
        for other in by_letter
        if rule_of(rule).holds({"a": by_letter[one], "b": by_letter[other]})
    }
    assert found == alarms


@pytest.mark.parametrize("rule", ["", "ALARM(a", "ALARM(a) AND", "ALARM(a) ALARM(b)", "BROKEN(a)", "(OK(a)"])
def test_what_is_no_rule_is_refused(rule: str) -> None:
    with pytest.raises(BadRule, match="AlarmRule"):
        rule_of(rule)
