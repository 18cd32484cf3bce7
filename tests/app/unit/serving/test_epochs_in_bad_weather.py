"""A table that does not answer leads nobody back to the lists of an epoch that has ended."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.generations import Generations
from pipeline.serving_items import popular_key
from pipeline.terms import Term
from tests.app.support.serving_api import (
    FAR,
    NOW,
    ONE,
    POPULAR,
    POSTS,
    PROGRAMS,
    TABLE,
    THROTTLED,
    TWO,
    Api,
    ids,
    publish,
)

THREE = "20270103T000000000"


def switch(table: Any, use_case: str, generation: str, popular: list[str] | None, *, epoch: int = 1) -> None:
    """Another region publishes; popular: None as long as it has not been copied."""
    generations = Generations(
        table, TABLE, use_case, "personalize", clock=lambda: NOW, term=Term(epoch, "eu-west-1")
    )
    generations.store(generation, popular or [], users=0, expires=FAR)
    generations.publish(generation, users=0)
    if popular is None:
        table.delete_item(TableName=TABLE, Key=popular_key(use_case, "personalize", generation))


@pytest.mark.parametrize("failures", [1, 2])
def test_after_a_switch_a_table_that_fails_is_asked_again_for_what_is_visible(
    table: Any, failures: int
) -> None:
    api = Api(table)
    assert ids(api.get(POSTS, "stranger")) == POPULAR
    switch(table, "posts", TWO, ["p9"])
    api.now = 5.0
    api.memory.look("posts", ("personalize",))
    api.client.error, api.client.failures = THROTTLED, failures

    answer = api.get(POSTS, "stranger")

    assert (answer["generation"], ids(answer)) == (TWO, ["p9"])


def test_after_a_switch_nothing_is_better_than_what_the_epoch_before_had(table: Any) -> None:
    api = Api(table)
    api.get(POSTS, "stranger")
    switch(table, "posts", TWO, ["p9"])
    api.now = 5.0
    api.memory.look("posts", ("personalize",))
    api.client.error = THROTTLED

    answer = api.get(POSTS, "stranger")

    assert (answer["source"], answer["items"]) == ("none", [])


def test_a_page_of_an_earlier_epoch_is_not_what_others_get_when_the_table_fails(table: Any) -> None:
    cursor = Api(table).get(POSTS, "stranger", limit="1")["nextCursor"]
    switch(table, "posts", TWO, ["p9"])
    api = Api(table)
    api.get(POSTS, "stranger")
    assert ids(api.get(POSTS, "stranger", cursor=cursor)) == POPULAR[1:]
    api.client.error = THROTTLED

    assert ids(api.get(POSTS, "stranger")) == ["p9"]


def test_what_stands_in_for_an_epoch_that_is_not_copied_does_so_no_longer_when_the_table_fails(
    table: Any,
) -> None:
    switch(table, "posts", TWO, None)
    api = Api(table)
    assert api.get(POSTS, "stranger")["generation"] == ONE, "nobody has seen anything of the new epoch"
    api.client.error = THROTTLED

    assert api.get(POSTS, "stranger")["source"] == "none"


def test_within_an_epoch_the_last_list_that_readers_saw_will_do(table: Any) -> None:
    switch(table, "posts", TWO, ["p9"])
    api = Api(table)
    api.get(POSTS, "stranger")
    switch(table, "posts", THREE, ["p8"])
    api.now = 5.0
    api.memory.look("posts", ("personalize",))
    api.client.error = THROTTLED

    assert ids(api.get(POSTS, "stranger")) == ["p9"]


def test_a_catalogue_of_an_epoch_that_has_ended_is_none(table: Any) -> None:
    api = Api(table)
    assert ids(api.get(PROGRAMS, "u1")) == ["c2", "c1", "c3"]
    switch(table, "programs", TWO, ["c9"])
    api.now = 5.0
    api.memory.look("programs", ("personalize",))
    api.client.error = THROTTLED

    assert api.get(PROGRAMS, "u1")["items"] == []


def test_a_function_that_could_not_read_the_pointer_reads_it_before_the_newest_list(table: Any) -> None:
    publish(table, "posts", THREE, {}, popular=["p7"])
    switch(table, "posts", TWO, ["p9"])
    api = Api(table)
    api.client.error, api.client.failures = THROTTLED, 1

    answer = api.get(POSTS, "stranger")

    assert (answer["generation"], ids(answer)) == (TWO, ["p9"]), "THREE is the newest, of an earlier epoch"


def test_pointers_that_could_not_be_read_are_read_again_a_second_later(table: Any) -> None:
    api = Api(table)
    api.get(POSTS, "stranger")
    api.client.error, api.now = THROTTLED, 5.0
    api.get(POSTS, "stranger")
    switch(table, "posts", TWO, ["p9"])
    api.client.error = None

    api.now = 5.9
    before = api.get(POSTS, "stranger")
    api.now = 6.0
    after = api.get(POSTS, "stranger")

    assert (before["generation"], after["generation"]) == (ONE, TWO)
