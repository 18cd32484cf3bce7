"""Alarms that roll a deployment back while it runs, and for some minutes after it.

Source: CloudFormation user guide, "Roll back your CloudFormation stack on alarm breach with rollback
triggers": one that goes to ALARM, and one that is missing, fails the operation. Alarms are looked at before
the first resource and after the last one, not in between.
"""

import time
from dataclasses import dataclass

from local_cloud.cloudformation.stacks.model import RollbackTriggers
from local_cloud.cloudformation.templates.errors import ResourceFailed
from local_cloud.ground.clients import client
from local_cloud.ground.settings import Settings

_PAUSE_SECONDS = 0.05


@dataclass(frozen=True)
class Guard:
    settings: Settings
    region: str
    triggers: RollbackTriggers

    def look(self) -> None:
        """Raises: ResourceFailed, if an alarm is missing or on."""
        names = [arn.partition(":alarm:")[2] for arn in self.triggers.arns]
        if not names:
            return
        found = client(self.settings, "cloudwatch", self.region).describe_alarms(AlarmNames=names)
        states = {alarm["AlarmArn"]: alarm["StateValue"] for alarm in found["MetricAlarms"]}
        for arn in self.triggers.arns:
            if arn not in states:
                raise ResourceFailed(f"Rollback trigger {arn} does not exist.")
            if states[arn] == "ALARM":
                raise ResourceFailed(f"Rollback trigger {arn} is in ALARM state.")

    def bake(self) -> None:
        """Waits out the minutes, as fast as waits of this cloud pass. Raises: ResourceFailed, as `look`."""
        if not self.triggers.arns:
            return
        end = time.monotonic() + 60 * self.triggers.minutes / self.settings.time_scale
        self.look()
        while time.monotonic() < end:
            time.sleep(_PAUSE_SECONDS)
            self.look()
