"""Queues under several threads: stock moto hands a message out twice and forgets what is sent meanwhile."""

import time
from typing import Any

from moto.sqs.exceptions import ReceiptHandleIsInvalid
from moto.sqs.models import Queue, SQSBackend

from local_cloud.ground.patching import replace


def install() -> None:
    """One receiver at a time, and a deletion that takes its message out in place."""

    def receive_message(
        self: Any,
        queue_name: str,
        count: int,
        wait_seconds_timeout: int,
        visibility_timeout: int,
        message_attribute_names: list[str] | None = None,
    ) -> list[Any]:
        queue = self.get_queue(queue_name)
        deadline = time.monotonic() + int(wait_seconds_timeout or 0)
        while True:
            with queue._messages_lock:
                received: list[Any] = stock_receive(
                    self, queue_name, count, 0, visibility_timeout, message_attribute_names
                )
                left = deadline - time.monotonic()
                if received or left <= 0:
                    return received
                # Messages in flight become visible without a notification.
                queue._messages_lock.wait(min(left, 0.25))

    def within_retention(self: Any, queue_name: str, message: Any) -> bool:
        """moto works out every attribute of the queue for this, by three looks at all of its messages."""
        kept = int(self.get_queue(queue_name).message_retention_period)
        return bool(message.sent_timestamp / 1000 + kept > time.time())

    replace(SQSBackend, "is_message_valid_based_on_retention_period", within_retention)
    stock_receive = replace(SQSBackend, "receive_message", receive_message)
    replace(Queue, "delete_message", _delete_message)
    # Each message that is sent has them counted; moto makes two dates per message for it.
    replace(Queue, "messages", property(_visible))
    replace(Queue, "approximate_number_of_messages_not_visible", property(_in_flight))
    replace(Queue, "approximate_number_of_messages_delayed", property(_delayed))


def _visible(self: Any) -> list[Any]:
    now = time.time() * 1000
    return [m for m in list(self._messages) if m.visible_at < now and m.delayed_until <= now]


def _in_flight(self: Any) -> int:
    now = time.time() * 1000
    return sum(message.visible_at >= now for message in list(self._messages))


def _delayed(self: Any) -> int:
    now = time.time() * 1000
    return sum(message.delayed_until > now for message in list(self._messages))


def _delete_message(self: Any, receipt_handle: str) -> None:
    with self._messages_lock:
        if receipt_handle in self.deleted_messages:
            return
        for place, message in enumerate(self._messages):
            if message.had_receipt_handle(receipt_handle):
                self.pending_messages.discard(message)
                self.deleted_messages.update(message.all_receipt_handles)
                del self._messages[place]
                return
    raise ReceiptHandleIsInvalid
