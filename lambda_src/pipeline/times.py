"""Runs are named by the time they started: `20261121T195012345`, UTC, to the millisecond."""

from __future__ import annotations

from datetime import UTC, datetime

from pipeline.errors import InvalidInput


def run_time(run: str) -> datetime:
    """When a run began, in UTC, from the run's name. Raises: InvalidInput, if it is no time."""
    try:
        return datetime.strptime(f"{run}000", "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
    except ValueError:
        raise InvalidInput(f"run {run!r} is not a time like 20261121T195012345") from None


def iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def run_at(moment: str) -> str:
    """The name that a run would have that began at the moment (ISO 8601, UTC, to the second)."""
    return f"{datetime.fromisoformat(moment).astimezone(UTC):%Y%m%dT%H%M%S}000"
