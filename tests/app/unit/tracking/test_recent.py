"""What users have touched of late is kept by user, for models that answer in real time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from pipeline.realtime.newest import Newest
from pipeline.serving.settings import MOST_EVENTS
from pipeline.tracking.recent import newest
from tests.app.support.tracking_world import NOON, POSTS, World, event


@pytest.fixture
def world(world: World) -> World:
    return replace(world, use_cases=(replace(POSTS, remembered=("like",)),))


def touched(world: World, user: str) -> tuple[str, ...]:
    return newest(world.dynamodb, world.table, "posts", user, most=MOST_EVENTS)


def test_the_newest_events_of_a_user_are_found_oldest_first_however_they_came(world: World) -> None:
    events = [
        event(n, user_id=f"user-{n % 2}", item_id=f"p{n}", type="like", timestamp=NOON + n)
        for n in range(120)
    ]
    other = event(500, user_id="user-0", item_id="shown", type="impression")
    session = event(501, user_id=None, session_id="s" * 16, item_id="p1", type="like")

    for _ in range(2):
        world.consume([*reversed(events), other, session])

    for user in (0, 1):
        expected = [one.item_id for one in events if one.user_id == f"user-{user}"]
        assert touched(world, f"user-{user}") == tuple(expected[-MOST_EVENTS:])
    assert touched(world, "stranger") == ()


def test_they_expire_and_nothing_is_kept_of_use_cases_that_ask_for_nothing(world: World) -> None:
    plain = replace(world, use_cases=(POSTS,))
    plain.consume([event(1, user_id="u", type="like")])
    assert touched(world, "u") == ()

    world.consume([event(2, user_id="u", type="like")])
    [item] = [
        item
        for item in world.dynamodb.scan(TableName=world.table)["Items"]
        if item["pk"]["S"].startswith("recent#")
    ]
    assert int(item["expires"]["N"]) > 1_700_000_000


def test_a_table_that_does_not_answer_costs_the_newest_events_and_is_told() -> None:
    class Late:
        def query(self, **_: Any) -> Any:
            raise ReadTimeoutError(endpoint_url="x")

    log: list[str] = []

    assert Newest(Late(), "table", log.append).of("posts", "u") == ()
    assert len(log) == 1
