"""The counted days in S3: made from the events, made again where events came late."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from pipeline.errors import EventsUnfinished, MeasurementBroken, ObjectMissing
from pipeline.measuring import counted_day, counting
from pipeline.measuring.counted_day import CountedDay
from pipeline.measuring.everywhere import events
from pipeline.storage import Bucket, storage_errors
from pipeline.tracking import lake

LATE_DAYS = 8
"""An event may be 7 days old, and is stored within a day."""
_Listed = tuple[str, int, str]
RESERVE = 600.0
"""Seconds that must be left for a day to be begun: 10 million events, counted by benchmarks/measuring.py."""


def key(use_case: str, day: date) -> str:
    return f"measured/use_case={use_case}/days/{day.isoformat()}.counts"


def counted(bucket: Bucket, use_case: str, day: date) -> CountedDay | None:
    """Of several regions that were active the one that counted it last. None: nothing of the day has
    been counted.

    Raises: MeasurementBroken; UnknownFormat; StorageFailed.
    """
    place = key(use_case, day)
    try:
        with bucket.open_newest(place) as body, storage_errors(f"reading {bucket.url(place)}"):
            content = body.read()
    except ObjectMissing:
        return None
    return counted_day.unpacked(content, bucket.url(place))


def refresh(
    bucket: Bucket, use_case: str, days: Sequence[date], today: date, seconds_left: Callable[[], float]
) -> tuple[date, ...]:
    """Counts what is not counted, and what has changed of the last days; answers which ones.

    A day whose events are gone (they are kept 400 days) stays as it was counted.
    Raises: EventsUnfinished, if time runs out; MeasurementBroken, if a day is neither whole nor has events
    any more; UnknownFormat; StorageFailed.
    """
    made: list[date] = []
    for number, day in enumerate(days):
        broken: MeasurementBroken | None = None
        try:
            before = counted(bucket, use_case, day)
        except MeasurementBroken as error:
            before, broken = None, error
        if before is not None and day < today - timedelta(days=LATE_DAYS):
            continue
        objects, others = _everywhere(bucket, lake.folder(use_case, day.isoformat()))
        if not (objects or others) and broken:
            raise broken
        fingerprint = hashlib.sha256("\n".join(map(repr, objects + others)).encode()).hexdigest()
        if not (objects or others) or (before is not None and before.fingerprint == fingerprint):
            continue
        if seconds_left() < RESERVE:
            raise EventsUnfinished(f"{len(made)} days are counted, {len(days) - number} have yet to be seen")
        read = events(bucket, *([place for place, _, _ in some] for some in (objects, others)))
        packed = counted_day.packed(counting.count(day.isoformat(), fingerprint, read))
        bucket.write(key(use_case, day), packed, "application/octet-stream")
        made.append(day)
    return tuple(made)


def _everywhere(bucket: Bucket, prefix: str) -> tuple[list[_Listed], list[_Listed]]:
    """Of this region, and what other regions have copied here."""
    own, *copied = (_listed(one, prefix) for one in bucket.all)
    return own, copied[0] if copied else []


def _listed(bucket: Bucket, prefix: str) -> list[_Listed]:
    """Key, size and ETag, in order."""
    with storage_errors(f"listing {bucket.url(prefix)}"):
        pages = bucket.client.get_paginator("list_objects_v2").paginate(Bucket=bucket.name, Prefix=prefix)
        return [(e["Key"], e["Size"], e["ETag"]) for page in pages for e in page.get("Contents", ())]
