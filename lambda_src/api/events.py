"""Entries: events, and attributes of users and items; all into the queue of a region that may be active."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from api.entry import entry
from api.telemetry import logger
from pipeline.environment import Environment
from pipeline.errors import QueueUnavailable
from pipeline.http.problems import Forbidden, Unavailable
from pipeline.http.request import Request
from pipeline.http.response import Response
from pipeline.tracking.messages import Content, written
from pipeline.tracking.posting import posted_attributes, posted_events
from pipeline.tracking.queue import EventQueue, Queue, QueuesInTurn
from pipeline.tracking.use_cases import ITEMS, USERS, TrackedUseCase, read_use_cases

# An attempt takes three seconds at most, and the function has ten: for one to find the queue, and for several
# to send to it, the last of which begins within EventQueue.seconds.
_CONFIG = Config(
    connect_timeout=1,
    read_timeout=2,
    retries={"mode": "standard", "total_max_attempts": 1},
    parameter_validation=False,
)
# Of two regions, each of which may have to be found and sent to in the same time.
_SOONER = _CONFIG.merge(Config(read_timeout=1))


@dataclass(frozen=True)
class EventsEnvironment(Environment):
    """The queue by name, account and region, of which there may be several, joined by commas;
    `tracked_use_cases` as pipeline.tracking.use_cases reads it.
    """

    events_queue: str
    events_queue_account: str
    events_queue_region: str
    tracked_use_cases: str


@cache
def _use_cases() -> Mapping[str, TrackedUseCase]:
    return read_use_cases(EventsEnvironment.read().tracked_use_cases)


@cache
def _queue() -> Queue:
    first, *others = EventsEnvironment.read().events_queue_region.split(",")
    if not others:
        return _queue_in(first, EventQueue.seconds, _CONFIG)
    return QueuesInTurn([partial(_queue_in, region, 1.0, _SOONER) for region in (first, *others)])


def _queue_in(region: str, seconds: float, config: Config) -> EventQueue:
    environment = EventsEnvironment.read()
    client: Any = boto3.client("sqs", region_name=region, config=config)
    found = client.get_queue_url(
        QueueName=environment.events_queue, QueueOwnerAWSAccountId=environment.events_queue_account
    )
    return EventQueue(client, found["QueueUrl"], random.Random(), seconds=seconds)


def post_events(request: Request) -> Response:
    events = posted_events(request.json(), request.caller, _use_cases(), now=time.time())
    return _accepted(*(replace(event, region=os.environ.get("AWS_REGION")) for event in events))


def put_user_attributes(request: Request) -> Response:
    user_id = request.parameters["userId"]
    request.caller.check_user(user_id)
    return _accepted(posted_attributes(request.json(), USERS, user_id, _use_cases(), now=time.time()))


def put_item_attributes(request: Request) -> Response:
    """What a backend says of an item. Raises: Forbidden, for anybody but a backend."""
    if not request.caller.is_backend:
        raise Forbidden("Items are described by a backend, not by users.")
    item_id = request.parameters["itemId"]
    return _accepted(posted_attributes(request.json(), ITEMS, item_id, _use_cases(), now=time.time()))


def _accepted(*contents: Content) -> Response:
    """Only what is in the queue is acknowledged; what got there of a refused request is not counted twice."""
    try:
        _queue().send([written(content) for content in contents])
    except (QueueUnavailable, ClientError, BotoCoreError) as error:
        logger.error("the queue did not take everything", exc_info=error)
        raise Unavailable("Not everything was accepted: send the same again.") from error
    return Response({"accepted": len(contents)}, 202)


ROUTES = {
    "POST /v1/events": post_events,
    "PUT /v1/users/{userId}/attributes": put_user_attributes,
    "PUT /v1/items/{itemId}/attributes": put_item_attributes,
}
lambda_handler = entry(ROUTES)
