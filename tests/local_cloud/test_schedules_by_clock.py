"""Schedules fire when their time has come, by a clock that goes as quickly as workflows wait."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from moto.scheduler.models import scheduler_backends

from local_cloud.events import clockwork
from local_cloud.events.clockwork import Clockwork
from local_cloud.ground.settings import Settings

# A Monday; six minutes pass in each tick of the test.
BEGIN = datetime(2026, 11, 30, tzinfo=UTC).timestamp()
DAY_OF_TICKS = 240


@pytest.fixture
def fired(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    counted: Counter[str] = Counter()
    monkeypatch.setattr(clockwork, "fire", lambda schedule: counted.update([schedule.name]))
    return counted


def schedule(settings: Settings, expression: str, zone: str = "UTC", state: str = "ENABLED") -> Any:
    backend: Any = scheduler_backends[settings.account][settings.region]
    return backend.create_schedule(
        description="",
        end_date=None,
        flexible_time_window={"Mode": "OFF"},
        group_name=None,
        kms_key_arn=None,
        name=f"test-{uuid4().hex[:8]}",
        schedule_expression=expression,
        schedule_expression_timezone=zone,
        start_date=None,
        state=state,
        target={"Arn": "arn:aws:sqs:eu-west-1:123456789012:q", "RoleArn": "arn:aws:iam::123456789012:role/r"},
        action_after_completion=None,
    )


def test_each_fires_as_often_as_its_expression_says_in_the_time_that_passes(fired: Counter[str]) -> None:
    settings, moment = Settings(account="210987654321", time_scale=600), [BEGIN]
    clock = Clockwork(settings, now=lambda: moment[0])
    expected = {
        schedule(settings, "cron(0 3/6 * * ? *)").name: 4 * 3,
        schedule(settings, "cron(30 2 ? * TUE *)", zone="Europe/Berlin").name: 1,
        schedule(settings, "rate(5 hours)").name: 14,
        schedule(settings, "rate(1 hour)", state="DISABLED").name: 0,
        schedule(settings, "at(2026-12-01T00:00:00)").name: 0,
    }

    for _ in range(3 * DAY_OF_TICKS):
        moment[0] += 0.6
        clock.tick()

    assert {name: fired[name] for name in expected} == expected


def test_what_was_due_while_nobody_looked_fires_once(fired: Counter[str]) -> None:
    settings, moment = Settings(account="210987654322", time_scale=600), [BEGIN]
    clock = Clockwork(settings, now=lambda: moment[0])
    name = schedule(settings, "rate(1 minute)").name
    clock.tick()
    moment[0] += 6
    clock.tick()

    assert fired[name] == 1
