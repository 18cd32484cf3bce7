"""Whatever is down, users are answered from the next source, which is named, and the fallback is counted."""

from __future__ import annotations

from threading import Event
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from pipeline.generations import Generations
from pipeline.serving_items import list_item, pointer_key, popular_key
from tests.app.support.serving_api import (
    ALIKE,
    FAR,
    NOW,
    ONE,
    PEOPLE,
    POPULAR,
    POSTS,
    PROGRAMS,
    TABLE,
    THROTTLED,
    TWO,
    Api,
    Campaign,
    failure,
    ids,
    publish,
    put,
    with_realtime,
)


def test_a_user_whom_nobody_knows_gets_what_is_popular(table: Any) -> None:
    api = Api(table)

    answer = api.get(POSTS, "stranger")

    assert (answer["source"], answer["generation"], ids(answer)) == ("popular", ONE, POPULAR)
    assert api.told[0].reasons == ("user_unknown",)
    assert ids(api.get(PEOPLE, "u1")) == ["u9"]
    assert ids(api.get(PROGRAMS, "stranger")) == ["c3", "c1", "c2"]


def test_an_item_that_nobody_knows_gets_popular_neighbours(table: Any) -> None:
    api = Api(table)

    assert ids(api.get(ALIKE, "c1")) == ["c9"]
    assert api.told[0].reasons == ("item_unknown",)


@pytest.mark.parametrize(
    ("answer", "seconds", "reason"),
    [
        (failure("ResourceNotFoundException"), 0.0, "campaign_failed"),
        (failure("ThrottlingException"), 0.0, "campaign_failed"),
        (ReadTimeoutError(endpoint_url="x"), 0.0, "campaign_failed"),
        (["late"], 0.4, "campaign_timeout"),
        ([], 0.0, "campaign_empty"),
    ],
)
def test_without_an_answer_of_the_campaign_in_its_budget_the_stored_list_answers(
    table: Any, answer: Any, seconds: float, reason: str
) -> None:
    api = Api(table, Campaign(answer, seconds), with_realtime(POSTS))

    answered = api.get(POSTS, "u1", limit="2")

    assert (answered["source"], ids(answered)) == ("batch", ["a", "b"])
    assert api.told[0].reasons == (reason,)


def test_the_budget_bounds_the_whole_call_of_a_campaign_that_never_answers(table: Any) -> None:
    api = Api(table, Campaign(["late"], until=Event()), with_realtime(POSTS))

    try:
        sources = {api.get(POSTS, "u1")["source"] for _ in range(8)}
    finally:
        assert api.campaign.until
        api.campaign.until.set()

    assert sources == {"batch"}
    assert len(api.campaign.asked) == 4, "those that hang take all places"


@pytest.mark.parametrize(
    ("error", "reason"),
    [(THROTTLED, "table_failed"), (ReadTimeoutError(endpoint_url="x"), "table_timeout")],
)
def test_while_the_table_is_down_the_last_popular_list_answers(table: Any, error: Any, reason: str) -> None:
    api = Api(table)
    api.get(POSTS, "stranger")
    api.client.error, api.now = error, 3.0

    answer = api.get(POSTS, "u1")

    assert (answer["source"], answer["generation"], ids(answer)) == ("popular", ONE, POPULAR)
    assert api.told[-1].reasons == (reason,)


def test_a_table_that_is_down_is_asked_once_per_request_and_for_how_long_is_told(table: Any) -> None:
    api = Api(table)
    api.get(POSTS, "stranger")
    api.client.error, api.now = THROTTLED, 5.0
    api.get(POSTS, "u1")
    api.client.calls.clear()

    api.now = 70.0
    api.get(POSTS, "u1")

    assert api.client.calls == ["query"]
    assert api.told[-1].cache_age == 65.0
    api.client.error, api.now = None, 75.0
    assert api.get(POSTS, "u1")["source"] == "batch"
    assert api.told[-1].cache_age == 0.0


def test_a_function_that_had_nothing_to_do_and_then_fails_once_has_failed_for_no_time(table: Any) -> None:
    api = Api(table)
    api.get(POSTS, "u1")
    api.client.error, api.now = THROTTLED, 600.0

    api.get(POSTS, "u1")
    api.client.error, api.now = None, 600.5
    api.get(POSTS, "u1")
    api.now = 1200.0
    api.get(POSTS, "u1")

    assert [told.cache_age for told in api.told] == [0.0, 0.0, 0.5, 0.0]


@pytest.mark.parametrize("failures", [1, 2])
def test_a_function_that_remembers_nothing_asks_a_table_that_failed_again(table: Any, failures: int) -> None:
    api = Api(table)
    api.get(POSTS, "u1")  # the pointer is remembered, and no popular list
    api.client.error, api.client.failures = THROTTLED, failures

    answer = api.get(POSTS, "u1")

    assert (answer["source"], answer["generation"], ids(answer)) == ("popular", ONE, POPULAR)
    assert api.told[-1].reasons == ("table_failed",)


def test_with_nothing_at_all_the_answer_is_empty_and_says_so(table: Any) -> None:
    api = Api(table)
    api.client.error = THROTTLED

    answer = api.get(POSTS, "u1")

    assert (answer["source"], answer["generation"], answer["items"]) == ("none", None, [])
    assert api.told[0].reasons == ("table_failed",)


def test_a_directory_without_any_ranking_is_the_catalogue(table: Any) -> None:
    api = Api(table)
    api.get(PROGRAMS, "u1")
    api.client.error, api.now = THROTTLED, 60.0

    answer = api.get(PROGRAMS, "u1")

    assert (answer["source"], ids(answer)) == ("catalogue", ["c1", "c2", "c3"])
    assert answer["generation"] == ONE


def test_a_campaign_answers_while_the_table_is_down(table: Any) -> None:
    api = Api(table, Campaign(["n1"]), with_realtime(POSTS))
    api.client.error = THROTTLED

    answer = api.get(POSTS, "u1")

    assert (answer["source"], answer["generation"], ids(answer)) == ("campaign", None, ["n1"])


def test_without_a_pointer_the_newest_popular_list_answers(table: Any) -> None:
    publish(table, "posts", TWO, {}, popular=["p9"])
    table.delete_item(TableName=TABLE, Key=pointer_key("posts", "personalize"))
    api = Api(table)

    answer = api.get(POSTS, "u1")

    assert (answer["source"], answer["generation"], ids(answer)) == ("popular", TWO, ["p9"])
    assert api.told[0].reasons == ("pointer_missing",)


@pytest.fixture
def ahead(table: Any) -> Any:
    """A replica where the pointers to TWO have arrived, and of TWO nothing but the list of posts of u2."""
    publish(table, "posts", ONE, {"u2": ["old"]}, popular=POPULAR)
    publish(table, "posts", TWO, {"u2": ["new"]}, popular=[])
    table.delete_item(TableName=TABLE, Key=popular_key("posts", "personalize", TWO))
    Generations(table, TABLE, "programs", "personalize", clock=lambda: NOW).publish(TWO, users=1)
    return table


def test_what_a_replica_still_lacks_is_answered_from_the_generation_before(ahead: Any) -> None:
    api = Api(ahead)

    own, stranger, both = (api.get(POSTS, id_) for id_ in ("u1", "stranger", "u2"))
    directory = api.get(PROGRAMS, "u1")

    assert (own["source"], own["generation"], ids(own)) == ("batch", ONE, list("abcdef"))
    assert (stranger["source"], stranger["generation"], ids(stranger)) == ("popular", ONE, POPULAR)
    assert (both["source"], both["generation"], ids(both)) == ("batch", TWO, ["new"])
    assert (directory["source"], directory["generation"]) == ("batch", ONE)
    assert ids(directory) == ["c2", "c1", "c3"]
    assert [told.reasons for told in api.told] == [
        *(("user_unknown",), ("user_unknown",), (), ("user_unknown",)),
    ]


def test_pages_that_began_in_the_generation_before_stay_there(ahead: Any) -> None:
    api = Api(ahead)
    first = api.get(PROGRAMS, "u1", limit="1")
    publish(ahead, "programs", TWO, {"u1": ["c3"]}, popular=["c3"], catalogue=[["c3", "c4"]])

    rest = api.get(PROGRAMS, "u1", cursor=first["nextCursor"])

    assert (ids(first), ids(rest)) == (["c2"], ["c1", "c3"])


def test_a_directory_whose_catalogue_is_not_there_yet_has_that_of_the_generation_before(ahead: Any) -> None:
    put(ahead, list_item("user#programs#u1", f"personalize#{TWO}", ["c3"], FAR))

    answer = Api(ahead).get(PROGRAMS, "u1")

    assert (answer["generation"], ids(answer)) == (TWO, ["c3", "c1", "c2"])


@pytest.mark.parametrize(("age", "shown"), [(899, list("abcdef")), (900, ["p9"])])
def test_a_list_of_the_generation_before_is_shown_as_long_as_copies_may_be_under_way(
    table: Any, age: int, shown: list[str]
) -> None:
    generations = Generations(table, TABLE, "posts", "personalize", clock=lambda: NOW - age)
    generations.store(TWO, ["p9"], users=0, expires=FAR)
    generations.publish(TWO, users=0)

    assert ids(Api(table).get(POSTS, "u1")) == shown


def test_before_the_first_generation_the_answer_is_empty(dynamodb: Any) -> None:
    answer = Api(dynamodb).get(POSTS, "u1")

    assert (answer["source"], answer["items"]) == ("none", [])


def test_pages_go_on_without_anything_twice_when_the_table_fails_between_them(table: Any) -> None:
    publish(table, "posts", TWO, {"u1": ["a", "p2", "b"]}, popular=POPULAR)
    api = Api(table)
    api.get(POSTS, "stranger")
    first = api.get(POSTS, "u1", limit="2")
    api.client.error = THROTTLED

    second = api.get(POSTS, "u1", cursor=first["nextCursor"])

    assert (ids(first), second["source"], ids(second)) == (["a", "p2"], "popular", ["p1", "p3"])


def test_a_cursor_whose_generation_has_expired_is_gone(table: Any) -> None:
    api = Api(table)
    cursor = api.get(POSTS, "u1", limit="1")["nextCursor"]
    in_catalogue = api.get(PROGRAMS, "u1", limit="2")["nextCursor"]
    for name in ("posts", "programs"):
        publish(table, name, ONE, {"u1": ["a"]}, popular=["p"], catalogue=[["c1"]], expires=int(NOW))
    cold = Api(table)

    assert cold.get(POSTS, "u1", status=410, cursor=cursor)["code"] == "cursor_expired"
    assert cold.get(PROGRAMS, "u1", status=410, cursor=in_catalogue)["code"] == "cursor_expired"
    cold.client.error = THROTTLED
    assert cold.get(PROGRAMS, "u1", status=503, cursor=in_catalogue)["code"] == "unavailable"


def test_an_incomplete_catalogue_is_none(table: Any) -> None:
    table.delete_item(
        TableName=TABLE,
        Key={"pk": {"S": "catalogue#programs"}, "sk": {"S": f"personalize#{ONE}#00000"}},
    )

    assert ids(Api(table).get(PROGRAMS, "u1")) == ["c2"]


def test_a_connection_that_was_closed_in_the_meantime_is_made_again_at_once(table: Any) -> None:
    api = Api(table)
    api.get(POSTS, "u1")
    api.client.error = ConnectionClosedError(endpoint_url="x")
    api.client.calls.clear()

    assert api.get(POSTS, "u1")["source"] == "none"

    assert api.client.calls == ["get_item"] * 6, "the user's list, and twice what is popular, each again"
