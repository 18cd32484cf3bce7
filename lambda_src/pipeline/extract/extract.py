"""Streams a query's result or a file to S3 as a dataset that Personalize will accept, or refuses it whole."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict

from pipeline import keys
from pipeline.extract.checker import DatasetChecker
from pipeline.extract.schema import DatasetSchema
from pipeline.extract.source import Source
from pipeline.extract.tracked import Tracked, TrackedRows
from pipeline.extract.upload import MultipartUpload
from pipeline.storage import Bucket

BLOCK_BYTES = 512 << 10


@dataclass(frozen=True, kw_only=True)
class Extract:
    """What to extract: the dataset that its source has to make, with tracked events besides."""

    use_case: str
    run: str
    schema: DatasetSchema
    source: Source
    tracked: Tracked | None = None
    seconds: float = 840
    """The longest that all may take together: joining tracked events, at most half of it; then the source
    and the reading of joined events."""

    @property
    def key(self) -> str:
        return keys.dataset(self.use_case, self.run, self.schema.dataset)


class Extracted(TypedDict):
    """seconds: it took. trackedRows, trackedSkipped: only where tracked events are read."""

    dataset: str
    key: str
    location: str
    rows: int
    users: int | None
    items: int | None
    newestTimestamp: int | None
    contentHash: str
    seconds: float
    trackedRows: NotRequired[int]
    trackedSkipped: NotRequired[int]


def extract_dataset(extract: Extract, bucket: Bucket, *, clock: Callable[[], float] = time.time) -> Extracted:
    """Writes the CSV, then its manifest, and answers what the manifest says, with key and location.

    Raises: DatabaseUnavailable, QueryFailed, FileMissing, of the source; StorageFailed, DatasetRejected,
    EventsUnfinished; none leaves a dataset.
    """
    started = clock()
    tracked = _tracked_rows(extract, bucket)
    if tracked:
        tracked.join(started, lambda: clock() - started < extract.seconds / 2)
    checker = DatasetChecker(extract.schema, now=started)
    content = hashlib.sha256()
    with MultipartUpload(bucket, extract.key) as upload:

        def consume(chunks: list[bytearray]) -> None:
            checker.feed(*chunks)
            for chunk in chunks:
                content.update(chunk)
            upload.write(*chunks)

        events = tracked.blocks(started, lambda: clock() - started < extract.seconds) if tracked else ()
        left = extract.seconds - (clock() - started)
        asyncio.run(_pump(extract, events, consume, seconds=left))
        figures = checker.finish()
        upload.complete()
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
    if tracked:
        result["trackedRows"], result["trackedSkipped"] = tracked.rows, tracked.skipped
    bucket.write_json(
        keys.manifest(extract.use_case, extract.run, extract.schema.dataset), _manifest(extract, result)
    )
    return result


def _tracked_rows(extract: Extract, bucket: Bucket) -> TrackedRows | None:
    if extract.tracked is None:
        return None
    return TrackedRows(bucket, extract.use_case, extract.tracked, extract.schema.names)


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


async def _pump(
    extract: Extract,
    events: Iterable[bytes],
    consume: Callable[[list[bytearray]], None],
    *,
    seconds: float,
) -> None:
    """Reads one block ahead while a thread checks, hashes and uploads the previous one; events come last."""
    loop = asyncio.get_running_loop()
    chunks: list[bytearray] = []
    waiting = 0
    busy: asyncio.Future[None] | None = None

    async def hand_over() -> None:
        nonlocal chunks, waiting, busy
        if busy is not None:
            await busy
        busy = loop.run_in_executor(thread, consume, chunks)
        chunks, waiting = [], 0

    async def sink(chunk: bytearray) -> None:
        nonlocal waiting
        chunks.append(chunk)
        waiting += len(chunk)
        if waiting >= BLOCK_BYTES:
            await hand_over()

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="check") as thread:
        try:
            await extract.source.stream(extract.schema, sink, seconds=seconds)
            for block in events:
                await sink(bytearray(block))
            await hand_over()
        finally:
            if busy is not None:
                await busy
