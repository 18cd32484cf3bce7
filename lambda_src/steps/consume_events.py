"""Consumer of the queue of events and attributes; answers which messages are to stay in it."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cache
from typing import Any

from pipeline.environment import Environment
from pipeline.storage import Bucket
from pipeline.tracking.arms import Arms
from pipeline.tracking.attributes import AttributeSender
from pipeline.tracking.consumer import Consumer, Message
from pipeline.tracking.conversion import Hour, figures
from pipeline.tracking.counters import Count
from pipeline.tracking.ledger import Ledger
from pipeline.tracking.recent import RecentEvents
from pipeline.tracking.use_cases import read_use_cases
from steps import telemetry
from steps.clients import client, fence

_REASONS_LOGGED = 5


@dataclass(frozen=True)
class ConsumerEnvironment(Environment):
    """`tracked_use_cases` is JSON, as pipeline.tracking.use_cases reads it."""

    data_bucket: str
    serving_table: str
    stage: str
    tracked_use_cases: str
    tracking_table: str


@cache
def _environment() -> ConsumerEnvironment:
    return ConsumerEnvironment.read()


@cache
def _arms() -> Arms:
    return Arms(client("dynamodb"), _environment().serving_table)


@telemetry.step
def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    environment = _environment()
    dynamodb = client("dynamodb")
    consumer = Consumer(
        use_cases=read_use_cases(environment.tracked_use_cases),
        ledger=Ledger(dynamodb, environment.tracking_table, random.Random()),
        bucket=Bucket(client("s3"), environment.data_bucket),
        arms=_arms(),
        recent=RecentEvents(dynamodb, environment.tracking_table, random.Random()),
        attributes=AttributeSender(client("personalize-events"), dynamodb, environment.tracking_table),
        events=client("personalize-events"),
        fence=fence(),
        publish=_publish,
        seconds_left=lambda: context.get_remaining_time_in_millis() / 1000,
    )
    outcome = consumer.consume([Message(record["messageId"], record["body"]) for record in event["Records"]])
    telemetry.logger.info(
        "messages consumed",
        extra={
            "received": len(event["Records"]),
            "new": outcome.new,
            "repeated": outcome.repeated,
            "failed": len(outcome.failed),
            "unknown_experiments": outcome.unknown_experiments,
            "fenced": outcome.fenced,
            "reasons": sorted(set(outcome.failed.values()))[:_REASONS_LOGGED],
        },
    )
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in outcome.failed]}


def _publish(counts: Sequence[Count], hours: Set[Hour]) -> None:
    for figure in figures(counts, hours, now=time.time()):
        telemetry.tell(figure.dimensions, figure.values, at=figure.time)
