"""What users get: their own lists, page after page, and programs sorted by how well they match."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.serving.campaigns import Scored
from pipeline.serving.cursors import Cursor
from pipeline.serving.pages import page, ranking
from pipeline.serving_items import list_item
from tests.app.support.gateway_events import user
from tests.app.support.serving_api import (
    ALIKE,
    FAR,
    ONE,
    PEOPLE,
    POSTS,
    PROGRAMS,
    TABLE,
    TWO,
    Api,
    Campaign,
    ids,
    publish,
    put,
    with_realtime,
)

POPULAR = ["p1", "p2", "p3"]


@pytest.fixture
def table(dynamodb: Any) -> Any:
    publish(dynamodb, "people", ONE, {"u1": ["u2", "u1", "u3"]}, popular=["u9", "u1"])
    publish(dynamodb, "posts", ONE, {"u1": list("abcdef")}, popular=POPULAR)
    catalogue = [["c1", "c2", "c3"], ["c4", "c5"]]
    publish(dynamodb, "programs", ONE, {"u1": ["c4", "c2"]}, popular=["c5"], catalogue=catalogue)
    publish(dynamodb, "alike", ONE, {"c1": ["c1", "c3", "c2"]}, popular=["c5"])
    return dynamodb


def test_a_user_gets_the_stored_list_and_is_told_where_it_comes_from(table: Any) -> None:
    api = Api(table)

    answer = api.get(POSTS, "u1", limit="3")

    assert answer.pop("nextCursor")
    assert answer == {
        "useCase": "posts",
        "source": "batch",
        "variant": "personalize",
        "generation": ONE,
        "items": [{"id": "a", "rank": 1}, {"id": "b", "rank": 2}, {"id": "c", "rank": 3}],
    }
    assert api.told[0].reasons == ()


def test_one_read_of_the_table_answers_while_the_pointer_is_remembered(table: Any) -> None:
    api = Api(table)
    api.get(POSTS, "u1")
    api.client.calls.clear()

    api.now = 4.9
    api.get(POSTS, "u1")

    assert api.client.calls == ["get_item"]
    api.now = 5.0
    api.get(POSTS, "u1")
    assert api.client.calls == ["get_item", "query", "get_item"]


def test_a_new_generation_is_seen_within_seconds(table: Any) -> None:
    api = Api(table)
    api.get(POSTS, "u1")
    publish(table, "posts", TWO, {"u1": ["z"]}, popular=POPULAR)

    before = api.get(POSTS, "u1")
    api.now = 5.0
    after = api.get(POSTS, "u1")

    assert (before["generation"], after["generation"], ids(after)) == (ONE, TWO, ["z"])


def test_lists_of_the_epoch_before_are_for_as_long_as_nothing_of_the_newer_one_is_here(table: Any) -> None:
    """The pointer of the region that is active now was copied before what it names."""
    name = {"pk": {"S": "pointer#posts"}}
    [pointer] = table.query(
        TableName=TABLE,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": name["pk"]},
    )["Items"]
    region = {"epoch": {"N": "1"}, "region": {"S": "eu-central-1"}, "generation": {"S": TWO}}
    put(table, {**pointer, **region, "sk": {"S": "personalize@eu-central-1"}})

    before = Api(table).get(POSTS, "u1")
    put(table, list_item("popular#posts", f"personalize#{TWO}", ["p9"], FAR))
    after = Api(table).get(POSTS, "u1")

    assert (before["source"], before["generation"], ids(before)) == ("batch", ONE, list("abcdef"))
    assert (after["source"], after["generation"], ids(after)) == ("popular", TWO, ["p9"])


def test_pages_belong_to_the_generation_of_the_first_one(table: Any) -> None:
    api = Api(table)
    first = api.get(POSTS, "u1", limit="2")
    publish(table, "posts", TWO, {"u1": ["a", "x"]}, popular=POPULAR)
    api.now = 60

    second = api.get(POSTS, "u1", limit="2", cursor=first["nextCursor"])
    third = api.get(POSTS, "u1", limit="2", cursor=second["nextCursor"])

    assert ids(first, second, third) == list("abcdef")
    assert {page["generation"] for page in (first, second, third)} == {ONE}
    assert "nextCursor" not in third
    assert [item["rank"] for item in third["items"]] == [5, 6]


def test_excluded_items_are_left_out_and_nobody_is_recommended_to_themselves(table: Any) -> None:
    api = Api(table)

    assert ids(api.get(PEOPLE, "u1")) == ["u2", "u3"]
    assert ids(api.get(POSTS, "u1", exclude="b,d,nothing", limit="3")) == ["a", "c", "e"]
    assert ids(*api.pages(POSTS, "u1", exclude="a", limit="2")) == list("bcdef")


def test_the_directory_has_every_program_once_the_best_matching_first(table: Any) -> None:
    api = Api(table)

    whole = api.get(PROGRAMS, "u1")
    pages = api.pages(PROGRAMS, "u1", limit="1")

    assert ids(whole) == ids(*pages) == ["c4", "c2", "c1", "c3", "c5"]
    assert [item["matched"] for item in whole["items"]] == [True, True, False, False, False]
    assert [item["rank"] for body in pages for item in body["items"]] == [1, 2, 3, 4, 5]
    assert len(pages) == 5


def test_given_programs_are_ranked_and_none_is_lost(table: Any) -> None:
    answer = Api(table).rank("u1", ["new", "c2", "c1", "c4", "c2"])

    assert ids(answer) == ["c4", "c2", "new", "c1"]
    assert [item["matched"] for item in answer["items"]] == [True, True, False, False]
    assert answer["source"] == "batch"


def test_similar_items_are_those_of_the_item(table: Any) -> None:
    assert ids(Api(table).get(ALIKE, "c1")) == ["c3", "c2"]


def test_a_campaign_answers_in_real_time_with_scores(table: Any) -> None:
    api = Api(table, Campaign(["n1", "n2", "n3"]), with_realtime(POSTS))

    answer = api.get(POSTS, "u1", limit="2")

    assert (answer["source"], answer["generation"]) == ("campaign", ONE)
    assert answer["items"] == [{"id": "n1", "rank": 1, "score": 0.5}, {"id": "n2", "rank": 2, "score": 1 / 3}]
    assert answer["recommendationId"] == "rec-1"
    [asked] = api.campaign.asked
    assert asked == {
        "campaignArn": "arn:campaign",
        "filterArn": "arn:filter",
        "userId": "u1",
        "numResults": 3,
    }


def test_pages_of_a_campaign_that_changes_its_mind_have_nothing_twice(table: Any) -> None:
    api = Api(table, Campaign(["n1", "n2", "n3"]), with_realtime(POSTS))
    first = api.get(POSTS, "u1", limit="2")

    api.campaign.answer = ["n4", "n2", "n1", "n5"]
    second = api.get(POSTS, "u1", limit="2", cursor=first["nextCursor"])

    assert ids(first, second) == ["n1", "n2", "n4", "n5"]


def test_a_campaign_that_ranks_programs_sorts_the_directory_and_given_ones(table: Any) -> None:
    api = Api(table, Campaign(["c5", "c1"]), with_realtime(PROGRAMS))

    assert ids(*api.pages(PROGRAMS, "u1", limit="2")) == ["c5", "c1", "c2", "c3", "c4"]
    assert ids(api.rank("u1", ["c2", "c1", "c5"])) == ["c5", "c1", "c2"]
    assert api.campaign.asked[-1]["numResults"] == 500


def test_a_user_with_a_token_gets_their_own_list(table: Any) -> None:
    assert ids(Api(table).get(PEOPLE, "u1", authorizer=user("u1"))) == ["u2", "u3"]


ITEMS = st.lists(st.sampled_from([f"i{number}" for number in range(12)]), max_size=15)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    ranked=ITEMS,
    catalogue=st.none() | ITEMS.map(lambda items: list(dict.fromkeys(items))),
    without=ITEMS,
    limit=st.integers(1, 5),
    longest=st.none() | st.integers(1, 9),
)
def test_pages_together_have_everything_once_and_in_order(
    ranked: list[str], catalogue: list[str] | None, without: list[str], limit: int, longest: int | None
) -> None:
    """A directory has no longest list."""
    most = None if catalogue is not None else longest
    scored, cursor = [Scored(id_, None) for id_ in ranked], Cursor("posts", ONE)
    shown: list[str] = []
    while True:
        made = page(scored, catalogue, cursor, limit=limit, without=without, longest=most)
        shown += [entry.item.id for entry in made.entries]
        assert [entry.rank for entry in made.entries] == [
            *range(len(shown) - len(made.entries) + 1, len(shown) + 1)
        ]
        if made.next is None:
            break
        cursor = Cursor.decode(made.next.encode(), "posts", directory=True)
        assert cursor == made.next

    everything = [id_ for id_ in dict.fromkeys([*ranked, *(catalogue or ())]) if id_ not in without]
    assert shown == everything[:most]


@pytest.mark.parametrize("catalogue", [None, ["c1"]])
def test_lists_that_have_become_shorter_since_the_first_page_end(catalogue: list[str] | None) -> None:
    ranked = [Scored(id_, None) for id_ in "abcdef"]
    first = page(ranked, catalogue, Cursor("posts", ONE), limit=3, without=(), longest=9)
    assert first.next

    second = page(ranked, catalogue, first.next, limit=3, without=(), longest=2)

    assert second.entries == ()


@given(ranked=ITEMS, given_ids=ITEMS)
def test_a_ranking_is_a_permutation_of_what_was_given(ranked: list[str], given_ids: list[str]) -> None:
    entries = ranking([Scored(id_, None) for id_ in ranked], given_ids)

    assert sorted(entry.item.id for entry in entries) == sorted(set(given_ids))
    assert [entry.rank for entry in entries] == [*range(1, len(entries) + 1)]
    assert [entry.item.id for entry in entries if entry.matched] == [
        id_ for id_ in dict.fromkeys(ranked) if id_ in given_ids
    ]
