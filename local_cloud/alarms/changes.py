"""An alarm gets another state: that is remembered, told, and part of its history."""

import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local_cloud.alarms import telling
from local_cloud.alarms.states import State
from local_cloud.judge.refusals import Refused

CREATED = "Unchecked: Initial alarm creation"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class HistoryItem:
    """`kind`: ConfigurationUpdate, StateUpdate or Action; `data`: JSON."""

    at: datetime
    kind: str
    summary: str
    data: str


def begin(alarm: Any) -> None:
    """A new alarm knows nothing yet."""
    alarm.state_value = State.INSUFFICIENT_DATA.value
    alarm.state_reason = CREATED
    alarm.history = []
    _add(alarm, "ConfigurationUpdate", f'Alarm "{alarm.name}" created', {"type": "Create"})


def go_on(alarm: Any, earlier: Any) -> None:
    """An alarm that was there before under its name keeps its state."""
    for name in ("state_value", "state_reason", "state_reason_data", "state_updated_timestamp", "history"):
        setattr(alarm, name, getattr(earlier, name))
    _add(alarm, "ConfigurationUpdate", f'Alarm "{alarm.name}" updated', {"type": "Update"})


def change(alarm: Any, state: State, reason: str, reason_data: str | None) -> None:
    """Another state than it has: with its actions. What an action fails with is in the history."""
    before, why, since = State(alarm.state_value), alarm.state_reason, alarm.state_updated_timestamp
    alarm.state_value, alarm.state_reason, alarm.state_reason_data = state.value, reason, reason_data or "{}"
    alarm.state_updated_timestamp = datetime.now(tz=UTC).replace(tzinfo=None)
    states = {
        "oldState": {"stateValue": before.value, "stateReason": why},
        "newState": {"stateValue": state.value, "stateReason": reason},
    }
    _add(alarm, "StateUpdate", f"Alarm updated from {before.value} to {state.value}", states)
    for arn in telling.actions_of(alarm, state):
        _act(alarm, arn, before)
    telling.tell_events(alarm.alarm_arn.split(":")[4], alarm, before, why, since)


def _act(alarm: Any, arn: str, before: State) -> None:
    told = {"actionState": "Succeeded", "notificationResource": arn, "stateUpdateTimestamp": None}
    summary = f"Successfully executed action {arn}"
    try:
        telling.notify(arn, alarm, before)
    except Exception as problem:  # a topic that is gone, that does not allow it, ...: nobody else is told
        if not isinstance(problem, Refused):
            _log.exception("the alarm %s could not tell %s", alarm.name, arn)
        summary, told = (
            f"Failed to execute action {arn}",
            {**told, "actionState": "Failed", "error": str(problem)},
        )
    _add(alarm, "Action", summary, told)


def _add(alarm: Any, kind: str, summary: str, data: dict[str, Any]) -> None:
    item = HistoryItem(
        at=datetime.now(tz=UTC),
        kind=kind,
        summary=summary,
        data=json.dumps({"version": "1.0", **data}),
    )
    alarm.history.append(item)
