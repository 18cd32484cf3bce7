"""How far apart the runs of a schedule are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.schema import Schedule
from config.types.schedule_expressions import firing_gaps


@pytest.mark.parametrize(
    ("expression", "shortest_hours", "longest_hours"),
    [
        ("rate(24 hours)", 24, 24),
        ("rate(1 hour)", 1, 1),
        ("rate(1 day)", 24, 24),
        ("rate(360 minutes)", 6, 6),
        ("cron(0 3 * * ? *)", 24, 24),
        ("cron(0 3/6 * * ? *)", 6, 6),
        ("cron(0 */6 * * ? *)", 6, 6),
        ("cron(0 6,18 * * ? *)", 12, 12),
        ("cron(30 8-10 * * ? *)", 1, 22),
        ("cron(0 3 ? * MON-FRI *)", 24, 72),
        ("cron(0 3 ? * SUN *)", 168, 168),
        ("cron(0 3 ? * 1 *)", 168, 168),
        ("cron(0 3 1 * ? *)", 28 * 24, 31 * 24),
        ("cron(0 3 1 jan ? *)", 365 * 24, 366 * 24),
    ],
)
def test_gaps_between_runs_are_derived_from_the_expression(
    expression: str, shortest_hours: int, longest_hours: int
) -> None:
    gaps = firing_gaps(expression)

    assert gaps.shortest_minutes == shortest_hours * 60
    assert gaps.longest_minutes == longest_hours * 60


@pytest.mark.parametrize(
    ("expression", "rule"),
    [
        ("", "must be rate("),
        ("rate(0 hours)", "must be rate("),
        ("rate(5 weeks)", "must be rate("),
        ("rate(1.5 hours)", "must be rate("),
        ("cron(0 3 * * *)", "must be rate("),
        ("cron(0 3 * * * *)", "exactly one"),
        ("cron(0 3 ? * ? *)", "exactly one"),
        ("cron(60 3 * * ? *)", "minutes '60'"),
        ("cron(0 24 * * ? *)", "hours '24'"),
        ("cron(0 3 0 * ? *)", "day of month '0'"),
        ("cron(0 3 * 13 ? *)", "month '13'"),
        ("cron(0 3 ? * 8 *)", "day of week '8'"),
        ("cron(0 3 ? * MON#2 *)", "day of week 'MON#2'"),
        ("cron(0 3 L * ? *)", "day of month 'L'"),
        ("cron(0 5-3 * * ? *)", "backwards"),
        ("cron(0 0/0 * * ? *)", "step"),
        ("cron(0 0/ * * ? *)", "step"),
        ("cron(0 3 * * ? 2027)", "never end"),
        ("cron(0 3 31 2 ? *)", "again and again"),
        ("cron(0 3,x * * ? *)", "hours '3,x'"),
    ],
)
def test_an_expression_that_is_not_understood_is_refused_with_the_reason(expression: str, rule: str) -> None:
    with pytest.raises(ValueError, match=rule.replace("(", r"\(")):
        firing_gaps(expression)


@given(
    st.sets(st.integers(0, 23), min_size=1).map(sorted),
    st.sets(st.integers(0, 59), min_size=1, max_size=4).map(sorted),
)
def test_a_day_of_runs_wraps_around_midnight(hours: list[int], minutes: list[int]) -> None:
    times = sorted(60 * hour + minute for hour in hours for minute in minutes)
    gaps = [b - a for a, b in zip(times, [*times[1:], times[0] + 1440], strict=True)]

    found = firing_gaps(f"cron({','.join(map(str, minutes))} {','.join(map(str, hours))} * * ? *)")

    assert (found.shortest_minutes, found.longest_minutes) == (min(gaps), max(gaps))


def test_the_interval_is_told_in_whole_hours_rounded_up() -> None:
    assert Schedule(expression="rate(90 minutes)").interval_hours == 2
    assert Schedule(expression="rate(24 hours)").interval_hours == 24
