"""Posting events and attributes: what is accepted, what is refused and how, and what gets into the queue."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.http.caller import Caller
from pipeline.http.problems import Problem
from pipeline.tracking import messages
from pipeline.tracking.attributes import Attributes
from pipeline.tracking.event import Event
from pipeline.tracking.posting import posted_attributes, posted_events
from pipeline.tracking.use_cases import read_use_cases
from tests.app.support.gateway_events import user
from tests.app.support.tracking_posts import USE_CASES, Post, posted, queued


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


@pytest.mark.parametrize(
    ("ago", "accepted"),
    [(timedelta(days=7), True), (timedelta(days=7, seconds=1), False),
     (-timedelta(minutes=5), True), (-timedelta(minutes=5, seconds=1), False)],
)  # fmt: skip
def test_an_event_is_a_week_old_at_most_and_not_of_the_future(ago: timedelta, accepted: bool) -> None:
    """But for five minutes, by which a caller's clock may be ahead."""
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    body = {"events": [posted(occurredAt=(now - ago).isoformat())]}

    def post_it() -> list[Event]:
        return posted_events(body, Caller(None, True), read_use_cases(USE_CASES), now=now.timestamp())

    if accepted:
        [event] = post_it()
        assert (event.happened, event.received_at) == (now - ago, now.timestamp())
    else:
        with pytest.raises(Problem, match=r"within the last 7 days, and here it is 2026-11-21T12:00:00"):
            post_it()


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
