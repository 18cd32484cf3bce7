"""Posting events and attributes: what is accepted, what is refused and how, and what gets into the queue."""

from __future__ import annotations

import json
import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from hypothesis import given, settings
from hypothesis import strategies as st

from api import events as api
from api.environment import api_environment
from pipeline.errors import QueueUnavailable
from pipeline.http.caller import Caller
from pipeline.http.problems import Problem
from pipeline.tracking import messages
from pipeline.tracking.attributes import Attributes
from pipeline.tracking.event import Event
from pipeline.tracking.posting import posted_attributes, posted_events
from pipeline.tracking.queue import EventQueue
from pipeline.tracking.use_cases import read_use_cases
from tests.app.support.gateway_events import BACKEND, CONTEXT, event, user
from tests.app.support.in_memory import REGION, client

ITEM_COLUMNS = [
    {"name": "TITLE", "type": "string", "nullable": True, "textual": True},
    {"name": "CREATION_TIMESTAMP", "type": "long"},
    {"name": "PRICE", "type": "double", "nullable": True},
]
USE_CASES = json.dumps(
    {
        "posts": {
            "eventTypes": ["view", "like"],
            "actions": [],
            "attributes": {
                "users": {"columns": [{"name": "AGE", "type": "int", "nullable": True}]},
                "items": {"columns": ITEM_COLUMNS},
            },
        },
        "users_to_follow": {"eventTypes": ["follow"], "actions": []},
    }
)
ACCOUNT = "123456789012"
FUNCTION_SECONDS = 10
Post = Callable[..., tuple[int, dict[str, Any]]]


def posted(**changes: Any) -> dict[str, Any]:
    values = {
        "eventId": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "useCase": "posts",
        "type": "impression",
        "itemId": "42",
        "userId": "7",
        "occurredAt": datetime.now(UTC).isoformat(timespec="seconds"),
        "source": "batch",
        "variant": "personalize",
    }
    return {name: value for name, value in {**values, **changes}.items() if value is not None}


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


def queued(queue: str) -> list[Any]:
    found = []
    while received := client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        found += [messages.read(message["Body"]) for message in received]
    return found


def test_accepted_events_are_in_the_queue_each_in_a_message_of_its_own(post: Post, queue: str) -> None:
    status, body = post({"events": [posted(eventId=f"e{number}") for number in range(25)]})

    assert (status, body) == (202, {"accepted": 25})
    found = queued(queue)
    assert {entry.event_id for entry in found} == {f"e{number}" for number in range(25)}
    assert all(isinstance(entry, Event) and entry.user_id == "7" for entry in found)


def test_all_that_an_event_can_say_gets_through(post: Post, queue: str) -> None:
    told = {
        "sessionId": "s" * 16,
        "generation": "20261121T195012345",
        "recommendationId": "RID-1",
        "source": "campaign",
        "variant": "own",
    }
    moment = (datetime.now(UTC) - timedelta(days=6)).replace(microsecond=0)

    assert post({"events": [posted(type="like", occurredAt=moment.isoformat(), **told)]})[0] == 202

    [found] = queued(queue)
    assert found.timestamp == int(moment.timestamp()) and found.type == "like"
    assert (found.session_id, found.generation, found.recommendation_id, found.source, found.variant) == (
        *("s" * 16, "20261121T195012345", "RID-1", "campaign", "own"),
    )


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"eventId": None}, "eventId"),
        ({"eventId": "with blank"}, "eventId"),
        ({"eventId": 7}, "eventId"),
        ({"useCase": "films"}, "useCase"),
        ({"useCase": ["posts"]}, "useCase"),
        ({"type": "follow"}, "type"),
        ({"type": {}}, "type"),
        ({"itemId": ""}, "itemId"),
        ({"itemId": "a\nb"}, "itemId"),
        ({"userId": ""}, "userId"),
        ({"userId": None, "sessionId": "short"}, "sessionId"),
        ({"sessionId": "user:0123456789abcdef"}, "sessionId"),
        ({"occurredAt": None}, "occurredAt"),
        ({"occurredAt": "2026-11-21T12:00:00"}, "occurredAt"),
        ({"occurredAt": "2020-01-01T00:00:00Z"}, "occurredAt"),
        ({"occurredAt": "2099-01-01T00:00:00Z"}, "occurredAt"),
        ({"occurredAt": 1_795_262_400}, "occurredAt"),
        ({"source": "friend"}, "source"),
        ({"variant": None}, "variant"),
        ({"generation": "x" * 65}, "generation"),
        ({"recommendationId": ""}, "recommendationId"),
        ({"rank": 3}, "rank"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_taken(
    post: Post, queue: str, changes: dict[str, Any], where: str
) -> None:
    status, body = post({"events": [posted(eventId="good"), posted(**changes)]})

    assert status == 400
    assert [entry["where"] for entry in body["errors"]] == [f"body.events[1].{where}"]
    assert not queued(queue)


def test_every_bad_event_is_listed(post: Post) -> None:
    bad = [posted(eventId="a"), posted(eventId="b", source="?", itemId=""), "text", posted(eventId="a")]

    _, body = post({"events": bad})

    assert {entry["where"] for entry in body["errors"]} == {
        *("body.events[1].source", "body.events[1].itemId", "body.events[2]", "body.events[3].eventId"),
    }


@pytest.mark.parametrize("body", ["{", [], {}, {"events": []}, {"events": [posted()] * 101}, {"events": {}}])
def test_a_body_of_another_shape_is_refused(post: Post, body: Any) -> None:
    assert post(body)[0] == 400


def test_somebody_must_have_done_it(post: Post) -> None:
    status, body = post({"events": [posted(userId=None)]})

    assert status == 400 and "sessionId" in body["errors"][0]["detail"]


def test_a_signed_in_user_tells_of_themselves_or_of_a_session_only(post: Post, queue: str) -> None:
    own, anonymous = posted(), posted(userId=None, sessionId="s" * 20)

    assert post({"events": [own, anonymous]}, authorizer=user("7"))[0] == 202
    assert post({"events": [posted(userId="8"), own]}, authorizer=user("7"))[0] == 403
    assert len(queued(queue)) == 2


def test_without_credentials_nobody_is_named(post: Post) -> None:
    assert post({"events": [posted()]}, authorizer=None)[0] == 401


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


def test_a_queue_that_stays_away_is_an_error_after_four_attempts() -> None:
    class Down:
        attempts = 0

        def send_message_batch(self, **_: Any) -> Any:
            self.attempts += 1
            raise EndpointConnectionError(endpoint_url="sqs")

    down = Down()
    with pytest.raises(QueueUnavailable, match="1 messages could not be put"):
        EventQueue(down, "url", random.Random(0), sleep=lambda _: None).send(["a"])
    assert down.attempts == 4


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
        made = replace(found(), sleep=hanging.sleep, clock=hanging.now)
        hanging.begun = hanging.now()
        return made

    monkeypatch.setattr(boto3, "client", hanging.client)
    monkeypatch.setattr(api, "_queue", queue)

    status, body = post({"events": [posted(eventId=f"e{number}") for number in range(100)]})

    assert (status, body["code"]) == (503, "unavailable")
    assert max(hanging.times) < FUNCTION_SECONDS - 1


def test_attributes_take_the_same_way(post: Post, queue: str) -> None:
    items = {"title": "New", "creationTimestamp": 1_795_262_400, "price": 2.5}
    route = "PUT /v1/items/{itemId}/attributes"

    status, body = post({"useCase": "posts", "attributes": items}, route, path={"itemId": "42"})

    assert (status, body) == (202, {"accepted": 1})
    [found] = queued(queue)
    assert isinstance(found, Attributes)
    assert (found.dataset, found.id, found.values) == ("items", "42", items)


@pytest.mark.parametrize(
    ("attributes", "where"),
    [
        ({}, "attributes.creationTimestamp"),
        ({"creationTimestamp": "soon"}, "attributes.creationTimestamp"),
        ({"creationTimestamp": 2**63}, "attributes.creationTimestamp"),
        ({"creationTimestamp": 1, "title": 3}, "attributes.title"),
        ({"creationTimestamp": 1, "title": "half a \ud800"}, "attributes.title"),
        ({"creationTimestamp": 1, "price": True}, "attributes.price"),
        ({"creationTimestamp": 1, "colour": "red"}, "attributes.colour"),
        ([], "attributes"),
    ],
)
def test_attributes_must_fit_the_dataset(post: Post, queue: str, attributes: Any, where: str) -> None:
    body = {"useCase": "posts", "attributes": attributes}

    status, problem = post(body, "PUT /v1/items/{itemId}/attributes", path={"itemId": "42"})

    assert status == 400 and f"body.{where}" in {entry["where"] for entry in problem["errors"]}
    assert not queued(queue)


@pytest.mark.parametrize(("dataset", "most"), [("users", 24_000), ("items", 32_000)])
def test_attributes_larger_than_the_service_takes_are_refused_with_its_limit(dataset: str, most: int) -> None:
    columns = [{"name": name, "type": "string", "textual": True} for name in ("A", "B")]
    told = {"posts": {"eventTypes": [], "actions": [], "attributes": {dataset: {"columns": columns}}}}

    def put(characters: int) -> Attributes:
        """Both texts and what JSON needs around them."""
        texts = {"a": "\U0001f600" * 12_000, "b": "b" * (characters - 12_000 - len('{"a": "", "b": ""}'))}
        body = {"useCase": "posts", "attributes": texts}
        return posted_attributes(body, dataset, "7", read_use_cases(json.dumps(told)), now=time.time())

    assert len(json.dumps(put(most).values, ensure_ascii=False)) == most
    with pytest.raises(Problem, match=f"{most:,} characters at most as JSON, not {most + 1:,}") as refused:
        put(most + 1)
    assert refused.value.status == 400
    assert [mistake.where for mistake in refused.value.mistakes] == ["body.attributes"]


def test_a_use_case_without_the_dataset_takes_no_attributes(post: Post) -> None:
    body = {"useCase": "users_to_follow", "attributes": {}}

    status, problem = post(body, "PUT /v1/users/{userId}/attributes", path={"userId": "7"})

    assert status == 400 and problem["errors"][0]["where"] == "body.useCase"


def test_users_describe_themselves_only_and_no_items(post: Post) -> None:
    body = {"useCase": "posts", "attributes": {"age": 31}}
    users, items = ("PUT /v1/users/{userId}/attributes", "PUT /v1/items/{itemId}/attributes")

    assert post(body, users, user("7"), path={"userId": "7"})[0] == 202
    assert post(body, users, user("7"), path={"userId": "8"})[0] == 403
    assert post(body, items, user("7"), path={"itemId": "7"})[0] == 403


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(
    body=JSON
    | st.builds(
        lambda changes: {"events": [{**posted(), **changes}]},
        st.dictionaries(
            st.sampled_from([*sorted(posted()), "sessionId", "generation", "recommendationId"]),
            JSON,
            max_size=3,
        ),
    )
)
def test_whatever_is_posted_becomes_events_that_can_be_read_again_or_a_problem(body: Any) -> None:
    try:
        events = posted_events(
            body, Caller(None, is_backend=True), read_use_cases(USE_CASES), now=time.time()
        )
    except Problem as problem:
        assert problem.status == 400 and problem.mistakes
    else:
        assert events and [messages.read(messages.written(entry)) for entry in events] == events


QUEUE_TAKES = re.compile("[\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
"""The characters of a message, by the documentation of SendMessage."""
LARGEST_MESSAGE = 256 * 1024
STRANGE = st.sampled_from(["\ufffe", "\uffff", "\U0001ffff", "\u2028", "\ufdd0", "\\", '"'])
USUAL = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=20)
TEXTS = st.lists(STRANGE | USUAL, min_size=1, max_size=12).map("".join)


@settings(max_examples=60, deadline=None)
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
