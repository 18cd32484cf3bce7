"""The week in which a user is told once."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from pipeline.times import run_time


def week_of(run: str, time_zone: str) -> str:
    """ISO 8601 week of the run's start by the clocks of the time zone, for example `2026-W47`; sorts by time.

    A run that is redriven days later is still of the week in which it started.
    """
    year, week, _ = run_time(run).astimezone(ZoneInfo(time_zone)).isocalendar()
    return f"{year}-W{week:02d}"
