"""EventBridge Scheduler's expressions, as far as a repeated run needs them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise

_RATE = re.compile(r"rate\(([1-9]\d*) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
_MINUTES_OF = {"minute": 1, "hour": 60, "day": 24 * 60}
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_DAY = 24 * 60
# Four years hold every combination of weekday, month length and leap day that matters for a gap.
_FIRST_DAY, _DAYS, _FOUR_YEARS = date(2025, 1, 1), 4 * 366, 4 * 365 + 1


@dataclass(frozen=True)
class Gaps:
    """Shortest and longest time between two runs, by the wall clock."""

    shortest_minutes: int
    longest_minutes: int


@cache
def firing_gaps(expression: str) -> Gaps:
    """Raises: ValueError, with the broken rule."""
    if rate := _RATE.fullmatch(expression):
        minutes = int(rate[1]) * _MINUTES_OF[rate[2]]
        return Gaps(minutes, minutes)
    if cron := _CRON.fullmatch(expression):
        return _cron_gaps(*cron.groups())
    raise ValueError(
        "must be rate(<number> minutes|hours|days) or cron(<minutes> <hours> <day of month> <month> "
        "<day of week> <year>), as EventBridge Scheduler writes a repeated schedule"
    )


@cache
def firings_per_day(expression: str) -> float:
    """On average. Raises: ValueError, with the broken rule."""
    if rate := _RATE.fullmatch(expression):
        return _DAY / (int(rate[1]) * _MINUTES_OF[rate[2]])
    firing_gaps(expression)
    cron = _CRON.fullmatch(expression)
    assert cron
    whole = _cron_firings(*cron.groups()[:5])
    return sum(firing < _FOUR_YEARS * _DAY for firing in whole) / _FOUR_YEARS


def fires(expression: str, minute: datetime, since: datetime) -> bool:
    """Whether it fires in the minute, by the wall clock of its time zone; a rate counts from `since`.

    Raises: ValueError, with the broken rule.
    """
    if rate := _RATE.fullmatch(expression):
        passed = int((minute - since).total_seconds() // 60)
        return passed > 0 and passed % (int(rate[1]) * _MINUTES_OF[rate[2]]) == 0
    firing_gaps(expression)
    cron = _CRON.fullmatch(expression)
    assert cron
    minutes, hours, days, months, weekdays, _ = cron.groups()
    return (
        minute.minute in _values(minutes, "minutes", 0, 59)
        and minute.hour in _values(hours, "hours", 0, 23)
        and _day_of(days, months, weekdays)(minute.date())
    )


def _day_of(days: str, months: str, weekdays: str) -> Callable[[date], bool]:
    """Whether it fires on a day."""
    in_months = _values(months, "month", 1, 12, _MONTHS)
    on_days = _values(days, "day of month", 1, 31) if days != "?" else None
    on_weekdays = _values(weekdays, "day of week", 1, 7, _WEEKDAYS) if weekdays != "?" else None

    def is_one(day: date) -> bool:
        if day.month not in in_months:
            return False
        return day.day in on_days if on_days is not None else day.isoweekday() % 7 + 1 in (on_weekdays or ())

    return is_one


def _cron_gaps(minutes: str, hours: str, days: str, months: str, weekdays: str, years: str) -> Gaps:
    if (days == "?") == (weekdays == "?"):
        raise ValueError("exactly one of day of month and day of week must be ?")
    if years != "*":
        raise ValueError("the year must be *, since the runs never end")
    firings = _cron_firings(minutes, hours, days, months, weekdays)
    gaps = {later - earlier for earlier, later in pairwise(firings)}
    if not gaps:
        raise ValueError("must run again and again; no or only one run was found in four years")
    return Gaps(min(gaps), max(gaps))


def _cron_firings(minutes: str, hours: str, days: str, months: str, weekdays: str) -> list[int]:
    """Minutes since the beginning of four years, in their order."""
    times = sorted(
        60 * hour + minute
        for hour in _values(hours, "hours", 0, 23)
        for minute in _values(minutes, "minutes", 0, 59)
    )
    runs_on = _day_of(days, months, weekdays)
    run_days = [number for number in range(_DAYS) if runs_on(_FIRST_DAY + timedelta(days=number))]
    return [number * _DAY + time for number in run_days for time in times]


def _values(field: str, what: str, low: int, high: int, names: tuple[str, ...] = ()) -> frozenset[int]:
    """`*`, `a`, `a-b`, `a/step`, `*/step` and lists of them; L, W and # are of no use here."""

    def number(text: str) -> int:
        value = names.index(text.upper()) + low if text.upper() in names else _integer(text)
        if value is None or not low <= value <= high:
            raise ValueError(f"{what} {field!r} may hold values from {low} to {high} with , - * and /")
        return value

    found: set[int] = set()
    for part in field.split(","):
        span, _, step_text = part.partition("/")
        step = _integer(step_text) if "/" in part else 1
        if not step:
            raise ValueError(f"{what} {field!r}: the step after / must be a number of at least 1")
        if span == "*":
            first, last = low, high
        elif "-" in span:
            first, last = (number(end) for end in span.split("-", 1))
        else:
            first = number(span)
            last = high if "/" in part else first
        if first > last:
            raise ValueError(f"{what} {field!r}: the range runs backwards")
        found.update(range(first, last + 1, step))
    return frozenset(found)


def _integer(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\d{1,4}", text) else None
