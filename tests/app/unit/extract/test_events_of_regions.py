"""A training reads the events of every region, each once, in whichever regions it was posted."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from dataclasses import replace
from typing import Any

import boto3
import pytest
from constructs.storage import data_bucket
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from pipeline.extract.tracked import Tracked, TrackedRows
from pipeline.storage import COPIED, Bucket
from pipeline.tracking import lake, lines
from pipeline.tracking.batch import Batch, packed
from pipeline.tracking.event import Event
from tests.app.support.tracking_world import event
from tests.app.support.tracking_world import made as world_made

NOON = event(1).timestamp
COLUMNS = ("USER_ID", "ITEM_ID", "EVENT_TYPE", "TIMESTAMP")
HERE, THERE, COPIES = "here", "there", "copies"


def made(s3: Any) -> tuple[Bucket, Bucket]:
    """This region's bucket with what it has been copied, and the other region's."""
    for name in (HERE, THERE, COPIES):
        s3.create_bucket(Bucket=name)
    return Bucket.named(s3, f"{HERE},{COPIES}"), Bucket(s3, THERE)


def copy(s3: Any) -> None:
    """What Amazon S3 does."""
    for entry in s3.list_objects_v2(Bucket=THERE, Prefix="events/").get("Contents", ()):
        s3.copy_object(Bucket=COPIES, Key=entry["Key"], CopySource={"Bucket": THERE, "Key": entry["Key"]})


def trained(bucket: Bucket, *, untold: bool = False) -> list[str]:
    """The items that a training learns from."""
    tracked = Tracked(event_types=("like",), days=1, untold=untold)
    rows = TrackedRows(bucket, "posts", tracked, COLUMNS)
    rows.join(NOON + 60, lambda: True)
    text = b"".join(rows.blocks(NOON + 60, lambda: True)).decode()
    return [line.split(",")[1] for line in text.splitlines()]


def liked(name: str, *, hours_ago: int = 0) -> Event:
    return event(1, event_id=name, item_id=name, type="like", timestamp=NOON - 3600 * hours_ago)


POSTED = st.lists(
    st.tuples(st.sampled_from(["here", "there", "both", "here fenced", "both fenced"]), st.integers(0, 20)),
    max_size=7,
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(parts=st.lists(POSTED, min_size=1, max_size=2))
def test_whatever_is_posted_where_is_learned_once_and_what_was_told_here_is_not_told_again(
    parts: list[list[tuple[str, int]]],
) -> None:
    """parts: of what is posted before each of several trainings; an event as a whole comes at one time."""
    everything, untold = [], []
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1", aws_access_key_id="t", aws_secret_access_key="t")
        here, there = made(s3)
        for number, part in enumerate(parts):
            posted = [
                (how, liked(f"i{number}-{place}", hours_ago=hours)) for place, (how, hours) in enumerate(part)
            ]
            own = [
                replace(one, fenced=True if "fenced" in how else None)
                for how, one in posted
                if how.startswith(("here", "both"))
            ]
            others = [one for how, one in posted if how.startswith(("there", "both"))]
            for bucket, some in ((here, own), (there, others)):
                if some:
                    lake.store(bucket, Batch.of(some))
            copy(s3)
            everything += [one.item_id for _, one in posted]
            untold += [one.item_id for how, one in posted if how not in ("here", "both")]

            assert Counter(trained(here)) == Counter(everything)
            assert Counter(trained(here, untold=True)) == Counter(untold)


def test_what_was_joined_before_another_region_had_events_is_joined_anew(aws: None) -> None:
    s3 = boto3.client("s3", region_name="us-east-1")
    here, there = made(s3)
    lake.store(here, Batch.of([liked("a"), liked("b")]))
    assert trained(replace(here, copies=None)) == ["a", "b"]
    lake.store(there, Batch.of([liked("b"), liked("c")]))
    copy(s3)

    assert trained(here) == ["a", "b", "c"]


def test_an_event_says_where_and_in_which_epoch_it_was_accepted(aws: None) -> None:
    world = world_made()
    world.consume([event(1)])
    world.active = "eu-central-1"
    world.consume([event(2), replace(event(3), region="eu-west-3")])

    said = [(one.event_id, one.region, one.epoch, one.fenced) for one in world.stored()]

    home = world.consumer().fence.epochs.region
    names = [event(number).event_id for number in (1, 2, 3)]
    assert sorted(said, key=lambda one: names.index(one[0])) == [
        (names[0], home, 0, None),
        (names[1], home, 0, True),
        (names[2], "eu-west-3", 0, True),
    ]


@pytest.mark.parametrize("fenced", [None, True])
def test_events_of_a_fenced_region_are_lines_as_others_are(fenced: bool | None) -> None:

    text = gzip.decompress(packed([replace(event(1), region="eu-west-1", epoch=3, fenced=fenced)]))

    found = lines.by_pattern(text)
    assert found and len(found.found) == 1
    assert Event.from_json(json.loads(text)).fenced is fenced


def test_what_is_looked_for_among_the_copies_is_what_the_rules_copy() -> None:
    assert sorted(COPIED) == sorted(data_bucket.COPIED)
