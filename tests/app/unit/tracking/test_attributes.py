"""Attributes of users and items between trainings: the newest wins, whatever order messages come in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline.storage import Bucket
from pipeline.tracking.attributes import Attributes
from tests.app.support.in_memory import REGION, LaggingReads
from tests.app.support.tracking_world import Failing, PersonalizeEvents, World, error, mixed


@pytest.fixture
def world(bucket: Bucket, dynamodb: Any) -> World:
    return World(dynamodb, bucket, "recs-test-serving")


def of_user(number: int, *, at: int, age: int, dataset: str = "users") -> Attributes:
    return Attributes(use_case="posts", dataset=dataset, id=f"user-{number}", at=at, values={"age": age})


def age(world: World, number: int = 1) -> int:
    return int(json.loads(world.personalize.records["arn:users", f"user-{number}"])["age"])


def test_records_are_put_ten_at_a_time(world: World) -> None:
    outcome = world.consume([of_user(number, at=1, age=20 + number) for number in range(23)])

    assert not outcome.failed and sorted(world.personalize.calls) == [3, 10, 10]
    assert age(world, 22) == 42


def test_attributes_that_were_kept_just_now_are_the_ones_that_are_sent(world: World) -> None:
    assert not world.consume([of_user(1, at=1, age=30)], dynamodb=LaggingReads(world.dynamodb)).failed
    assert age(world) == 30


def test_items_go_into_the_dataset_of_items(world: World) -> None:
    world.consume([of_user(1, at=1, age=3, dataset="items")])

    assert set(world.personalize.records) == {("arn:items", "user-1")}


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_the_newest_wins_in_one_delivery_or_in_two(world: World, order: tuple[int, int]) -> None:
    both = [of_user(1, at=at, age=20 + at) for at in order]

    world.consume(both)
    assert age(world) == 22
    for attributes in both:
        world.consume([attributes])
    assert age(world) == 22


def test_newer_attributes_that_come_while_older_ones_are_sent_have_the_last_word(world: World) -> None:
    class Overtaken(PersonalizeEvents):
        def put_users(self, *, datasetArn: str, users: list[dict[str, str]]) -> None:
            if not self.calls:
                self.calls.append(1)
                world.consume([of_user(1, at=2, age=22)])
            super().put_users(datasetArn=datasetArn, users=users)

    world.personalize = Overtaken()
    world.consume([of_user(1, at=1, age=21)])

    assert age(world) == 22


def test_a_refused_record_stays_behind_alone(world: World) -> None:
    world.personalize.poison = {"user-3"}

    outcome = world.consume([of_user(number, at=1, age=30) for number in range(8)])

    assert set(outcome.failed) == {"message-3"}
    assert len(world.personalize.records) == 7


def test_records_that_could_not_be_sent_come_again(world: World) -> None:
    throttled = Failing(world.personalize, before=lambda *_: error("ThrottlingException"))

    assert len(world.consume([of_user(1, at=1, age=30)], events=throttled).failed) == 1
    assert not world.consume([of_user(1, at=1, age=30)]).failed
    assert age(world) == 30


def test_the_personalize_of_a_region_that_is_not_active_hears_of_nothing_and_nothing_stays_in_the_queue(
    world: World,
) -> None:
    world.active = "eu-central-1"
    posted = [*mixed(8), of_user(1, at=1, age=20)]

    outcome = world.consume(posted)

    assert (outcome.failed, outcome.new, outcome.fenced) == ({}, 8, 9)
    assert not world.personalize.events and not world.personalize.records and world.unfinished() == 0
    assert (world.counted("impressions"), len(world.stored())) == (4, 8)
    world.active = REGION
    world.consume([of_user(1, at=0, age=10)])
    assert age(world) == 20, "what was posted meanwhile is the newest"


@pytest.mark.parametrize("begun", [REGION, "eu-central-1"])
@pytest.mark.parametrize("fault", ["personalize", "bucket"])
def test_what_is_stored_of_an_event_is_what_personalize_was_told_though_regions_switch_in_between(
    world: World, begun: str, fault: str
) -> None:
    world.active = begun
    posted = mixed(4)
    broken: dict[str, Any] = {
        "personalize": {"events": Failing(world.personalize, before=lambda *_: error("ThrottlingException"))},
        "bucket": {"s3": Failing(world.bucket.client, before=lambda *_: error("SlowDown"))},
    }[fault]

    world.consume(posted, **broken)
    world.active = "eu-central-1" if begun == REGION else REGION
    assert not world.consume(posted).failed

    told = {one.claim for one in world.stored() if not one.fenced and one.type != "impression"}
    assert set(world.personalize.events) == told
    assert len(told) == (2 if begun == REGION else 0)


def test_as_long_as_nobody_can_say_which_region_is_active_everything_stays_in_the_queue(world: World) -> None:
    outcome = world.consume(
        mixed(3),
        dynamodb=Failing(world.dynamodb, before=lambda call, _: error("Down") if call == "query" else None),
    )

    assert len(outcome.failed) == 3 and not world.stored()
