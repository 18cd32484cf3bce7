"""Whatever fails while events are consumed, each is counted, stored and sent on once."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from pipeline.errors import TableBusy
from pipeline.tracking.ledger import Ledger
from tests.app.support.in_memory import LaggingReads
from tests.app.support.tracking_world import (
    NOON,
    POSTS,
    Died,
    Failing,
    World,
    check_once,
    error,
    event,
    made,
    mixed,
)
from tests.support.pauses import LongestPauses


def test_an_event_that_personalize_refuses_stays_behind_alone_and_is_counted_once(world: World) -> None:
    events = [event(n, type="like", user_id="ann", item_id=f"item-{n}") for n in range(10)]
    world.personalize.poison = {"item-3"}

    outcomes = [world.consume(events), world.consume([events[3]])]

    assert [set(outcome.failed) for outcome in outcomes] == [{"message-3"}, {"message-0"}]
    assert "InvalidInputException" in outcomes[0].failed["message-3"]
    assert len(world.personalize.events) == 9 and world.counted("actions") == 10
    world.personalize.poison = set()
    assert not world.consume([events[3]]).failed
    check_once(world, events)


def test_a_throttled_tracker_keeps_messages_in_the_queue(world: World) -> None:
    events = mixed(20)
    throttled = Failing(
        world.personalize,
        before=lambda _operation, number: error("ThrottlingException") if number < 3 else None,
    )

    first = world.consume(events, events=throttled)

    assert first.failed
    assert not world.consume([e for n, e in enumerate(events) if f"message-{n}" in first.failed]).failed
    check_once(world, events)


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "InternalServerError", "TransactionInProgressException"]
)
def test_a_busy_table_is_asked_again(world: World, code: str) -> None:
    busy = Failing(
        world.dynamodb,
        before=lambda operation, number: (
            error(code) if operation == "transact_write_items" and number < 4 else None
        ),
    )

    assert not world.consume(mixed(20), dynamodb=busy).failed
    check_once(world, mixed(20))


def _but_queries(code: str) -> Callable[[str, int], ClientError | None]:
    """The active region is known."""
    return lambda operation, _: None if operation == "query" else error(code)


def test_a_table_that_stays_busy_keeps_the_messages_in_the_queue(world: World) -> None:
    busy = Failing(world.dynamodb, before=_but_queries("ThrottlingException"))

    outcome = world.consume(mixed(4), dynamodb=busy)

    assert set(outcome.failed) == {f"message-{n}" for n in range(4)}
    assert "TableBusy" in outcome.failed["message-0"] and not world.stored()


def test_a_busy_table_is_asked_eight_times_with_pauses_that_double_up_to_three_seconds(world: World) -> None:
    busy = Failing(world.dynamodb, before=lambda *_: error("ThrottlingException", message="too fast"))
    pauses: list[float] = []
    ledger = Ledger(busy, world.table, LongestPauses(), sleep=pauses.append)

    with pytest.raises(TableBusy, match="2 events were not counted: ThrottlingException: too fast"):
        ledger.claim(POSTS, [event(1), event(2)])

    assert busy.calls["transact_write_items"] == 8
    assert pauses == [0.1, 0.2, 0.4, 0.8, 1.6, 3.0, 3.0]


def test_what_was_counted_just_now_is_read_at_once(world: World) -> None:
    events = mixed(8)
    like_the_table = LaggingReads(world.dynamodb)
    failing = Failing(world.bucket.client, after=lambda *_: error("SlowDown"))
    ledger = Ledger(like_the_table, world.table, LongestPauses())

    world.consume(events, s3=failing)

    [batch] = [
        item["pk"]["S"].removeprefix("batch#")
        for item in world.dynamodb.scan(TableName=world.table)["Items"]
        if item["sk"]["S"] == "batch" and b"posts" in gzip.decompress(item["lines"]["B"])
    ]
    assert ledger.pending(batch) and not ledger.pending("another")
    assert sum(one.number for one in ledger.counts("posts", "2026-11-21"))


def test_a_claim_is_kept_for_35_days_and_a_count_for_400(world: World) -> None:
    """Longer than an event may be old, and stay in both queues: docs/event-tracking.md."""
    assert not world.consume([event(1)]).failed

    items = world.dynamodb.scan(TableName=world.table)["Items"]
    [claim] = [item for item in items if item["sk"] == {"S": "claim"}]
    assert int(claim["expires"]["N"]) == NOON + 35 * 24 * 3600
    [count] = [item for item in items if item["pk"]["S"].startswith("count#")]
    assert int(count["expires"]["N"]) == NOON - 12 * 3600 + 400 * 24 * 3600, (
        "as long as the events themselves"
    )


def test_without_the_right_to_write_nothing_is_tried_again(world: World) -> None:
    denied = Failing(world.dynamodb, before=_but_queries("AccessDeniedException"))

    assert "AccessDenied" in world.consume(mixed(1), dynamodb=denied).failed["message-0"]
    assert denied.calls["transact_write_items"] == 1


def test_a_count_whose_answer_is_lost_counts_once(world: World) -> None:
    lost = Failing(
        world.dynamodb,
        after=lambda operation, number: (
            EndpointConnectionError(endpoint_url="table")
            if operation == "transact_write_items" and number == 1
            else None
        ),
    )

    outcome = world.consume(mixed(20), dynamodb=lost)

    assert not outcome.failed
    check_once(world, mixed(20))


def test_when_the_bucket_fails_events_come_again_and_lie_there_once(world: World) -> None:
    failing = Failing(world.bucket.client, after=lambda *_: error("SlowDown"))

    assert len(world.consume(mixed(8), s3=failing).failed) == 8
    assert not world.consume(mixed(8)).failed
    check_once(world, mixed(8))


def test_without_time_for_a_batch_messages_stay_where_they_are(world: World) -> None:
    world.seconds_left = 14.9

    outcome = world.consume(mixed(4))

    assert len(outcome.failed) == 4 and (outcome.new, world.counted("impressions")) == (0, 0)
    world.seconds_left = 15.0
    outcome = world.consume(mixed(4))
    assert not outcome.failed and (outcome.new, outcome.repeated) == (4, 0)
    assert (outcome.unknown_experiments, outcome.fenced) == (0, 0)


OPERATIONS = (
    "transact_write_items",
    "get_item",
    "update_item",
    "delete_item",
    "put_object",
    "put_events",
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fates=st.lists(
        st.tuples(st.sampled_from(OPERATIONS), st.integers(1, 6), st.booleans(), st.booleans()), max_size=8
    ),
    cuts=st.lists(st.tuples(st.integers(0, 30), st.integers(1, 31)), max_size=4),
)
@pytest.mark.prove
def test_whenever_a_consumer_dies_or_a_store_fails_everything_is_done_once(
    fates: list[tuple[str, int, bool, bool]], cuts: list[tuple[int, int]]
) -> None:
    """Deliveries of arbitrary parts of the events; at some calls the consumer dies or the store fails, before
    the call does its work or after. In the end all is delivered once more, and nothing fails any more.
    """
    due = {(operation, number): (late, dies) for operation, number, late, dies in fates}
    calls: Counter[str] = Counter()

    def failing(client: Any) -> Failing:
        def fate(operation: str, late: bool) -> BaseException | None:
            if not late:
                calls[operation] += 1
            found = due.get((operation, calls[operation]))
            if found is None or found[0] is not late:
                return None
            return Died() if found[1] else error("ThrottlingException", operation)

        return Failing(
            client, before=lambda name, _: fate(name, False), after=lambda name, _: fate(name, True)
        )

    events = mixed(30)
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setattr("pipeline.tracking.personalize_events._CALLS_AT_ONCE", 1)
        world = made()
        clients = {
            "dynamodb": failing(world.dynamodb),
            "s3": failing(world.bucket.client),
            "events": failing(world.personalize),
        }
        for first, size in cuts:
            try:
                world.consume(events[first : first + size], **clients)
            except Died:
                pass
        assert not world.consume(events).failed
        check_once(world, events)
