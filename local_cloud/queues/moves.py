"""StartMessageMoveTask and ListMessageMoveTasks: dead letters back to where they came from."""

import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from moto.core.responses import ActionResult
from moto.sqs.exceptions import InvalidParameterValue, QueueDoesNotExist
from moto.sqs.responses import SQSResponse


def install() -> None:
    """moto has neither; here a task is over before its answer is sent.

    Raises: RuntimeError, if moto has one.
    """
    for name, operation in {"start_message_move_task": _start, "list_message_move_tasks": _list}.items():
        if hasattr(SQSResponse, name):
            raise RuntimeError(f"this version of moto has {name}: this patch is needless")
        setattr(SQSResponse, name, operation)


def _start(self: Any) -> ActionResult:
    backend = self.sqs_backend
    source_arn, destination_arn = self._get_param("SourceArn"), self._get_param("DestinationArn")
    source = _queue(backend, source_arn)
    fed_by = [
        queue
        for queue in backend.queues.values()
        if (queue.redrive_policy or {}).get("deadLetterTargetArn") == source_arn
    ]
    if not fed_by:
        raise InvalidParameterValue("Source queue must be configured as a Dead Letter Queue.")
    if destination_arn is None and len(fed_by) > 1:
        raise InvalidParameterValue("the local cloud needs a DestinationArn where several queues feed one")
    destination = _queue(backend, destination_arn) if destination_arn else fed_by[0]
    task = {
        "TaskHandle": str(uuid4()),
        "Status": "COMPLETED",
        "SourceArn": source_arn,
        "DestinationArn": destination.queue_arn,
        "StartedTimestamp": int(time.time() * 1000),
        **_moved(source, destination),
    }
    _tasks(backend).insert(0, task)
    return ActionResult({"TaskHandle": task["TaskHandle"]})


def _moved(source: Any, destination: Any) -> Mapping[str, int]:
    """All that nobody is at work on; as new messages, they have never been received."""
    with source._messages_lock:
        moving = source.messages
        for message in moving:
            source._messages.remove(message)
            source.pending_messages.discard(message)
    for message in moving:
        message.approximate_receive_count = 0
        message.approximate_first_receive_timestamp = None
        message.visible_at = 0.0
        destination.add_message(message)
    return {
        "ApproximateNumberOfMessagesMoved": len(moving),
        "ApproximateNumberOfMessagesToMove": len(moving),
    }


def _list(self: Any) -> ActionResult:
    source, most = self._get_param("SourceArn"), int(self._get_param("MaxResults") or 1)
    _queue(self.sqs_backend, source)
    tasks = [task for task in _tasks(self.sqs_backend) if task["SourceArn"] == source]
    return ActionResult({"Results": tasks[:most]})


def _tasks(backend: Any) -> list[dict[str, Any]]:
    if not hasattr(backend, "message_move_tasks"):
        backend.message_move_tasks = []
    tasks: list[dict[str, Any]] = backend.message_move_tasks
    return tasks


def _queue(backend: Any, arn: str) -> Any:
    for queue in backend.queues.values():
        if queue.queue_arn == arn:
            return queue
    raise QueueDoesNotExist
