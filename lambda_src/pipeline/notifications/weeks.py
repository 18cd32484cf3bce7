"""The week in which a user is told once."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pipeline.times import run_time

_CLOCKS_DIFFER = timedelta(hours=1)
"""At most: those of two regions."""


def week_of(run: str, time_zone: str) -> str:
    """ISO 8601 week of the run's start by the clocks of the time zone, for example `2026-W47`; sorts by time.

    A run that is redriven days later is still of the week in which it started.
    """
    return _week(run_time(run), time_zone)


def week_in_doubt(since: str, time_zone: str) -> str:
    """The last one of which a region may have told people that was lost before the moment (ISO 8601)."""
    return _week(datetime.fromisoformat(since) + _CLOCKS_DIFFER, time_zone)


def _week(moment: datetime, time_zone: str) -> str:
    year, week, _ = moment.astimezone(ZoneInfo(time_zone)).isocalendar()
    return f"{year}-W{week:02d}"
