"""A source's CSV, read one block ahead of whoever consumes it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from pipeline.extract.schema import DatasetSchema
from pipeline.extract.source import Source

BLOCK_BYTES = 512 << 10


async def pump(
    source: Source,
    schema: DatasetSchema,
    consume: Callable[[list[bytearray]], None],
    *,
    seconds: float,
    events: Iterable[bytes] = (),
) -> None:
    """All of the source, then of the events, in blocks that a thread consumes while the next one is read.

    Raises: what the source raises, if it does not end in so many seconds too; what `consume` raises.
    """
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
            await source.stream(schema, sink, seconds=seconds)
            for block in events:
                await sink(bytearray(block))
            await hand_over()
        finally:
            if busy is not None:
                await busy
