"""Streams a query's result or a file to S3 as a dataset that Personalize will accept, or refuses it whole."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict

from pipeline import keys
from pipeline.errors import DatasetRejected, StorageFailed
from pipeline.extract.checker import DatasetChecker
from pipeline.extract.event_types import EventRules
from pipeline.extract.pump import pump
from pipeline.extract.repeated import repeated_rows
from pipeline.extract.schema import DatasetSchema
from pipeline.extract.source import Source
from pipeline.extract.tracked import Tracked, TrackedRows
from pipeline.extract.upload import MultipartUpload
from pipeline.storage import Bucket


@dataclass(frozen=True, kw_only=True)
class Extract:
    """What to extract: the dataset that its source has to make, with tracked events besides. events: which
    types there may and must be. opted_out: users whose tracked events are left out.
    """

    use_case: str
    run: str
    schema: DatasetSchema
    source: Source
    tracked: Tracked | None = None
    events: EventRules | None = None
    opted_out: frozenset[str] = frozenset()
    seconds: float = 840
    """The longest that all may take together: joining tracked events, at most half of it; then the source
    and the reading of joined events."""

    @property
    def key(self) -> str:
        return keys.dataset(self.use_case, self.run, self.schema.dataset)


class Extracted(TypedDict):
    """seconds: it took. eventTypes: rows by type, where there is such a column. warnings: where any are.
    trackedRows, trackedSkipped: only where tracked events are read.
    """

    dataset: str
    key: str
    location: str
    rows: int
    users: int | None
    items: int | None
    newestTimestamp: int | None
    contentHash: str
    seconds: float
    eventTypes: NotRequired[dict[str, int]]
    warnings: NotRequired[list[str]]
    trackedRows: NotRequired[int]
    trackedSkipped: NotRequired[int]


def extract_dataset(extract: Extract, bucket: Bucket, *, clock: Callable[[], float] = time.time) -> Extracted:
    """Writes the CSV, then its manifest, and answers what the manifest says, with key and location.

    Raises: DatabaseUnavailable, QueryFailed, FileMissing, of the source; StorageFailed, DatasetRejected,
    EventsUnfinished; none leaves a dataset. Of a refused one the first rows of each finding are kept, with
    their values.
    """
    started = clock()
    tracked = _tracked_rows(extract, bucket)
    if tracked:
        tracked.join(started, lambda: clock() - started < extract.seconds / 2)
    checker = DatasetChecker(extract.schema, now=started, events=extract.events)
    content = hashlib.sha256()

    def left() -> float:
        return extract.seconds - (clock() - started)

    def consume(chunks: list[bytearray]) -> None:
        checker.feed(*chunks)
        for chunk in chunks:
            content.update(chunk)
        upload.write(*chunks)

    try:
        with MultipartUpload(bucket, extract.key) as upload:
            events = tracked.blocks(started, lambda: left() > 0) if tracked else ()
            work = pump(extract.source, extract.schema, consume, seconds=left(), events=events)
            asyncio.run(work)
            repeated = checker.repeated
            figures = checker.finish(
                repeated_rows(extract.source, extract.schema, repeated, seconds=max(1.0, left()))
                if repeated.size
                else ()
            )
            upload.complete()
    except DatasetRejected:
        raise checker.rejection(_kept(extract, bucket, checker)) from None
    result: Extracted = {
        "dataset": extract.schema.dataset,
        "key": extract.key,
        "location": bucket.url(extract.key),
        "rows": figures.rows,
        "users": figures.users,
        "items": figures.items,
        "newestTimestamp": figures.newest_timestamp,
        "contentHash": content.hexdigest(),
        "seconds": round(clock() - started, 3),
    }
    if figures.event_types:
        result["eventTypes"] = figures.event_types
    if figures.warnings:
        result["warnings"] = list(figures.warnings)
    if tracked:
        result["trackedRows"], result["trackedSkipped"] = tracked.rows, tracked.skipped
    bucket.write_json(
        keys.manifest(extract.use_case, extract.run, extract.schema.dataset),
        _manifest(extract, result),
    )
    return result


def _tracked_rows(extract: Extract, bucket: Bucket) -> TrackedRows | None:
    if extract.tracked is None:
        return None
    return TrackedRows(
        bucket, extract.use_case, extract.tracked, extract.schema.names, without=extract.opted_out
    )


def _kept(extract: Extract, bucket: Bucket, checker: DatasetChecker) -> str:
    """The place of the refused rows; empty, if there are none, or they could not be kept."""
    if not checker.findings.of_rows:
        return ""
    key = keys.refused(extract.use_case, extract.run, extract.schema.dataset)
    told = {"useCase": extract.use_case, "run": extract.run, **checker.refused(), **extract.source.described}
    try:
        bucket.write_json(key, told)
    except StorageFailed:
        return ""
    return bucket.url(key)


def _manifest(extract: Extract, result: Extracted) -> dict[str, Any]:
    """Lies beside the CSV, and therefore does not say where that is."""
    figures = {name: value for name, value in result.items() if name not in ("key", "location")}
    return {
        "useCase": extract.use_case,
        "run": extract.run,
        **figures,
        "columns": extract.schema.names,
        **extract.source.described,
    }
