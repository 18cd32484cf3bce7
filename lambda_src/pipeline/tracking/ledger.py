"""The table that knows which events were counted, so that each is counted once however often it arrives.

One transaction claims the events of a batch, adds them to the counters and keeps the batch itself until it is
stored and sent on. Whoever meets an event that is claimed already finds its batch, and finishes what is left.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from pipeline.errors import TableBusy
from pipeline.tracking import counters
from pipeline.tracking.batch import Batch, packed, unpacked
from pipeline.tracking.event import Event
from pipeline.tracking.use_cases import TrackedUseCase

CLAIMED_DAYS = 35
"""Longer than a message can stay in the queue, then in the dead-letter queue, then be sent once more."""

_DAY = 86_400
_ATTEMPTS = 8
_FIRST_SECONDS = 0.05
_MOST_SECONDS = 3.0
_CANCELLED = "TransactionCanceledException"
_TAKEN = "ConditionalCheckFailed"
_FATAL = frozenset({"AccessDeniedException", "ResourceNotFoundException", "ValidationException"})


@dataclass
class Claims:
    """new: the batch of the events that nobody had counted. earlier: ids of the others' batches."""

    new: Batch | None = None
    earlier: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Ledger:
    """`client` is a DynamoDB client; `clock` answers seconds since 1970."""

    client: Any
    table: str
    rng: random.Random
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.time

    def claim(self, use_case: TrackedUseCase, events: Sequence[Event]) -> Claims:
        """Counts those of the events (at most `batch.LARGEST`, all different) that were not counted before.

        Raises: TableBusy, after eight attempts; whether the events were counted is then found out next time.
        """
        found = Claims()
        remaining = list(events)
        reason = ""
        for attempt in range(_ATTEMPTS):
            if not remaining:
                return found
            if attempt:
                self.sleep(self.rng.uniform(0, min(_MOST_SECONDS, _FIRST_SECONDS * 2**attempt)))
            batch = Batch.of(remaining)
            try:
                self.client.transact_write_items(TransactItems=self._writes(use_case, batch))
            except (ClientError, BotoCoreError) as error:
                reason = _told(error)
                taken = _taken(error, batch)
                found.earlier.update(taken.values())
                remaining = [event for event in batch.events if event.claim not in taken]
            else:
                found.new = batch
                return found
        if not remaining:
            return found
        raise TableBusy(f"{self.table}: {len(remaining)} events were not counted: {reason}")

    def pending(self, batch_id: str) -> Batch | None:
        """A batch that something is left to do with."""
        answer = self.client.get_item(TableName=self.table, Key=_batch_key(batch_id), ConsistentRead=True)
        item = answer.get("Item")
        if item is None:
            return None
        unsent = frozenset(item["unsent"]["SS"]) if "unsent" in item else None
        return Batch(batch_id, unpacked(item["lines"]["B"]), unsent)

    def keep(self, batch: Batch, unsent: frozenset[str]) -> None:
        """The batch is stored, and Personalize has been told of all of it but these claims."""
        self.client.update_item(
            TableName=self.table,
            Key=_batch_key(batch.id),
            UpdateExpression="SET unsent = :unsent",
            ConditionExpression="attribute_exists(pk)",
            ExpressionAttributeValues={":unsent": {"SS": sorted(unsent)}},
        )

    def finish(self, batch: Batch) -> None:
        """Nothing is left to do; repeating it changes nothing."""
        self.client.delete_item(TableName=self.table, Key=_batch_key(batch.id))

    def counts(self, use_case: str, day: str) -> list[counters.Count]:
        return counters.read_day(self.client, self.table, use_case, day)

    def _writes(self, use_case: TrackedUseCase, batch: Batch) -> list[dict[str, Any]]:
        """The claims first, in the order of the batch's events: reasons of a cancellation have this order."""
        expires = {"N": str(int(self.clock()) + CLAIMED_DAYS * _DAY)}
        claims = [
            {
                "Put": {
                    "TableName": self.table,
                    "Item": {
                        "pk": {"S": f"event#{event.claim}"},
                        "sk": {"S": "claim"},
                        "batch": {"S": batch.id},
                        "expires": expires,
                    },
                    "ConditionExpression": "attribute_not_exists(pk)",
                    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                }
            }
            for event in batch.events
        ]
        kept = {"lines": {"B": packed(batch.events)}, "expires": expires}
        shard = self.rng.randrange(counters.SHARDS)
        return [
            *claims,
            {"Put": {"TableName": self.table, "Item": {**_batch_key(batch.id), **kept}}},
            *counters.additions(self.table, use_case, batch.events, shard=shard),
        ]


def _batch_key(batch_id: str) -> dict[str, Any]:
    return {"pk": {"S": f"batch#{batch_id}"}, "sk": {"S": "batch"}}


def _taken(error: Exception, batch: Batch) -> dict[str, str]:
    """The batch ids of those events that were claimed before, by claim. Raises: what waiting cannot heal."""
    if not isinstance(error, ClientError):
        return {}
    code = error.response["Error"]["Code"]
    if code in _FATAL:
        raise error
    if code != _CANCELLED:
        return {}
    reasons = error.response["CancellationReasons"]
    return {
        event.claim: reason["Item"]["batch"]["S"]
        for event, reason in zip(batch.events, reasons, strict=False)
        if reason.get("Code") == _TAKEN
    }


def _told(error: Exception) -> str:
    if isinstance(error, ClientError):
        return f"{error.response['Error']['Code']}: {error.response['Error'].get('Message', '')}"[:500]
    return f"{type(error).__name__}: {error}"
