"""Small files of events are read once; later trainings read what was joined of them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pipeline.errors import EventsUnfinished, StorageFailed
from pipeline.extract import joined
from pipeline.extract.tracked import Tracked, TrackedRows
from pipeline.storage import Bucket
from pipeline.tracking.batch import Batch
from pipeline.tracking.event import Event
from pipeline.tracking.lake import store

NOW = 1_700_000_000
DAY = 86_400
COLUMNS = ("USER_ID", "ITEM_ID", "EVENT_TYPE", "TIMESTAMP")


def event(name: str, *, days_ago: int = 0, kind: str = "view") -> Event:
    return Event(
        event_id=name,
        use_case="people",
        type=kind,
        item_id=name,
        timestamp=NOW - days_ago * DAY,
        received_at=NOW,
        source="batch",
        variant="personalize",
        user_id="user-1",
    )


def keep(bucket: Bucket, *events: Event) -> None:
    store(bucket, Batch.of(events))


def trained(
    bucket: Bucket, *, types: tuple[str, ...] = ("view",), days: int = 40, now: float = NOW, time: Any = None
) -> list[str]:
    """The items of the rows that a training gets; time: what there is for joining, in looks at the clock."""
    rows = TrackedRows(bucket, "people", Tracked(event_types=types, days=days), COLUMNS)
    looks = iter(range(time if time is not None else 1_000_000))
    rows.join(now, lambda: next(looks, None) is not None)
    text = b"".join(rows.blocks(now, lambda: True)).decode()
    return [line.split(",")[1] for line in text.splitlines()]


@pytest.fixture
def calls(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Keys of the small files that were read, and folders that were listed."""
    made: list[str] = []

    def note(params: dict[str, Any], **_: Any) -> None:
        name = params.get("Key", params.get("Prefix", ""))
        if name.startswith("events/"):
            made.append(name)

    events = bucket.client.meta.events
    for operation in ("GetObject", "ListObjectsV2"):
        events.register(f"before-parameter-build.s3.{operation}", note, unique_id=f"note-{operation}")
    yield made
    for operation in ("GetObject", "ListObjectsV2"):
        events.unregister(f"before-parameter-build.s3.{operation}", unique_id=f"note-{operation}")


def read(calls: list[str]) -> list[str]:
    return [name for name in calls if name.endswith(".gz")]


def test_a_small_file_is_read_by_the_first_training_only(bucket: Bucket, calls: list[str]) -> None:
    for number in range(5):
        keep(bucket, event(f"a{number}", days_ago=number % 2), event(f"shown{number}", kind="impression"))

    first = trained(bucket)
    assert Counter(first) == Counter(f"a{number}" for number in range(5))
    assert sorted(Counter(read(calls)).values()) == [1] * 7
    calls.clear()

    assert trained(bucket) == first
    assert not read(calls)


def test_what_is_joined_is_only_what_is_trained_on(bucket: Bucket) -> None:
    keep(bucket, event("a"), event("shown", kind="impression"))
    trained(bucket)

    _, lines = joined.JoinedEvents(bucket, "people", frozenset({"view"}))._stored("2023-11-14")
    assert b'"a"' in lines and b"shown" not in lines


def test_events_that_arrive_late_are_read_and_nothing_else_is_read_again(
    bucket: Bucket, calls: list[str]
) -> None:
    keep(bucket, event("a", days_ago=20), event("b", days_ago=3))
    trained(bucket)
    keep(bucket, event("late", days_ago=20))
    calls.clear()

    assert trained(bucket) == ["a", "late", "b"]
    assert len(read(calls)) == 1


def test_a_day_to_which_nothing_can_come_any_more_is_not_even_listed(
    bucket: Bucket, calls: list[str]
) -> None:
    keep(bucket, event("a"), event("b"))
    day = datetime.fromtimestamp(NOW, UTC).date().isoformat()
    for days_later, listed in ((35, True), (37, True), (38, False)):
        calls.clear()
        assert sorted(trained(bucket, now=NOW + days_later * DAY)) == ["a", "b"]
        assert (f"events/use_case=people/date={day}/" in calls) == listed
    assert bucket.client.head_object(Bucket=bucket.name, Key=f"joined/use_case=people/date={day}.jsonl.gz")


def test_a_run_without_enough_time_says_what_is_done_and_the_next_goes_on(
    bucket: Bucket, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joined, "_FILES", 2)
    for number in range(5):
        keep(bucket, event(f"a{number}"))
    keep(bucket, event("b", days_ago=1))

    with pytest.raises(EventsUnfinished, match=r"date=2023-11-14/: .*after 1 more files; they are joined"):
        trained(bucket, time=0)
    with pytest.raises(EventsUnfinished, match=r"date=2023-11-14/: .*after 4 more files"):
        trained(bucket, time=1)

    assert Counter(trained(bucket, time=0)) == Counter(["b", *(f"a{number}" for number in range(5))])
    assert set(Counter(read(calls)).values()) == {1}


def test_another_event_type_to_train_on_is_found_in_the_days_before(bucket: Bucket, calls: list[str]) -> None:
    keep(bucket, event("a", days_ago=30), event("shown", days_ago=30, kind="share"))
    for later in (0, 1):
        assert trained(bucket, now=NOW + later) == ["a"]

    assert Counter(trained(bucket, types=("view", "share"))) == Counter(["a", "shown"])
    calls.clear()
    assert trained(bucket) == ["a"]
    assert not read(calls)


def test_two_at_the_same_time_count_nothing_twice(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(bucket, event("a"))
    keep(bucket, event("b"))
    add = joined.JoinedEvents._add

    def overtaken(self: Any, *arguments: Any) -> Any:
        monkeypatch.setattr(joined.JoinedEvents, "_add", add)
        assert sorted(trained(bucket)) == ["a", "b"]
        return add(self, *arguments)

    monkeypatch.setattr(joined.JoinedEvents, "_add", overtaken)
    assert sorted(trained(bucket)) == ["a", "b"]


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.prove) for seed in range(1, 4))])
def test_whatever_happens_in_between_every_event_is_trained_on_once(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    rng = random.Random(seed)
    monkeypatch.setattr(joined, "_FILES", 2)
    posted: list[str] = []
    write = Bucket.write

    def dies(self: Bucket, key: str, body: Any, content_type: str) -> None:
        if key.startswith("joined/") and rng.random() < 0.3:
            if rng.random() < 0.5:
                write(self, key, body, content_type)
            raise StorageFailed("the process dies")
        write(self, key, body, content_type)

    for _ in range(12):
        for _ in range(rng.randrange(4)):
            name = f"e{len(posted)}"
            posted.append(name)
            keep(bucket, event(name, days_ago=rng.randrange(4)), event(f"s{name}", kind="share"))
        with monkeypatch.context() as broken:
            broken.setattr(Bucket, "write", dies)
            types = rng.choice([("view",), ("view", "share")])
            try:
                trained(bucket, types=types, days=5, time=rng.randrange(3))
            except (EventsUnfinished, StorageFailed):
                continue

    assert Counter(trained(bucket, days=5)) == Counter(posted)
    both = Counter(trained(bucket, types=("view", "share"), days=5))
    assert both == Counter(posted) + Counter(f"s{name}" for name in posted)


def test_a_joined_file_that_cannot_be_written_is_told(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(bucket, event("a"))

    def refused(**_: Any) -> Any:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutObject")

    with monkeypatch.context() as denied:
        denied.setattr(bucket.client, "put_object", refused)
        with pytest.raises(StorageFailed, match=r"writing s3://.*/joined/use_case=people/.*AccessDenied"):
            trained(bucket)
    assert trained(bucket) == ["a"]
