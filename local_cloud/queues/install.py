"""What moto's queues and event source mappings lack, put in."""

from collections.abc import Callable
from threading import Event
from typing import Any

from moto.awslambda.exceptions import InvalidParameterValueException
from moto.awslambda.models import LambdaBackend
from moto.sqs.models import sqs_backends

from local_cloud.ground.patching import replace
from local_cloud.ground.settings import Settings
from local_cloud.queues import attributes, moves, safety
from local_cloud.queues.consumer import Consumer


def install(settings: Settings) -> Callable[[], None]:
    """Let mappings poll their queues; returns what ends all of them.

    moto calls the function within SendMessage, in the sender's thread, and message by message.
    """
    attributes.install()
    safety.install()
    moves.install()
    ending = Event()
    consumers: dict[str, Event] = {}

    def create(self: Any, spec: dict[str, Any]) -> Any:
        if spec.get("FilterCriteria"):
            raise InvalidParameterValueException("the local cloud does not filter what a mapping receives")
        for other in self._event_source_mappings.values():
            function = self.get_function(spec["FunctionName"]).function_arn
            if (other.event_source_arn, other.function_arn) == (spec["EventSourceArn"], function):
                raise InvalidParameterValueException(f"The mapping {other.uuid} has this source and function")
        mapping = stock_create(self, spec)
        if ":sqs:" in mapping.event_source_arn:
            _, _, _, region, account, name = mapping.event_source_arn.split(":")
            sqs_backends[account][region].get_queue(name).lambda_event_source_mappings.clear()
            consumers[mapping.uuid] = _Either(ending)
            Consumer(settings, mapping, consumers[mapping.uuid]).start()
        return mapping

    def delete(self: Any, uuid: str) -> Any:
        if uuid in consumers:
            consumers.pop(uuid).set()
        return stock_delete(self, uuid)

    stock_create = replace(LambdaBackend, "create_event_source_mapping", create)
    stock_delete = replace(LambdaBackend, "delete_event_source_mapping", delete)
    return ending.set


class _Either(Event):
    """Set by itself or by another."""

    def __init__(self, other: Event) -> None:
        super().__init__()
        self._other = other

    def is_set(self) -> bool:
        return super().is_set() or self._other.is_set()
