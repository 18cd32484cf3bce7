"""How many bytes of requests may be in memory at once: others wait until some have been answered."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

SMALL = 65_536
"""bytes that uvicorn holds of every connection before anybody asks for them"""


class BodyRoom:
    """Of one process, for requests of more than SMALL bytes."""

    def __init__(self, most_bytes: int) -> None:
        self._free = most_bytes
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def room(self, size: int) -> AsyncIterator[None]:
        async with self._changed:
            await self._changed.wait_for(lambda: self._free >= size)
            self._free -= size
        try:
            yield
        finally:
            self._free += size
            async with self._changed:
                self._changed.notify_all()


def said_size(headers: Mapping[str, str], most_bytes: int) -> int:
    """What a body may come to by its head: of one in chunks nobody knows. Never more than `most_bytes`."""
    if "transfer-encoding" in headers:
        return most_bytes
    return min(int(headers.get("content-length", 0)), most_bytes)
