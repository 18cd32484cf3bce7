"""When a solution trains itself: how often, and since when the days are counted."""

import re
from collections.abc import Mapping
from typing import Any

from personalize_server.state.context import Context
from personalize_server.state.store import Record
from personalize_server.state.updates import effective_body

_DEFAULT_DAYS = 7
_DAY = 86_400.0


def interval(settings: Mapping[str, Any]) -> float:
    """Seconds between trainings."""
    schedule = settings.get("solutionConfig", {}).get("autoTrainingConfig", {})
    match = re.match(r"rate\((\d+)", schedule.get("schedulingExpression", ""))
    return (int(match[1]) if match else _DEFAULT_DAYS) * _DAY


def counted_since(solution: Record) -> float:
    """The first training comes within an hour of this, unless one by hand does."""
    return float(solution.own.get("schedule_since", solution.created))


def begins_anew(context: Context, solution: Record, changes: Mapping[str, Any]) -> Record:
    """The solution about to be updated: turned on, or with another frequency, its schedule starts again."""
    before = effective_body(context, solution)
    after = {**before, **changes}
    turned_on = after["performAutoTraining"] and not before["performAutoTraining"]
    if not turned_on and interval(after) == interval(before):
        return solution
    return solution.changed(context.now, own={**solution.own, "schedule_since": context.now})
