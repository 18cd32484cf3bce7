"""A run is refused if its data has changed more since the last good run than it may."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pipeline.deciding.guards import Change, Guards, require
from pipeline.errors import DataChanged
from pipeline.storage import Bucket
from tests.app.support.in_memory import with_newer_copy

HALF = Change(down=0.5)
GUARDS = Guards(
    rows=HALF, people=HALF, items=HALF, event_type=HALF, from_rows=100, variants=("personalize", "own")
)


def datasets(**changes: Any) -> list[dict[str, Any]]:
    interactions = {"rows": 6000, "users": 1000, "items": 200, "eventTypes": {"view": 4000, "buy": 2000}}
    return [
        {"dataset": "interactions", **interactions, **changes},
        {"dataset": "items", "rows": changes.get("catalogue", 300), "users": None, "items": 300},
    ]


@pytest.fixture
def ran(bucket: Bucket) -> Bucket:
    """Good runs of two variants, of which the other one's is the last, with the usual data."""
    old = {"generation": "20270101T000000000", "datasets": datasets(rows=10**6)}
    bucket.write_json("runs/shop/personalize/last_good.json", old)
    new = {"generation": "20270102T000000000", "datasets": datasets()}
    bucket.write_json("runs/shop/own/last_good.json", new)
    return bucket


def refusal(bucket: Bucket, guards: Guards = GUARDS, **changes: Any) -> str:
    with pytest.raises(DataChanged) as refused:
        require(bucket, guards, datasets(**changes), use_case="shop")
    return str(refused.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rows": 2999}, "2,999 rows of the interactions after 6,000, 50% fewer, and 50% may be lost"),
        ({"catalogue": 30}, "30 rows of the items after 300, 90% fewer"),
        ({"users": 10}, "10 people with interactions after 1,000, 99% fewer"),
        ({"items": 1}, "1 items with interactions after 200"),
        ({"eventTypes": {"view": 6000}}, "0 rows of the event type 'buy' after 2,000, 100% fewer"),
    ],
    ids=["rows", "catalogue", "people", "items", "event type"],
)
def test_what_is_gone_is_told_with_both_counts(ran: Bucket, changes: dict[str, Any], words: str) -> None:
    message = refusal(ran, **changes)

    assert words in message
    assert "since run 20270102T000000000" in message
    assert '{"acceptData": true}' in message and "checks.guards" in message


def test_all_that_has_changed_too_much_is_told_at_once(ran: Bucket) -> None:
    message = refusal(ran, rows=6, users=1, items=1, eventTypes={}, catalogue=1)

    assert message.count("% fewer") == 6


def test_what_has_changed_as_much_as_it_may_passes(ran: Bucket) -> None:
    require(ran, GUARDS, datasets(rows=3000, users=500, items=100), use_case="shop")
    require(ran, GUARDS, datasets(rows=60_000_000, eventTypes={"view": 2000, "buy": 9**9}), use_case="shop")


def test_the_last_run_may_have_been_in_another_region(ran: Bucket) -> None:
    newer = {"generation": "20270103T000000000", "datasets": datasets(rows=60_000)}

    here = with_newer_copy(ran, "runs/shop/own/last_good.json", newer)

    assert "6,000 rows of the interactions after 60,000" in refusal(here)


@pytest.mark.parametrize(("from_rows", "refused"), [(200, True), (201, False)])
def test_a_count_is_compared_from_so_many_on(ran: Bucket, from_rows: int, refused: bool) -> None:
    guards = replace(GUARDS, from_rows=from_rows)

    if refused:
        assert "99 items with interactions after 200" in refusal(ran, guards, items=99)
    else:
        require(ran, guards, datasets(items=99), use_case="shop")


def test_more_than_may_come_is_refused_where_somebody_says_so(ran: Bucket) -> None:
    guards = replace(GUARDS, rows=Change(up=1.0))

    require(ran, guards, datasets(rows=12_000), use_case="shop")
    assert "12,001 rows of the interactions after 6,000, 100% more" in refusal(ran, guards, rows=12_001)


def test_counts_too_small_to_mean_anything_are_not_compared(ran: Bucket) -> None:
    require(ran, replace(GUARDS, from_rows=10_000), datasets(rows=1, users=1), use_case="shop")


def test_the_first_run_has_nothing_to_be_held_against(bucket: Bucket) -> None:
    require(bucket, GUARDS, datasets(rows=1), use_case="shop")


def test_runs_of_earlier_versions_have_counted_no_event_types(bucket: Bucket) -> None:
    before = datasets()
    del before[0]["eventTypes"]
    record = {"generation": "20270101T000000000", "datasets": before}
    bucket.write_json("runs/shop/own/last_good.json", record)

    require(bucket, GUARDS, datasets(eventTypes={"other": 1}), use_case="shop")
