"""Who has opted out gets what is popular with everybody, whoever else could answer."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.withholding import opt_outs
from pipeline.withholding.opt_out_list import OptOutList
from pipeline.withholding.reading import SECONDS
from tests.app.support.serving_api import (
    ALIKE,
    ONE,
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


def opt_out(client: Any, *users: str) -> None:
    OptOutList(client, TABLE).add(users, reason="", by="ann")


@pytest.fixture
def table(dynamodb: Any) -> Any:
    publish(dynamodb, "posts", ONE, {"u1": list("abc"), "u2": list("abc")}, popular=["p1", "p2"])
    catalogue = [["c1", "c2", "c3"]]
    publish(dynamodb, "programs", ONE, {"u1": ["c2"]}, popular=["c3"], catalogue=catalogue)
    publish(dynamodb, "alike", ONE, {"u1": ["c3", "c2"]}, popular=["c5"])
    return dynamodb


def test_lists_feeds_directories_and_rankings_are_those_of_everybody(table: Any) -> None:
    opt_out(table, "u1")
    api = Api(table, Campaign(["n1"]), with_realtime(POSTS))

    answer = api.get(POSTS, "u1")
    assert (answer["source"], ids(answer)) == ("popular", ["p1", "p2"])
    assert not api.campaign.asked and api.told[0].reasons == ("opted_out",)
    assert ids(api.get(PROGRAMS, "u1")) == ["c3", "c1", "c2"]
    assert ids(api.rank("u1", ["c2", "c3"])) == ["c3", "c2"]
    assert ids(api.get(POSTS, "u2")) == ["n1"]
    assert ids(api.get(ALIKE, "u1")) == ["c3", "c2"], "an item may be called like a person"


def test_it_holds_and_ends_within_seconds(table: Any) -> None:
    api = Api(table)
    first = api.get(POSTS, "u1", limit="1")
    opt_out(table, "u1")

    api.now = SECONDS
    assert ids(first, api.get(POSTS, "u1", cursor=first["nextCursor"])) == ["a", "p1", "p2"]
    assert OptOutList(table, TABLE).remove(["u1", "u2"]) == ("u1",)
    api.now = 2 * SECONDS
    assert ids(api.get(POSTS, "u1")) == list("abc")


@pytest.mark.parametrize("held", [1, 2])
def test_where_more_have_opted_out_than_are_remembered_each_is_looked_up(
    table: Any, monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    monkeypatch.setattr(opt_outs, "HELD", held)
    opt_out(table, "u1", "u3")
    api = Api(table)
    api.get(POSTS, "u1")
    api.client.calls.clear()

    assert [api.get(POSTS, user)["source"] for user in ("u1", "u2")] == ["popular", "batch"]
    assert api.client.calls == ["get_item"] * (1 if held == 2 else 3)


@pytest.mark.parametrize("held", [1, 2])
def test_while_the_table_fails_nobody_who_has_opted_out_is_personalised(
    table: Any, monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    """Where each would have to be looked up, nobody is."""
    monkeypatch.setattr(opt_outs, "HELD", held)
    opt_out(table, "u1", "u3")
    api = Api(table, Campaign(["n1"]), with_realtime(POSTS))
    api.get(POSTS, "u1")
    api.client.error, api.now = THROTTLED, 10 * SECONDS

    assert [api.get(POSTS, user)["source"] for user in ("u1", "u2")] == [
        "popular",
        "campaign" if held == 2 else "popular",
    ]
