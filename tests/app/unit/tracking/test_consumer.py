"""Events are counted, stored and sent on once, whatever happens on the way."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from pipeline.storage import Bucket
from tests.app.support import tracking_world
from tests.app.support.in_memory import BUCKET, REGION, TABLE, client
from tests.app.support.tracking_world import Died, Failing, World, error, event


def made() -> World:
    s3, dynamodb = client("s3"), client("dynamodb")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    dynamodb.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
    )
    return World(dynamodb, Bucket(s3, BUCKET), TABLE)


@pytest.fixture
def world(aws: None) -> World:
    return made()


def mixed(count: int) -> list[Any]:
    kinds = ("impression", "impression", "like", "view")
    return [event(number, type=kinds[number % 4]) for number in range(count)]


def check_once(world: World, events: list[Any]) -> None:
    """Every event was counted, stored and sent exactly once, and nothing is left to do."""
    kinds = Counter({"impression": "impressions", "view": "others"}.get(e.type, "actions") for e in events)
    assert {kind: world.counted(kind) for kind in ("impressions", "actions", "others")} == {
        kind: kinds[kind] for kind in ("impressions", "actions", "others")
    }
    assert sorted(e.claim for e in world.stored()) == sorted(e.claim for e in events)
    assert set(world.personalize.events) == {e.claim for e in events if e.type != "impression"}
    assert world.metric("ImpressionsPerDay") == world.metric("Impressions") == kinds["impressions"]
    assert world.metric("ActionsPerDay") == world.metric("Actions") == kinds["actions"]
    assert world.unfinished() == 0


def test_events_are_counted_stored_and_sent(world: World) -> None:
    events = mixed(40)

    outcome = world.consume(events)

    assert not outcome.failed and outcome.new == 40 and outcome.repeated == 0
    check_once(world, events)


def test_what_arrives_again_changes_nothing_in_one_delivery_or_in_several(world: World) -> None:
    events = mixed(20)
    world.consume(events + events[:5])

    outcome = world.consume(events[3:12])

    assert not outcome.failed and (outcome.new, outcome.repeated) == (0, 9)
    check_once(world, events)


def test_old_and_new_events_in_one_delivery_are_told_apart(world: World) -> None:
    world.consume(mixed(20)[:10])

    outcome = world.consume(mixed(20))

    assert (outcome.new, outcome.repeated) == (10, 10)
    check_once(world, mixed(20))


def test_counts_are_kept_apart_by_use_case_variant_source_and_hour(world: World) -> None:
    world.consume(
        [
            event(1),
            event(2, source="popular"),
            event(3, variant="own"),
            event(4, timestamp=tracking_world.NOON + 3600),
            event(5, use_case="users_to_follow"),
        ]
    )

    counts = world.consumer().ledger.counts("posts", "2026-11-21")
    assert {(c.hour, c.variant, c.source, c.number) for c in counts} == {
        (12, "personalize", "batch", 1),
        (12, "personalize", "popular", 1),
        (12, "own", "batch", 1),
        (13, "personalize", "batch", 1),
    }
    assert world.counted("impressions", "users_to_follow") == 1


def test_lines_lie_by_use_case_and_day_of_when_it_happened(world: World) -> None:
    world.consume(
        [event(1), event(2, timestamp=tracking_world.NOON - 86_400), event(3, use_case="users_to_follow")]
    )

    listed = world.bucket.client.list_objects_v2(Bucket=BUCKET)["Contents"]
    assert {entry["Key"].rpartition("/")[0] for entry in listed} == {
        "events/use_case=posts/date=2026-11-21",
        "events/use_case=posts/date=2026-11-20",
        "events/use_case=users_to_follow/date=2026-11-21",
    }


def test_a_stranger_with_the_same_event_id_is_another_event(world: World) -> None:
    world.consume([event(1, user_id="mallory"), event(1), event(1, user_id=None, session_id="user-1")])

    assert world.counted("impressions") == 3


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "[]",
        '{"kind":"event"}',
        '{"kind":"other"}',
        '{"kind":"event","use_case":1}',
        '{"kind":"attributes"}',
    ],
)
def test_what_cannot_be_read_stays_behind_alone(world: World, body: str) -> None:
    events = mixed(5)

    outcome = world.consume([*events, body])

    assert set(outcome.failed) == {"message-5"}
    check_once(world, events)


def test_events_of_use_cases_that_nobody_tracks_stay_behind_alone(world: World) -> None:
    outcome = world.consume([event(1, use_case="films"), event(2)])

    assert set(outcome.failed) == {"message-0"} and "films" in outcome.failed["message-0"]


def test_personalize_is_told_of_ten_events_of_one_user_at_a_time(world: World) -> None:
    events = [event(number, type="like", user_id="ann") for number in range(25)]
    world.consume([*events, event(99, type="like", user_id=None, session_id="anonymous-session")])

    assert sorted(world.personalize.calls) == [1, 5, 10, 10]
    anonymous = [e for e in world.personalize.events.values() if e["userId"] is None]
    assert [e["sessionId"] for e in anonymous] == ["anonymous-session"]


def test_impressions_and_use_cases_without_a_tracker_are_not_told_to_personalize(world: World) -> None:
    world.consume([event(1), event(2, use_case="users_to_follow", type="follow")])

    assert not world.personalize.events
    assert world.counted("actions", "users_to_follow") == 1


def test_a_user_without_a_session_gets_one_that_no_anonymous_caller_can_name(world: World) -> None:
    world.consume([event(1, type="like")])

    [told] = world.personalize.events.values()
    assert ":" in told["sessionId"] and "user-1" not in told["sessionId"]


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


def test_a_table_that_stays_busy_keeps_the_messages_in_the_queue(world: World) -> None:
    busy = Failing(world.dynamodb, before=lambda *_: error("ThrottlingException"))

    outcome = world.consume(mixed(4), dynamodb=busy)

    assert set(outcome.failed) == {f"message-{n}" for n in range(4)}
    assert "TableBusy" in outcome.failed["message-0"] and not world.stored()


def test_without_the_right_to_write_nothing_is_tried_again(world: World) -> None:
    denied = Failing(world.dynamodb, before=lambda *_: error("AccessDeniedException"))

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


def test_without_time_left_messages_stay_where_they_are(world: World) -> None:
    world.seconds_left = 3

    outcome = world.consume(mixed(4))

    assert len(outcome.failed) == 4 and world.counted("impressions") == 0


def test_metrics_of_long_ago_are_not_told() -> None:
    from pipeline.tracking.conversion import figures
    from pipeline.tracking.counters import Count

    count = Count("posts", "2026-11-01", 3, "personalize", "batch", "impressions", 5)

    assert not figures([count], {("posts", "2026-11-01", 3)}, now=tracking_world.NOON)


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
