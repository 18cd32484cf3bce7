"""Schedules of EventBridge Scheduler by name: turned on, turned off, and looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

ON, OFF = "ENABLED", "DISABLED"
_KEPT = (
    *("ActionAfterCompletion", "Description", "EndDate", "FlexibleTimeWindow", "GroupName", "KmsKeyArn"),
    *("Name", "ScheduleExpression", "ScheduleExpressionTimezone", "StartDate", "Target"),
)
"""What UpdateSchedule takes besides the state: whatever it is not given is reset to its default."""


@dataclass(frozen=True)
class Schedules:
    """client: of EventBridge Scheduler."""

    client: Any
    names: Sequence[str]

    def states(self) -> dict[str, str | None]:
        """By name; None: there is no such schedule."""
        return {name: found["State"] if (found := self._get(name)) else None for name in self.names}

    def turn(self, state: str) -> tuple[list[str], list[str]]:
        """Names of those that were in another state, and of those that do not exist."""
        changed, absent = [], []
        for name in self.names:
            schedule = self._get(name)
            if schedule is None:
                absent.append(name)
            elif schedule["State"] != state:
                kept = {key: schedule[key] for key in _KEPT if key in schedule}
                self.client.update_schedule(**kept, State=state)
                changed.append(name)
        return changed, absent

    def _get(self, name: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self.client.get_schedule(Name=name)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return None
            raise
        return found
