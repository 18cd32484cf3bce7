"""Where tracked events lie in the data bucket: JSON Lines by use case and day.

`events/use_case=<use case>/date=<day>/<batch>.jsonl.gz`, as Athena and Spark take partitions. A batch that is
stored again has the same key and the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.storage import Bucket, storage_errors
from pipeline.tracking.batch import Batch, packed

PREFIX = "events"


def folder(use_case: str, day: str = "") -> str:
    """Of a use case, or of one day (2026-11-21, UTC) of it; ends in a slash."""
    return f"{PREFIX}/use_case={use_case}/" + (f"date={day}/" if day else "")


def store(bucket: Bucket, batch: Batch) -> None:
    """Raises: StorageFailed."""
    for day, events in batch.by_day():
        key = f"{folder(batch.use_case, day)}{batch.id}.jsonl.gz"
        bucket.write(key, packed(events), "application/gzip")


def keys_under(bucket: Bucket, prefix: str, *, after: str = "") -> Iterator[str]:
    """In order. Raises: StorageFailed."""
    with storage_errors(f"listing {bucket.url(prefix)}"):
        pages = bucket.client.get_paginator("list_objects_v2").paginate(
            Bucket=bucket.name, Prefix=prefix, StartAfter=after
        )
        for page in pages:
            yield from (entry["Key"] for entry in page.get("Contents", ()))
