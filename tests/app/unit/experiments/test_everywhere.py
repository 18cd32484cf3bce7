"""What people do in several regions is measured together, and what was posted in two of them once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends

from pipeline.measuring import days
from pipeline.storage import Bucket
from pipeline.tracking import lake
from pipeline.tracking.batch import Batch
from tests.app.support.tracking_world import event

DAY = date(2026, 11, 21)


def counts(bucket: Bucket) -> dict[tuple[str, str], int]:
    """By type and source of the list."""
    days.refresh(bucket, "posts", [DAY], DAY, lambda: 900.0)
    found = days.counted(bucket, "posts", DAY)
    assert found and found.unreadable == 0
    return {name: int(found.counts[:, at].sum()) for at, name in enumerate(found.columns)}


def test_each_event_of_any_region_is_measured_once(bucket: Bucket) -> None:
    client: Any = bucket.client
    client.create_bucket(Bucket="copies", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    copies = Bucket(client, "copies")
    liked = [event(number, type="like", source="batch") for number in range(6)]
    lake.store(bucket, Batch.of(liked[:3]))
    assert counts(bucket)["like", "batch"] == 3

    lake.store(copies, Batch.of(liked[2:]))
    everywhere = replace(bucket, copies=copies)
    assert counts(everywhere)["like", "batch"] == 6

    # Two batches of the other region may both have one, where its sender was not answered the first time.
    lake.store(copies, Batch.of([event(9, type="like", source="batch")]))
    lake.store(copies, Batch.of([event(9, type="like", source="batch"), liked[2]]))
    assert counts(everywhere)["like", "batch"] == 7

    # Whoever has an event's id, but is somebody else, has done something of their own.
    lake.store(copies, Batch.of([replace(liked[0], user_id="stranger")]))
    assert counts(everywhere)["like", "batch"] == 8


def test_of_a_day_that_two_regions_counted_in_turn_the_later_count_stays_however_old_the_day_is(
    bucket: Bucket,
) -> None:
    """Counted here too early, then in the other region after a switch; and then this one is active again."""
    client: Any = bucket.client
    client.create_bucket(Bucket="copies", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    copies, likes = (
        Bucket(client, "copies"),
        [event(number, type="like", source="batch") for number in (1, 2)],
    )
    for place, batch, when in ((bucket, likes[:1], 22), (copies, likes, 23)):
        lake.store(place, Batch.of(batch))
        assert counts(place)["like", "batch"] == len(batch)
        written = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].get_object(place.name, days.key("posts", DAY))
        assert written is not None
        written.last_modified = datetime(2026, 11, when, tzinfo=UTC)

    everywhere = replace(bucket, copies=copies)
    later = DAY + timedelta(days=days.LATE_DAYS + 1)
    assert days.refresh(everywhere, "posts", [DAY], later, lambda: 900.0) == ()
    found = days.counted(everywhere, "posts", DAY)
    assert found and int(found.counts.sum()) == 2
