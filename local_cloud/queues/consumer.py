"""One event source mapping at work: batches from a queue to a function, as Lambda's pollers do."""

import json
import logging
import time
from threading import Condition, Event, Thread
from typing import Any

from moto.sqs.exceptions import QueueDoesNotExist
from moto.sqs.models import sqs_backends

from local_cloud.functions import invoker
from local_cloud.functions.executor import role_keys
from local_cloud.functions.pool import PoolClosed
from local_cloud.ground.settings import Settings
from local_cloud.judge.actions.need import Need
from local_cloud.judge.instance import installed
from local_cloud.judge.refusals import Refused
from local_cloud.queues.records import failed_ids, record
from local_cloud.regions.instance import reach
from local_cloud.regions.reach import RegionDown

# Lambda goes up to 1,000 at once; each is a process here.
DEFAULT_CONCURRENCY = 4
_IDLE_SECONDS = 0.25
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
_POLLING = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
_log = logging.getLogger(__name__)


class Consumer:
    """`mapping` is moto's EventSourceMapping, read anew for every batch; `closed` ends the consumer.

    What a function does not process becomes visible again when the queue's visibility timeout is over, which
    passes as fast as every other wait, and not while the function is still at work.
    """

    def __init__(self, settings: Settings, mapping: Any, closed: Event) -> None:
        self._settings = settings
        self._mapping = mapping
        self._closed = closed
        self._running = 0
        self._changed = Condition()
        _, _, _, self._region, account, self._queue_name = mapping.event_source_arn.split(":")
        self._backend = sqs_backends[account][self._region]

    def start(self) -> None:
        Thread(target=self._consume, name=f"consumer of {self._queue_name}", daemon=True).start()

    def _consume(self) -> None:
        while not self._closed.is_set():
            if not self._mapping.enabled or not reach().is_up(self._region) or not self._has_room():
                self._closed.wait(_IDLE_SECONDS / 10)
                continue
            try:
                self._may_poll()
                batch = self._batch()
            except Refused:
                self._closed.wait(_IDLE_SECONDS)
                continue
            except QueueDoesNotExist:
                self._closed.wait(_IDLE_SECONDS)
                continue
            if batch:
                with self._changed:
                    self._running += 1
                Thread(target=self._process, args=(batch,), name="batch", daemon=True).start()

    def _may_poll(self) -> None:
        """Pollers act with the role of the function. Raises: Refused, without the rights that they need."""
        try:
            keys = role_keys(invoker.find(self._mapping.function_arn))
        except invoker.FunctionNotFound:
            return
        source = self._mapping.event_source_arn
        installed().role_needs(keys, [Need(action=f"sqs:{name}", resource=source) for name in _POLLING])

    def _has_room(self) -> bool:
        most = (self._mapping.scaling_config or {}).get("MaximumConcurrency") or DEFAULT_CONCURRENCY
        with self._changed:
            return self._running < most or self._changed.wait_for(
                lambda: self._running < most, timeout=_IDLE_SECONDS
            )

    def _batch(self) -> list[Any]:
        """Messages, up to the batch size or the end of the batching window."""
        batch = self._receive(self._mapping.batch_size)
        if not batch:
            queue: Any = self._backend.get_queue(self._queue_name)
            with queue._messages_lock:
                queue._messages_lock.wait(_IDLE_SECONDS)
            return []
        window = (self._mapping.max_batch_window or 0) / self._settings.time_scale
        deadline = time.monotonic() + window
        while len(batch) < self._mapping.batch_size and time.monotonic() < deadline:
            more = self._receive(self._mapping.batch_size - len(batch))
            batch += more
            if not more:
                self._closed.wait(0.01)
        return batch

    def _receive(self, count: int) -> list[Any]:
        queue: Any = self._backend.get_queue(self._queue_name)
        received: list[Any] = self._backend.receive_message(
            self._queue_name, count, 0, queue.visibility_timeout, ["All"]
        )
        return received

    def _process(self, batch: list[Any]) -> None:
        try:
            failed = self._invoke(batch)
            self._settle(batch, failed)
        except (PoolClosed, QueueDoesNotExist):
            return
        except RegionDown:
            self._settle(batch, {message.id for message in batch})
        except Exception:  # a consumer goes on whatever one batch does
            _log.exception("a batch of %s failed", self._queue_name)
            self._settle(batch, {message.id for message in batch})
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify()

    def _invoke(self, batch: list[Any]) -> set[str]:
        """The ids of the messages that were not processed."""
        source = self._mapping.event_source_arn
        event = {"Records": [record(message, source, self._region) for message in batch]}
        try:
            result = invoker.invoke(self._mapping.function_arn, json.dumps(event).encode())
        except invoker.FunctionNotFound:
            return {message.id for message in batch}
        partial = "ReportBatchItemFailures" in (self._mapping.function_response_types or [])
        return failed_ids(result, [message.id for message in batch], partial=partial)

    def _settle(self, batch: list[Any], failed: set[str]) -> None:
        queue: Any = self._backend.get_queue(self._queue_name)
        pause = 1000 * queue.visibility_timeout / self._settings.time_scale
        visible_at = time.time() * 1000 + pause
        # All at once: receivers would get the lock between any two, and look at the whole queue each time.
        with queue._messages_lock:
            for message in batch:
                if message.id not in failed:
                    queue.delete_message(message.receipt_handle)
            for message in queue._messages:
                if message.id in failed:
                    message.visible_at = visible_at
