"""Attributes of queues: what no call names stays as it is, and who may use a dead-letter queue."""

import json
from collections.abc import Mapping
from typing import Any

from moto.sqs.exceptions import InvalidParameterValue
from moto.sqs.models import Queue, sqs_backends

from local_cloud.ground.patching import replace

_ALLOW = "RedriveAllowPolicy"
_PERMISSIONS = ("allowAll", "denyAll", "byQueue")
_MOST_SOURCES = 10


def install() -> None:
    """moto takes a queue's policy away whenever another of its attributes is set, and keeps nobody from
    making any queue a dead-letter queue.
    """

    def set_attributes(self: Any, attributes: Mapping[str, Any], now: float | None = None) -> None:
        others = {name: value for name, value in attributes.items() if name != _ALLOW}
        allowed = _allowed(attributes[_ALLOW]) if _ALLOW in attributes else None
        stock(self, {"Policy": getattr(self, "policy", None), **others}, now)
        if _ALLOW in attributes:
            self.redrive_allow_policy = allowed

    def set_dead_letters(self: Any, policy: Any) -> None:
        target = _target(self, policy)
        if target is not None and not _may_use(target, self.queue_arn):
            raise InvalidParameterValue(
                f"Value {policy} for parameter RedrivePolicy is invalid. "
                f"Reason: {_ALLOW} of {target.queue_arn} does not name {self.queue_arn} as a source."
            )
        stock_dead_letters(self, policy)

    def attributes(self: Any) -> dict[str, Any]:
        told = {name: value for name, value in stock_attributes.__get__(self).items() if name != _ALLOW}
        allowed = getattr(self, "redrive_allow_policy", None)
        return {**told, _ALLOW: json.dumps(allowed)} if allowed else told

    stock = replace(Queue, "_set_attributes", set_attributes)
    stock_dead_letters = replace(Queue, "_setup_dlq", set_dead_letters)
    stock_attributes = replace(Queue, "attributes", property(attributes))
    # What may be asked for by name.
    replace(Queue, "KMS_ATTRIBUTES", [*Queue.KMS_ATTRIBUTES, _ALLOW])
    setattr(Queue, "redrive_allow_policy", None)  # noqa: B010


def _allowed(value: Any) -> dict[str, Any] | None:
    """Raises: InvalidParameterValue, for what the API reference does not allow."""
    try:
        policy = json.loads(value or "{}") if isinstance(value, str | None) else value
        permission, sources = policy.get("redrivePermission"), policy.get("sourceQueueArns")
    except (ValueError, AttributeError):
        raise InvalidParameterValue(
            f"Value {value} for parameter {_ALLOW} is invalid. Reason: no JSON object."
        ) from None
    if not policy:
        return None
    problem = None
    if permission not in _PERMISSIONS:
        problem = f"redrivePermission must be one of {', '.join(_PERMISSIONS)}"
    elif (permission == "byQueue") != bool(sources):
        problem = "sourceQueueArns go with redrivePermission byQueue, and only with it"
    elif sources and len(sources) > _MOST_SOURCES:
        problem = f"there are more than {_MOST_SOURCES} sourceQueueArns"
    if problem:
        raise InvalidParameterValue(f"Value {value} for parameter {_ALLOW} is invalid. Reason: {problem}.")
    return dict(policy)


def _target(queue: Any, policy: Any) -> Any:
    """The queue that the redrive policy names; None for none, or for a policy that moto refuses."""
    try:
        arn = (json.loads(policy) if isinstance(policy, str) else policy)["deadLetterTargetArn"]
    except (ValueError, KeyError, TypeError):
        return None
    there = sqs_backends[queue.account_id][queue.region].queues.values()
    return next((each for each in there if each.queue_arn == arn), None)


def _may_use(target: Any, source: str) -> bool:
    policy = target.redrive_allow_policy or {"redrivePermission": "allowAll"}
    return policy["redrivePermission"] == "allowAll" or source in policy.get("sourceQueueArns", ())
