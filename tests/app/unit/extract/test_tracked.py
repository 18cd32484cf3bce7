"""Tracked events become interactions beside those of the query."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pipeline.columns import Column
from pipeline.errors import StorageFailed
from pipeline.extract.database import Database
from pipeline.extract.extract import Extract, Extracted, extract_dataset
from pipeline.extract.query import Query
from pipeline.extract.schema import DatasetSchema
from pipeline.extract.tracked import Tracked, TrackedRows
from pipeline.storage import Bucket
from pipeline.tracking.batch import Batch
from pipeline.tracking.event import Event
from pipeline.tracking.lake import store

NOW = 1_700_000_000
DAY = 86_400
COLUMNS = (
    Column("ITEM_ID", "string"),
    Column("USER_ID", "string"),
    Column("DEVICE", "string", nullable=True),
    Column("EVENT_TYPE", "string"),
    Column("TIMESTAMP", "long"),
)
QUERY = """SELECT (i % 37)::text AS "ITEM_ID", (i % 100)::text AS "USER_ID", 'phone' AS "DEVICE",
    'follow' AS "EVENT_TYPE", 1699000000 + i AS "TIMESTAMP" FROM generate_series(1, 1200) AS i"""
TRACKED = Tracked(event_types=("view",), days=30)


def seen(number: int, **changes: Any) -> Event:
    event = Event(
        event_id=f"e{number}",
        use_case="people",
        type="view",
        item_id=f"item-{number}",
        timestamp=NOW - number,
        received_at=NOW,
        source="batch",
        variant="personalize",
        user_id=f"user-{number}",
    )
    return replace(event, **changes)


def keep(bucket: Bucket, *events: Event) -> None:
    store(bucket, Batch.of(events))


@pytest.fixture
def extract(database: Database, bucket: Bucket) -> Any:
    def run(tracked: Tracked | None = TRACKED, **changes: Any) -> tuple[Extracted, list[str]]:
        work = Extract(
            use_case="people",
            run="20231114T221320000",
            schema=DatasetSchema("interactions", COLUMNS),
            source=Query(database, QUERY),
            tracked=tracked,
        )
        answer = extract_dataset(replace(work, **changes), bucket, clock=lambda: float(NOW))
        body: bytes = bucket.client.get_object(Bucket=bucket.name, Key=answer["key"])["Body"].read()
        return answer, body.decode().splitlines()

    return run


def test_events_of_the_asked_types_follow_the_rows_of_the_query(extract: Any, bucket: Bucket) -> None:
    keep(bucket, seen(1), seen(2, type="follow"), seen(3, type="impression"))
    keep(bucket, seen(4, timestamp=NOW - 3 * DAY))

    answer, lines = extract()

    assert lines[0] == "ITEM_ID,USER_ID,DEVICE,EVENT_TYPE,TIMESTAMP" and len(lines) == 1203
    assert lines[-2:] == [
        f"item-4,user-4,,view,{NOW - 3 * DAY}",
        f"item-1,user-1,,view,{NOW - 1}",
    ]
    assert (answer["rows"], answer["trackedRows"], answer["trackedSkipped"]) == (1202, 2, 0)


def test_new_events_are_new_contents_and_the_same_events_are_not(extract: Any, bucket: Bucket) -> None:
    without = extract(None)[0]
    none = extract()[0]
    keep(bucket, seen(1))
    one, same = extract()[0], extract()[0]

    assert without["contentHash"] == none["contentHash"] != one["contentHash"] == same["contentHash"]
    assert "trackedRows" not in without and none["trackedRows"] == 0


def test_old_and_anonymous_events_and_other_use_cases_stay_out(extract: Any, bucket: Bucket) -> None:
    keep(bucket, seen(1, timestamp=NOW - 32 * DAY))
    keep(bucket, seen(2, user_id=None, session_id="s"), seen(3, timestamp=NOW + 60))
    keep(bucket, seen(4, use_case="people_nearby"))

    answer, lines = extract()

    assert len(lines) == 1201
    assert (answer["trackedRows"], answer["trackedSkipped"]) == (0, 2)


@pytest.mark.parametrize("name", ["a,b", 'a"b', "a\\b"])
def test_nobody_can_break_the_training_by_posting_a_strange_id(
    extract: Any, bucket: Bucket, name: str
) -> None:
    keep(bucket, seen(1, item_id=name), seen(2, user_id=name), seen(3))

    answer, lines = extract()

    assert lines[-1].startswith("item-3,") and len(lines) == 1202
    assert answer["trackedSkipped"] == 2


def test_a_file_that_cannot_be_read_fails_the_extraction_and_leaves_no_dataset(
    extract: Any, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(bucket, seen(1))
    read = bucket.client.get_object

    def refused(**arguments: Any) -> Any:
        if arguments["Key"].startswith("events/"):
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetObject")
        return read(**arguments)

    monkeypatch.setattr(bucket.client, "get_object", refused)
    with pytest.raises(StorageFailed, match=r"events/use_case=people.*AccessDenied"):
        extract()
    listed = bucket.client.list_objects_v2(Bucket=bucket.name, Prefix="datasets/")
    assert not listed["KeyCount"]


def test_when_the_time_is_up_it_says_how_far_it_came(bucket: Bucket) -> None:
    keep(bucket, seen(1))
    rows = TrackedRows(bucket, "people", TRACKED, [column.name for column in COLUMNS])
    rows.join(NOW, has_time=lambda: True)
    with pytest.raises(StorageFailed, match="after 1 events; ask for fewer than 30 days"):
        list(rows.blocks(NOW, has_time=lambda: False))
