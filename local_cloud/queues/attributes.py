"""Attributes of queues: those that a call does not name stay as they are."""

from collections.abc import Mapping
from typing import Any

from moto.sqs.models import Queue

from local_cloud.ground.patching import replace


def install() -> None:
    """moto takes a queue's policy away whenever another of its attributes is set."""

    def set_attributes(self: Any, attributes: Mapping[str, Any], now: float | None = None) -> None:
        named = {"Policy": getattr(self, "policy", None), **attributes}
        stock(self, named, now)

    stock = replace(Queue, "_set_attributes", set_attributes)
