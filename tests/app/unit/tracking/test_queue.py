"""The queue of events: what it takes, and what the API tells when it takes less, fails or hangs."""

from __future__ import annotations

import json
import random
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from api import events as api
from pipeline.errors import QueueUnavailable
from pipeline.http.caller import Caller
from pipeline.tracking import messages
from pipeline.tracking.attributes import Attributes
from pipeline.tracking.event import Event
from pipeline.tracking.posting import posted_attributes, posted_events
from pipeline.tracking.queue import EventQueue, QueuesInTurn
from pipeline.tracking.use_cases import read_use_cases
from tests.app.support.gateway_events import BACKEND, CONTEXT, event
from tests.app.support.in_memory import REGION, client
from tests.app.support.tracking_posts import USE_CASES, Post, posted
from tests.support.pauses import LongestPauses

FUNCTION_SECONDS = 10


def test_messages_that_the_queue_did_not_take_are_sent_again_alone(aws: None) -> None:
    sqs = client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    sent: list[int] = []

    class Partial:
        def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, str]]) -> Any:
            sent.append(len(Entries))
            if len(sent) == 1:
                raise EndpointConnectionError(endpoint_url="sqs")
            taken = sqs.send_message_batch(QueueUrl=QueueUrl, Entries=Entries[: len(Entries) // 2 + 1])
            failed = [
                {"Id": entry["Id"], "Code": "InternalError"} for entry in Entries[len(Entries) // 2 + 1 :]
            ]
            return {**taken, "Failed": failed}

    EventQueue(Partial(), url, random.Random(0), sleep=lambda _: None).send(["a", "b", "c"])

    assert sent == [3, 3, 1]
    bodies = [m["Body"] for m in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]]
    assert sorted(bodies) == ["a", "b", "c"]


def test_what_is_not_in_the_queue_is_not_acknowledged(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    class Down:
        def send(self, bodies: list[str]) -> None:
            raise QueueUnavailable("10 messages")

    monkeypatch.setattr(api, "_queue", Down)

    answer = api.lambda_handler(
        event("POST /v1/events", body={"events": [posted()]}, authorizer=BACKEND), CONTEXT
    )

    assert answer["statusCode"] == 503 and answer["headers"]["retry-after"]


def test_a_queue_that_stays_away_is_an_error_after_four_attempts_that_come_more_and_more_slowly() -> None:
    class Down:
        attempts = 0

        def send_message_batch(self, **_: Any) -> Any:
            self.attempts += 1
            raise EndpointConnectionError(endpoint_url="sqs")

    down, pauses = Down(), list[float]()
    with pytest.raises(QueueUnavailable, match="1 messages could not be put"):
        EventQueue(down, "url", LongestPauses(), sleep=pauses.append).send(["a"])
    assert down.attempts == 4
    assert pauses == [0.2, 0.8, 1]


class HangingQueue:
    """Clients whose calls of these operations end in their time-outs; others answer as late as they may.

    Time passes in each thread on its own.
    """

    def __init__(self, operations: tuple[str, ...]) -> None:
        self.operations = operations
        self.begun = 0.0
        self.times: list[float] = []
        self._own = threading.local()

    def now(self) -> float:
        return float(getattr(self._own, "now", self.begun))

    def sleep(self, seconds: float) -> None:
        self._own.now = self.now() + seconds
        self.times.append(self._own.now)

    def client(self, *names: str, **given: Any) -> Any:
        made = boto3.session.Session().client(*names, **given)

        def before_send(request: Any, **_: Any) -> None:
            self.sleep(made.meta.config.connect_timeout + made.meta.config.read_timeout)
            if any(operation.encode() in request.headers["X-Amz-Target"] for operation in self.operations):
                raise ReadTimeoutError(endpoint_url=request.url)

        made.meta.events.register_first("before-send.sqs", before_send)
        return made


@pytest.mark.parametrize("operations", [("GetQueueUrl",), ("SendMessageBatch",)], ids=lambda names: names[0])
def test_a_queue_that_hangs_is_told_before_the_function_s_time_is_over(
    post: Post, monkeypatch: pytest.MonkeyPatch, operations: tuple[str, ...]
) -> None:
    hanging, found = HangingQueue(operations), api._queue

    def queue() -> EventQueue:
        made = found()
        assert isinstance(made, EventQueue)
        made = replace(made, sleep=hanging.sleep, clock=hanging.now)
        hanging.begun = hanging.now()
        return made

    monkeypatch.setattr(boto3, "client", hanging.client)
    monkeypatch.setattr(api, "_queue", queue)

    status, body = post({"events": [posted(eventId=f"e{number}") for number in range(100)]})

    assert (status, body["code"]) == (503, "unavailable")
    assert max(hanging.times) < FUNCTION_SECONDS - 1


class Told:
    """A queue that notes what it takes, or fails."""

    def __init__(self, *, fails: bool = False) -> None:
        self.fails, self.taken, self.asked = fails, list[str](), 0

    def send(self, bodies: Sequence[str]) -> None:
        self.asked += 1
        if self.fails:
            raise QueueUnavailable("no")
        self.taken += bodies


def test_what_one_region_does_not_take_is_sent_to_the_next_and_it_is_asked_again_later() -> None:
    first, second, now = Told(fails=True), Told(), [0.0]
    queues = QueuesInTurn([lambda: first, lambda: second], clock=lambda: now[0])

    for body in "ab":
        queues.send([body])
    assert (second.taken, first.asked) == (["a", "b"], 1)
    first.fails, now[0] = False, 31.0
    queues.send(["c"])
    assert (first.taken, second.taken) == (["c"], ["a", "b"])

    first.fails = second.fails = True
    with pytest.raises(QueueUnavailable):
        queues.send(["d"])


def test_the_api_of_a_replica_goes_on_in_the_standby_s_queue_when_the_primary_is_gone(
    post: Post, queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first region has no such queue."""
    monkeypatch.setenv("EVENTS_QUEUE_REGION", f"eu-north-1,{REGION}")

    status, _ = post({"events": [posted(eventId="e1")]})

    assert status == 202
    assert len(client("sqs").receive_message(QueueUrl=queue)["Messages"]) == 1


QUEUE_TAKES = re.compile("[\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
"""The characters of a message, by the documentation of SendMessage."""
LARGEST_MESSAGE = 256 * 1024
STRANGE = st.sampled_from(["\ufffe", "\uffff", "\U0001ffff", "\u2028", "\ufdd0", "\\", '"'])
USUAL = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=20)
TEXTS = st.lists(STRANGE | USUAL, min_size=1, max_size=12).map("".join)


@given(id_=TEXTS, text=TEXTS, times=st.integers(1, 10_000))
def test_whatever_is_accepted_is_in_characters_and_of_a_size_that_the_queue_takes(
    id_: str, text: str, times: int
) -> None:
    use_cases, now = read_use_cases(USE_CASES), time.time()
    events = {"events": [posted(itemId=id_, userId=id_)]}
    title = (text * times)[:10_000]
    attributes = {"useCase": "posts", "attributes": {"creationTimestamp": 1, "title": title}}
    contents: list[Event | Attributes] = [
        *posted_events(events, Caller(None, is_backend=True), use_cases, now=now),
        posted_attributes(attributes, "items", id_, use_cases, now=now),
    ]

    for content in contents:
        body = messages.written(content)
        assert QUEUE_TAKES.fullmatch(body) and len(body.encode()) < LARGEST_MESSAGE
        assert messages.read(body) == content


@pytest.mark.parametrize("character", ["\uffff", "\U0001f600"], ids=["refused", "astral"])
def test_the_largest_attributes_fit_into_a_message(character: str) -> None:
    columns = [{"name": name, "type": "string", "textual": True} for name in ("A", "B")]
    told = {"posts": {"eventTypes": [], "actions": [], "attributes": {"items": {"columns": columns}}}}
    body = {"useCase": "posts", "attributes": {"a": character * 20_000, "b": character * 11_900}}

    made = posted_attributes(body, "items", "7", read_use_cases(json.dumps(told)), now=time.time())

    assert len(messages.written(made).encode()) < LARGEST_MESSAGE


def test_an_id_with_a_character_that_the_queue_refuses_gets_through(post: Post, queue: str) -> None:
    assert post({"events": [posted(itemId="a\uffff\ufffe")]})[0] == 202

    [message] = client("sqs").receive_message(QueueUrl=queue)["Messages"]
    assert QUEUE_TAKES.fullmatch(message["Body"])
    assert json.loads(message["Body"])["item_id"] == "a\uffff\ufffe"
