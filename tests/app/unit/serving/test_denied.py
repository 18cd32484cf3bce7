"""What has been denied is in no answer any more, whoever made the list."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.withholding.deny_list import DenyList
from pipeline.withholding.reading import SECONDS
from tests.app.support.serving_api import (
    ALIKE,
    NOW,
    ONE,
    PEOPLE,
    POSTS,
    PROGRAMS,
    TABLE,
    THROTTLED,
    Api,
    Campaign,
    ids,
    publish,
    with_realtime,
)


def deny(client: Any, use_case: str, *items: str, until: float | None = None) -> None:
    DenyList(client, TABLE, use_case, lambda: NOW).deny(items, until=until, reason="", by="ann")


@pytest.fixture
def table(dynamodb: Any) -> Any:
    publish(dynamodb, "people", ONE, {"u1": ["u2", "u3"]}, popular=["u9", "u8"])
    publish(dynamodb, "posts", ONE, {"u1": list("abcdef"), "u2": ["a", "b"]}, popular=["p1", "p2", "p3"])
    catalogue = [["c1", "c2", "c3"], ["c4", "c5"]]
    publish(dynamodb, "programs", ONE, {"u1": ["c4", "c2"]}, popular=["c5"], catalogue=catalogue)
    publish(dynamodb, "alike", ONE, {"c1": ["c3", "c2"]}, popular=["c5"])
    return dynamodb


def test_lists_stay_as_long_as_was_asked_for_while_there_is_more_stored(table: Any) -> None:
    deny(table, "posts", "b", "c")
    api = Api(table)

    assert ids(api.get(POSTS, "u1", limit="3")) == ["a", "d", "e"]
    assert ids(*api.pages(POSTS, "u1", limit="2")) == ["a", "d", "e", "f"]
    assert "withheld" not in api.get(POSTS, "u1", limit="4")
    assert api.get(POSTS, "u1", limit="5")["withheld"] == 2


def test_denied_items_are_in_no_kind_of_answer(table: Any) -> None:
    deny(table, "people", "u2", "u9")
    deny(table, "programs", "c4", "c1")
    deny(table, "alike", "c3")
    api = Api(table)

    assert ids(api.get(PEOPLE, "u1")) == ["u3"]
    assert ids(api.get(PEOPLE, "nobody")) == ["u8"]
    assert ids(*api.pages(PROGRAMS, "u1", limit="1")) == ["c2", "c3", "c5"]
    assert api.get(PROGRAMS, "u1")["withheld"] == 2
    ranked = api.rank("u1", ["c1", "c5", "c4", "c2", "c1"])
    assert (ids(ranked), ranked["withheld"]) == (["c2", "c5"], 2)
    assert ids(api.get(ALIKE, "c1")) == ["c2"]


def test_a_page_that_follows_leaves_out_what_was_denied_meanwhile(table: Any) -> None:
    api = Api(table)
    first = api.get(POSTS, "u1", limit="2")
    programs = api.get(PROGRAMS, "u1", limit="3")
    deny(table, "posts", "c")
    deny(table, "programs", "c3")
    api.now = SECONDS

    assert ids(first, api.get(POSTS, "u1", limit="2", cursor=first["nextCursor"])) == ["a", "b", "d", "e"]
    rest = api.get(PROGRAMS, "u1", cursor=programs["nextCursor"])
    assert ids(programs, rest) == ["c4", "c2", "c1", "c5"]


def test_a_campaign_is_asked_for_as_many_more_as_are_denied(table: Any) -> None:
    deny(table, "posts", "n1", "n3")
    api = Api(table, Campaign(["n1", "n2", "n3", "n4", "n5"]), with_realtime(POSTS))

    answer = api.get(POSTS, "u1", limit="2")

    assert (answer["source"], ids(answer)) == ("campaign", ["n2", "n4"])
    assert api.campaign.asked[0]["numResults"] == 2 + 1 + 2


def test_a_list_of_which_nothing_is_left_gives_way_to_the_next_source(table: Any) -> None:
    deny(table, "posts", "n1", "a", "b", "p2")
    api = Api(table, Campaign(["n1"]), with_realtime(POSTS))

    answer = api.get(POSTS, "u2")

    assert (answer["source"], ids(answer)) == ("popular", ["p1", "p3"])
    assert api.told[-1].reasons == ("campaign_empty", "all_denied")


def test_the_list_is_read_once_in_twenty_seconds_and_ends_are_kept_to_the_second(table: Any) -> None:
    moment = [NOW]
    api = Api(table)
    lists = api.memory.deny_lists
    vars(lists)["_now"] = lambda: moment[0]
    deny(table, "posts", "a", until=NOW + 3)
    assert ids(api.get(POSTS, "u2")) == ["b"]

    deny(table, "posts", "b")
    moment[0] = NOW + 2.9
    api.now = SECONDS - 0.1
    assert ids(api.get(POSTS, "u2")) == ["b"]
    moment[0] = NOW + 3
    assert ids(api.get(POSTS, "u2")) == ["a", "b"]
    api.now = SECONDS
    assert ids(api.get(POSTS, "u2")) == ["a"]


def test_while_the_table_fails_what_was_denied_last_stays_out(table: Any) -> None:
    deny(table, "posts", "n1", "p1")
    api = Api(table, Campaign(["n1", "n2"]), with_realtime(POSTS))
    api.get(POSTS, "nobody")
    api.campaign.answer = []
    api.get(POSTS, "nobody")
    api.client.error, api.now = THROTTLED, 10 * SECONDS

    assert ids(api.get(POSTS, "nobody")) == ["p2", "p3"]
    api.campaign.answer = ["n1", "n2"]
    assert ids(api.get(POSTS, "nobody")) == ["n2"]
    assert all(found.denied.known for found in api.told)


def test_an_answer_for_which_nobody_knew_what_is_denied_is_told(table: Any) -> None:
    api = Api(table, Campaign(["n1"]), with_realtime(POSTS))
    api.client.error = THROTTLED

    assert ids(api.get(POSTS, "u1")) == ["n1"]
    assert not api.told[0].denied.known
    api.client.error, api.now = None, 5
    api.get(POSTS, "u1")
    assert api.told[1].denied.known
