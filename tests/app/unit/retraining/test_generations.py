"""Generations and their pointer: forward by publishing, back by rolling back, never half."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import GenerationMissing, GenerationSuperseded, UnknownFormat
from pipeline.generations import Generation, Generations
from pipeline.serving_items import pointer_key, popular_key
from tests.app.support.in_memory import LaggingReads

TABLE = "recs-test-serving"
NOW = 1_800_000_000.0
ONE, TWO, THREE = "20270101T000000000", "20270102T000000000", "20270103T000000000"


@pytest.fixture
def generations(dynamodb: Any) -> Generations:
    return Generations(dynamodb, TABLE, "posts", "personalize", clock=lambda: NOW)


def published(generations: Generations, *names: str, expires: int = int(NOW) + 100) -> None:
    for number, name in enumerate(names, start=1):
        generations.store(name, ["a", "b"], users=number * 10, expires=expires)
        generations.publish(name, users=number * 10)


def test_nothing_is_served_before_the_first_generation(generations: Generations) -> None:
    assert generations.pointer() is None
    assert generations.existing() == []


def test_publishing_moves_the_pointer_and_remembers_the_previous_generation(generations: Generations) -> None:
    published(generations, ONE, TWO)

    pointer = generations.pointer()

    assert pointer is not None
    assert (pointer.generation, pointer.previous, pointer.users) == (TWO, ONE, 20)
    assert pointer.published_at == "2027-01-15T08:00:00Z"


def test_what_was_published_just_now_is_seen_at_once(dynamodb: Any) -> None:
    generations = Generations(LaggingReads(dynamodb), TABLE, "posts", "personalize", clock=lambda: NOW)

    published(generations, ONE, TWO)

    pointer = generations.pointer()
    assert pointer and pointer.generation == TWO
    assert [one.name for one in generations.existing()] == [ONE, TWO]


def test_publishing_again_changes_nothing(generations: Generations) -> None:
    published(generations, ONE, TWO)
    before = generations.pointer()

    assert generations.publish(TWO, users=99) == before
    assert generations.pointer() == before


def test_an_older_generation_never_replaces_a_newer_one(generations: Generations) -> None:
    published(generations, TWO)

    with pytest.raises(GenerationSuperseded, match="newer generation"):
        generations.publish(ONE, users=1)

    assert generations.pointer() == generations.publish(TWO, users=1)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.sampled_from([ONE, TWO, THREE]), min_size=1, max_size=6))
def test_in_any_order_of_publishing_the_newest_stays(dynamodb: Any, names: list[str]) -> None:
    generations = Generations(dynamodb, TABLE, f"use-case-{uuid4()}", "personalize", clock=lambda: NOW)
    newest = ""
    for name in names:
        try:
            generations.publish(name, users=1)
        except GenerationSuperseded:
            assert name < newest
        newest = max(newest, name)
        pointer = generations.pointer()
        assert pointer is not None
        assert pointer.generation == newest


def test_all_generations_that_exist_are_listed_oldest_first(generations: Generations) -> None:
    published(generations, ONE, TWO)

    assert generations.existing() == [
        Generation(ONE, 10, "2027-01-15T08:00:00Z", int(NOW) + 100),
        Generation(TWO, 20, "2027-01-15T08:00:00Z", int(NOW) + 100),
    ]


def test_use_cases_and_variants_do_not_see_each_other(generations: Generations, dynamodb: Any) -> None:
    published(generations, ONE)

    for use_case, variant in (("posts", "own"), ("users_to_follow", "personalize"), ("posts", "person")):
        other = Generations(dynamodb, TABLE, use_case, variant, clock=lambda: NOW)
        assert other.pointer() is None
        assert other.existing() == []


def test_rolling_back_serves_the_generation_before_and_can_be_repeated(generations: Generations) -> None:
    published(generations, ONE, TWO, THREE)

    first, second = generations.roll_back(), generations.roll_back()

    assert (first.generation, first.previous, first.users) == (TWO, ONE, 20)
    assert (second.generation, second.previous, second.users) == (ONE, None, 10)
    assert generations.pointer() == second
    with pytest.raises(GenerationMissing, match=f"no generation older than {ONE}"):
        generations.roll_back()


def test_rolling_back_goes_to_a_named_generation(generations: Generations) -> None:
    published(generations, ONE, TWO, THREE)

    assert generations.roll_back(ONE).generation == ONE
    assert generations.roll_back(THREE).generation == THREE


def test_after_rolling_back_a_newer_generation_is_published_as_usual(generations: Generations) -> None:
    published(generations, ONE, TWO)
    generations.roll_back()

    assert generations.publish(THREE, users=5).previous == ONE


def test_an_expired_generation_is_no_place_to_go_back_to(generations: Generations) -> None:
    published(generations, ONE, expires=int(NOW))
    published(generations, TWO)

    with pytest.raises(GenerationMissing):
        generations.roll_back()
    with pytest.raises(GenerationMissing, match=f"{ONE} does not exist .*there are: {TWO}"):
        generations.roll_back(ONE)


def test_there_is_nothing_to_roll_back_before_the_first_generation(generations: Generations) -> None:
    with pytest.raises(GenerationMissing, match="nothing is published yet"):
        generations.roll_back()


def test_two_at_the_same_pointer_do_not_overwrite_each_other(generations: Generations, dynamodb: Any) -> None:
    published(generations, ONE, TWO)

    class Meanwhile(Generations):
        def existing(self) -> list[Generation]:
            published(generations, THREE)
            return super().existing()

    with pytest.raises(GenerationSuperseded, match="at the same time"):
        Meanwhile(dynamodb, TABLE, "posts", "personalize", clock=lambda: NOW).roll_back()


class _AnswersLost:
    """Sends each write once more, as botocore does when the first answer does not come."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def update_item(self, **arguments: Any) -> Any:
        self._client.update_item(**arguments)
        return self._client.update_item(**arguments)


def test_the_pointer_has_moved_even_if_the_answer_was_lost(generations: Generations, dynamodb: Any) -> None:
    published(generations, ONE)
    generations.store(TWO, ["a"], users=20, expires=int(NOW) + 100)
    lossy = Generations(_AnswersLost(dynamodb), TABLE, "posts", "personalize", clock=lambda: NOW)

    forward = lossy.publish(TWO, users=20)
    assert (forward.generation, forward.previous) == (TWO, ONE)
    assert generations.pointer() == forward
    back = lossy.roll_back()
    assert (back.generation, back.previous) == (ONE, None)
    assert generations.pointer() == back


def test_what_a_newer_version_adds_to_the_pointer_stays_there_and_disturbs_nobody(
    generations: Generations, dynamodb: Any
) -> None:
    published(generations, ONE)
    key = pointer_key("posts", "personalize")
    item = dynamodb.get_item(TableName=TABLE, Key=key)["Item"]
    added = {"shade": {"S": "green"}}
    dynamodb.put_item(TableName=TABLE, Item={**item, **added})

    published(generations, TWO)
    generations.roll_back()

    after = dynamodb.get_item(TableName=TABLE, Key=key)["Item"]
    assert after["generation"] == {"S": ONE} and added.items() <= after.items()


def test_a_pointer_of_a_newer_format_is_left_alone(generations: Generations, dynamodb: Any) -> None:
    published(generations, ONE)
    key = pointer_key("posts", "personalize")
    item = dynamodb.get_item(TableName=TABLE, Key=key)["Item"] | {"format": {"N": "2"}}
    dynamodb.put_item(TableName=TABLE, Item=item)

    with pytest.raises(UnknownFormat, match="the pointer of posts is of format 2"):
        generations.publish(TWO, users=1)

    assert dynamodb.get_item(TableName=TABLE, Key=key)["Item"] == item


def test_the_popular_list_of_a_generation_is_stored_for_its_readers(
    generations: Generations, dynamodb: Any
) -> None:
    published(generations, ONE)

    item = dynamodb.get_item(TableName=TABLE, Key=popular_key("posts", "personalize", ONE))["Item"]

    assert item["items"] == {"L": [{"S": "a"}, {"S": "b"}]}
    assert item["expires"] == {"N": str(int(NOW) + 100)}
