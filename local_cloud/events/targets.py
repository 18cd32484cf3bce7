"""Delivering a rule's message to a target by the service in its ARN."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

from moto.events.models import events_backends
from moto.logs.models import logs_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends
from moto.utilities.arns import parse_arn

from local_cloud.functions import invoker


class UnsupportedTarget(NotImplementedError):
    """The local cloud delivers no events to this kind of target."""


def _to_logs(arn: Any, target: dict[str, Any], text: str) -> None:
    group = arn.resource_id.removesuffix(":*")
    stream = str(uuid4())
    backend = logs_backends[arn.account][arn.region]
    backend.create_log_stream(group, stream)
    event = {"timestamp": int(datetime.now().timestamp() * 1000), "message": text}
    backend.put_log_events(group, stream, [event])


def _to_queue(arn: Any, target: dict[str, Any], text: str) -> None:
    group = target.get("SqsParameters", {}).get("MessageGroupId")
    sqs_backends[arn.account][arn.region].send_message(
        queue_name=arn.resource_id, message_body=text, group_id=group
    )


def _to_topic(arn: Any, target: dict[str, Any], text: str) -> None:
    sns_backends[arn.account][arn.region].publish(message=text, arn=target["Arn"])


def _to_function(arn: Any, target: dict[str, Any], text: str) -> None:
    invoker.invoke_async(target["Arn"], text.encode(), region=arn.region)


def _to_state_machine(arn: Any, target: dict[str, Any], text: str) -> str:
    # moto.stepfunctions.models names the interpreter's backends once its room is installed.
    from moto.stepfunctions import models

    machines: Any = models.stepfunctions_backends[arn.account][arn.region]
    return str(machines.start_execution(target["Arn"], str(uuid4()), text).exec_arn)


def _to_bus(arn: Any, target: dict[str, Any], text: str) -> None:
    event = json.loads(text)
    entry = {
        "Source": event["source"],
        "DetailType": event["detail-type"],
        "Detail": json.dumps(event["detail"]),
        "Resources": event["resources"],
        "EventBusName": arn.resource_id,
    }
    events_backends[arn.account][arn.region].put_events([entry])


_DELIVERIES: dict[str, Callable[[Any, dict[str, Any], str], str | None]] = {
    "logs": _to_logs,
    "sqs": _to_queue,
    "sns": _to_topic,
    "lambda": _to_function,
    "states": _to_state_machine,
    "events": _to_bus,
}


def check(target: dict[str, Any]) -> None:
    """Whether deliver() can serve a target. Raises: UnsupportedTarget, if not."""
    service = parse_arn(target["Arn"]).service
    if service not in _DELIVERIES:
        raise UnsupportedTarget(f"the local cloud delivers no events to {service}: {target['Arn']}")


def deliver(target: dict[str, Any], text: str) -> str | None:
    """The ARN of the execution that it has started, if it has."""
    arn = parse_arn(target["Arn"])
    return _DELIVERIES[arn.service](arn, target, text)


def dead_letter(queue: str, event: dict[str, Any], rule: str, target: str, error: Exception) -> None:
    """The event as it came; what EventBridge tells besides is in the message's attributes."""
    told = {
        "RULE_ARN": rule,
        "TARGET_ARN": target,
        "ERROR_CODE": type(error).__name__,
        "ERROR_MESSAGE": str(error) or type(error).__name__,
    }
    _send(queue, json.dumps(event), told)


def dead_letter_of_schedule(queue: str, text: str, schedule: str, target: str, error: Exception) -> None:
    """https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html"""
    told = {
        "SCHEDULE_ARN": schedule,
        "TARGET_ARN": target,
        "ERROR_CODE": type(error).__name__,
        "ERROR_MESSAGE": str(error) or type(error).__name__,
    }
    _send(queue, text, told)


def _send(queue: str, body: str, told: dict[str, str]) -> None:
    arn = parse_arn(queue)
    attributes = {name: {"DataType": "String", "StringValue": text} for name, text in told.items()}
    sqs_backends[arn.account][arn.region].send_message(
        queue_name=arn.resource_id, message_body=body, message_attributes=attributes
    )
