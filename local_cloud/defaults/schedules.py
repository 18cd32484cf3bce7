"""Schedules of EventBridge Scheduler: API reference, CreateSchedule and UpdateSchedule."""

from typing import Any

from moto.scheduler.models import Schedule
from moto.scheduler.responses import EventBridgeSchedulerResponse

from local_cloud.ground.patching import replace

_KEPT = "NONE"


def install() -> None:
    """moto answers null for what happens after the last time, and keeps the first of what it is told."""

    def initialise(self: Any, *arguments: Any, **named: Any) -> None:
        create(self, *arguments, **named)
        self.action_after_completion = self.action_after_completion or _KEPT

    def update(self: Any) -> Any:
        answer = stock_update(self)
        name = self.uri.split("?")[0].split("/")[-1]
        schedule = self.scheduler_backend.get_schedule(self._get_param("GroupName"), name)
        # An update sets everything: what it does not name is as it is without.
        schedule.action_after_completion = self._get_param("ActionAfterCompletion") or _KEPT
        return answer

    create = replace(Schedule, "__init__", initialise)
    stock_update = replace(EventBridgeSchedulerResponse, "update_schedule", update)
