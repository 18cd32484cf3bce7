"""Events name the version of an experiment; their users' arms are computed, and nobody can claim one."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.experiments.assignment import assigned
from pipeline.experiments.changes import stopped
from pipeline.tracking import messages
from pipeline.tracking.consumer import Message
from pipeline.tracking.event import Event
from tests.app.support.experiments.experimenting import NOTE, experiment, put_experiment
from tests.app.support.in_memory import TABLE
from tests.app.support.tracking_posts import Post, posted
from tests.app.support.tracking_world import Failing, World, error, event

RUNNING = experiment(version=3, exposure=6_000)
LATER = experiment(version=4, salt="s1")
OVER = stopped(LATER, NOTE)


@pytest.fixture
def world(world: World) -> World:
    for version in (RUNNING, LATER, OVER):
        put_experiment(world.dynamodb, "posts", version, world.table)
    return world


def arms(world: World) -> dict[str, str | None]:
    return {stored.event_id: stored.arm for stored in world.stored()}


def test_a_line_has_the_arm_of_its_user_by_the_version_that_the_event_names(world: World) -> None:
    events = [event(n, user_id=f"user-{n}", experiment=3 + n % 3) for n in range(60)]

    outcome = world.consume(events)

    assert not outcome.failed and outcome.unknown_experiments == 0
    by_version = {3: RUNNING, 4: LATER, 5: OVER}
    expected = {e.event_id: assigned(by_version[e.experiment or 0], e.user_id or "").arm for e in events}
    assert arms(world) == expected
    assert set(expected.values()) == {"treatment", "control", None}
    assert {stored.experiment for stored in world.stored()} == {3, 4, 5}


def test_without_a_user_the_session_is_assigned(world: World) -> None:
    sessions = [f"session-{n:010d}" for n in range(20)]
    events = [event(n, user_id=None, session_id=id_, experiment=4) for n, id_ in enumerate(sessions)]
    both = event(99, session_id=sessions[0], experiment=4)

    world.consume([*events, both])

    expected = {e.event_id: assigned(LATER, e.session_id or "").arm for e in events}
    assert arms(world) == {**expected, both.event_id: assigned(LATER, both.user_id or "").arm}


def test_events_of_testers_have_no_arm_and_are_not_measured(world: World) -> None:
    put_experiment(
        world.dynamodb, "posts", experiment(version=7, overrides={"user-1": "treatment"}), world.table
    )
    events = [event(n, user_id=f"user-{n}", experiment=7) for n in range(4)]

    world.consume(events)

    found = arms(world)
    assert found.pop(events[1].event_id) is None
    assert None not in found.values() and len(found) == 3


@pytest.mark.parametrize("named", [{}, {"experiment": 4}, {"experiment": 9}])
def test_an_arm_that_a_message_claims_is_not_believed(world: World, named: dict[str, Any]) -> None:
    world.consume([event(1, arm="mine", **named)])

    assert arms(world) == {"event-1": assigned(LATER, "user-1").arm if named == {"experiment": 4} else None}


def test_a_version_that_there_is_not_is_counted_and_the_event_kept_without_an_arm(world: World) -> None:
    outcome = world.consume([event(1, experiment=9), event(2, experiment=4), event(3)])

    assert (outcome.new, outcome.unknown_experiments, outcome.failed) == (3, 1, {})
    assert arms(world)["event-1"] is None and arms(world)["event-2"] is not None


def test_a_broken_version_is_none(world: World) -> None:
    item = world.dynamodb.get_item(
        TableName=TABLE, Key={"pk": {"S": "experiment#posts"}, "sk": {"S": "version#00000004"}}
    )["Item"]
    world.dynamodb.put_item(TableName=world.table, Item={**item, "arms": {"L": []}})

    outcome = world.consume([event(1, experiment=4)])

    assert (outcome.new, outcome.unknown_experiments, arms(world)) == (1, 1, {"event-1": None})


def test_a_version_of_a_newer_format_waits_for_newer_code_and_others_do_not(world: World) -> None:
    key = {"pk": {"S": "experiment#posts"}, "sk": {"S": "version#00000004"}}
    item = world.dynamodb.get_item(TableName=TABLE, Key=key)["Item"]
    world.dynamodb.put_item(TableName=world.table, Item={**item, "format": {"N": "2"}})

    outcome = world.consume([event(1, experiment=4), event(2)])

    assert list(outcome.failed) == ["message-0"] and "format 2" in outcome.failed["message-0"]
    assert list(arms(world)) == ["event-2"]


def test_while_the_experiment_cannot_be_read_its_events_wait(world: World) -> None:
    refused = Failing(
        world.dynamodb,
        before=lambda operation, number: (
            error("Throttling") if (operation, number) == ("get_item", 1) else None
        ),
    )
    events = [event(1, experiment=4), event(2)]

    outcome = world.consume(events, dynamodb=refused)
    assert list(outcome.failed) == ["message-0"] and outcome.new == 1

    assert not world.consume(events).failed
    assert arms(world) == {"event-1": assigned(LATER, "user-1").arm, "event-2": None}


def test_a_version_is_read_once_per_process(world: World) -> None:
    calls = Failing(world.dynamodb)
    consumer = world.consumer(dynamodb=calls)
    for number in range(3):
        body = messages.written(event(number, experiment=4))
        consumer.consume([Message(f"m{number}", body)])

    assert calls.calls["get_item"] == 1


def test_the_api_takes_a_version_and_no_arm(post: Post) -> None:
    assert post({"events": [posted(experiment=4)]})[0] == 202
    for wrong in (0, -1, "4", 4.5, True, 10**9):
        status, problem = post({"events": [posted(experiment=wrong)]})
        assert (status, problem["errors"][0]["where"]) == (400, "body.events[0].experiment")
    status, problem = post({"events": [posted(arm="treatment")]})
    assert (status, problem["errors"][0]["where"]) == (400, "body.events[0].arm")


def test_the_version_reaches_the_queue() -> None:
    read = messages.read(messages.written(event(1, experiment=4)))

    assert isinstance(read, Event) and read.experiment == 4
