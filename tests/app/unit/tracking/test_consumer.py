"""Events are counted, stored and sent on, and what cannot be read stays behind."""

from __future__ import annotations

import pytest

from pipeline.tracking.conversion import figures
from pipeline.tracking.counters import Count
from tests.app.support import tracking_world
from tests.app.support.in_memory import BUCKET
from tests.app.support.tracking_world import World, check_once, event, mixed


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


@pytest.mark.parametrize(
    ("hour", "told"), [(11, set()), (12, {"Impressions", "Actions"}), (13, {"Impressions", "Actions"})]
)
def test_metrics_of_more_than_thirteen_days_ago_are_not_told(hour: int, told: set[str]) -> None:
    """Of the hour before noon, and of the day, which began before."""
    count = Count("posts", "2026-11-08", hour, "personalize", "batch", "impressions", 5)

    found = figures([count], {("posts", "2026-11-08", hour)}, now=tracking_world.NOON)

    assert {name for figure in found for name in figure.values} == told
