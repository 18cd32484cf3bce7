"""The API of events before its queue, and what consumers need."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from api import events as api
from api.environment import api_environment
from tests.app.support.gateway_events import BACKEND, CONTEXT, event
from tests.app.support.in_memory import REGION, client
from tests.app.support.tracking_posts import ACCOUNT, USE_CASES, Post
from tests.app.support.tracking_world import World, made


@pytest.fixture
def queue(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of the queue that the API sends to."""
    variables = {
        "STAGE": "test",
        "USER_CLAIM": "sub",
        "EVENTS_QUEUE": "recs-test-events",
        "EVENTS_QUEUE_ACCOUNT": ACCOUNT,
        "EVENTS_QUEUE_REGION": REGION,
        "TRACKED_USE_CASES": USE_CASES,
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    cached = (api._queue, api._use_cases, api_environment)
    for function in cached:
        function.cache_clear()
    yield client("sqs").create_queue(QueueName="recs-test-events")["QueueUrl"]
    for function in cached:
        function.cache_clear()


@pytest.fixture
def post(queue: str) -> Post:
    def call(
        body: Any, route: str = "POST /v1/events", authorizer: Any = BACKEND, **parts: Any
    ) -> tuple[int, dict[str, Any]]:
        answer = api.lambda_handler(event(route, body=body, authorizer=authorizer, **parts), CONTEXT)
        return answer["statusCode"], json.loads(answer["body"])

    return call


@pytest.fixture
def world(aws: None) -> World:
    return made()
