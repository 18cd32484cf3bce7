"""Schedules of EventBridge Scheduler, fired: their role is assumed, and their target gets their input."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from moto.scheduler.models import scheduler_backends

from local_cloud.events import targets
from local_cloud.events.permissions import needs_of_target
from local_cloud.ground.settings import Settings
from local_cloud.judge.instance import installed
from local_cloud.judge.refusals import Refused
from local_cloud.regions.admin import KNOWN
from local_cloud.regions.reach import Reach, RegionDown

PATH = "/_local/schedules"
"""of the server: POST GROUP/NAME fires a schedule at once; with {"region": "eu-central-1"} one of that
region, else of the primary one"""
SERVICE = "scheduler.amazonaws.com"


class Firing:
    """reach: which regions answer."""

    def __init__(self, settings: Settings, reach: Reach) -> None:
        self._settings = settings
        self._reach = reach

    def answer(self, method: str, rest: str, body: bytes) -> tuple[int, bytes]:
        """Of the server's own path: 200, and what the target has answered; 400, 403, 404, 405, 503."""
        if method != "POST":
            return 405, b'{"message": "POST GROUP/NAME"}'
        try:
            region = self._region(body)
        except ValueError as problem:
            return 400, _message(problem)
        except RegionDown as lost:
            return 503, _message(lost)
        group, _, name = rest.partition("/")
        found = scheduler_backends[self._settings.account][region].schedule_groups.get(group)
        if found is None or name not in found.schedules:
            return 404, _message(f"there is no schedule {rest} in {region}")
        try:
            return 200, json.dumps({"answer": fire(found.schedules[name])}).encode()
        except Refused as refusal:
            return 403, _message(refusal)

    def _region(self, body: bytes) -> str:
        """Raises: ValueError; RegionDown."""
        document = json.loads(body or b"{}")
        if not isinstance(document, dict) or document.keys() - {"region"}:
            raise ValueError('the body is empty, or {"region": "eu-central-1"}')
        region = document.get("region", self._settings.region)
        if region not in KNOWN:
            raise ValueError(f"{region!r} is no region")
        self._reach.require(region)
        return str(region)


def _message(problem: object) -> bytes:
    return json.dumps({"message": str(problem)}).encode()


def fire(schedule: Any) -> str | None:
    """What the target answers; such as an execution's ARN. `schedule`: moto's record.

    What the target does not take, the schedule's queue of dead letters gets.
    Raises: Refused, if the role may not be assumed, or may not do it; UnsupportedTarget.
    """
    target = schedule.target
    targets.check(target)
    authority = installed()
    keys = authority.assume(target["RoleArn"], SERVICE, schedule.name, schedule.arn)
    text = _filled(target.get("Input", "{}"), schedule.arn)
    try:
        authority.role_needs(keys, needs_of_target(target["Arn"]))
        return targets.deliver(target, text)
    except Exception as problem:
        queue = target.get("DeadLetterConfig", {}).get("Arn")
        if isinstance(problem, Refused) or queue is None:
            raise
        authority.role_needs(keys, needs_of_target(queue))
        targets.dead_letter_of_schedule(queue, text, schedule.arn, target["Arn"], problem)
        return None


def _filled(text: str, arn: str) -> str:
    """https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html"""
    known = {
        "schedule-arn": arn,
        "scheduled-time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "execution-id": str(uuid4()),
        "attempt-number": "1",
    }
    for name, value in known.items():
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return text
