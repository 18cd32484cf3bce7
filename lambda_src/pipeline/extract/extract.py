"""Streams a query's result to S3 as a dataset that Personalize will accept, or refuses it whole."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from pipeline import keys
from pipeline.extract.checker import DatasetChecker, Figures
from pipeline.extract.database import Database, copy_csv
from pipeline.extract.schema import DatasetSchema
from pipeline.extract.upload import MultipartUpload
from pipeline.storage import Bucket

BLOCK_BYTES = 512 << 10


@dataclass(frozen=True, kw_only=True)
class Extract:
    """What to extract: the query and the dataset that it has to make."""

    use_case: str
    run: str
    schema: DatasetSchema
    query: str
    seconds: float = 840
    """The longest that the query may run."""

    @property
    def key(self) -> str:
        return keys.dataset(self.use_case, self.run, self.schema.dataset)


def extract_dataset(
    extract: Extract, database: Database, bucket: Bucket, *, clock: Callable[[], float] = time.time
) -> dict[str, Any]:
    """Writes the CSV, then its manifest, and answers what the manifest says, with key and location.

    Errors: DatabaseUnavailable, QueryFailed, StorageFailed, DatasetRejected; none leaves an object.
    """
    started = clock()
    checker = DatasetChecker(extract.schema, now=started)
    content = hashlib.sha256()
    with MultipartUpload(bucket, extract.key) as upload:

        def consume(chunks: list[bytearray]) -> None:
            checker.feed(*chunks)
            for chunk in chunks:
                content.update(chunk)
            upload.write(*chunks)

        asyncio.run(_pump(extract, database, consume))
        figures = checker.finish()
        upload.complete()
    seconds = round(clock() - started, 3)
    manifest = _manifest(extract, figures, content.hexdigest(), seconds)
    bucket.write_json(keys.manifest(extract.use_case, extract.run, extract.schema.dataset), manifest)
    return {
        "dataset": extract.schema.dataset,
        "key": extract.key,
        "location": bucket.url(extract.key),
        **{k: manifest[k] for k in ("rows", "users", "items", "newestTimestamp", "contentHash", "seconds")},
    }


def _manifest(extract: Extract, figures: Figures, content_hash: str, seconds: float) -> dict[str, Any]:
    return {
        "useCase": extract.use_case,
        "run": extract.run,
        "dataset": extract.schema.dataset,
        "rows": figures.rows,
        "users": figures.users,
        "items": figures.items,
        "newestTimestamp": figures.newest_timestamp,
        "contentHash": content_hash,
        "seconds": seconds,
        "columns": extract.schema.names,
        "query": extract.query,
    }


async def _pump(extract: Extract, database: Database, consume: Callable[[list[bytearray]], None]) -> None:
    """Reads one block ahead while a thread checks, hashes and uploads the previous one."""
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
            await copy_csv(
                database,
                extract.query,
                quoted_columns=extract.schema.free_text,
                sink=sink,
                seconds=extract.seconds,
            )
            await hand_over()
        finally:
            if busy is not None:
                await busy
