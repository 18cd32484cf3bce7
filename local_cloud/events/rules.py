"""EventBridge rules: moto reaches logs, queues and buses only, in the caller's thread, and ignores inputs."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from moto.events.models import EventsBackend, Rule

from local_cloud.events.messages import message
from local_cloud.events.permissions import may_deliver, may_send_dead_letter
from local_cloud.events.targets import check, dead_letter, deliver
from local_cloud.ground.patching import replace

_log = logging.getLogger(__name__)
_deliveries = ThreadPoolExecutor(max_workers=8, thread_name_prefix="events")


def _event(original: dict[str, Any]) -> dict[str, Any]:
    """As targets see it: the time as text, nothing of moto's own."""
    event = {name: value for name, value in original.items() if name != "ingestion-time"}
    if isinstance(event["time"], int | float):
        moment = datetime.fromtimestamp(event["time"], tz=UTC)
        event["time"] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return event


def _deliver(rule: Any, target: dict[str, Any], event: dict[str, Any]) -> None:
    try:
        may_deliver(target, rule.arn)
        deliver(target, message(target, event, (rule.arn, rule.name)))
    except Exception as error:
        _log.exception("rule %s could not deliver to %s", rule.name, target["Arn"])
        if queue := target.get("DeadLetterConfig", {}).get("Arn"):
            may_send_dead_letter(queue, rule.arn)
            dead_letter(queue, event, rule.arn, target["Arn"], error)


def _send(self: Any, original_event: dict[str, Any], transform_input: bool = True) -> None:
    if self.state == "DISABLED" or not self.event_pattern.matches_event(original_event):
        return
    event = _event(original_event)
    for target in list(self.targets):
        _deliveries.submit(_deliver, self, target, event)


def install() -> None:
    stock_put_targets = EventsBackend.put_targets

    def put_targets(self: Any, name: str, event_bus_arn: str | None, targets: list[dict[str, Any]]) -> None:
        for target in targets:
            check(target)
        stock_put_targets(self, name, event_bus_arn, targets)

    replace(Rule, "send_to_targets", _send)
    replace(EventsBackend, "put_targets", put_targets)
