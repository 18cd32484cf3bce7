"""What people do in several regions is measured together, and what was posted in two of them once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

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

    # Whoever has an event's id, but is somebody else, has done something of their own.
    lake.store(copies, Batch.of([replace(liked[0], user_id="stranger")]))
    assert counts(everywhere)["like", "batch"] == 7
