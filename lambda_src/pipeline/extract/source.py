"""Where a dataset comes from: something that streams CSV with a header."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from pipeline.extract.schema import DatasetSchema

Sink = Callable[[bytearray], Awaitable[None]]


class Source(Protocol):
    """A query of a database, or a file that somebody has put into the data bucket."""

    @property
    def described(self) -> dict[str, str]:
        """What the manifest says of it."""

    async def stream(self, schema: DatasetSchema, sink: Sink, *, seconds: float) -> None:
        """All of it into the sink, in pieces of any size, the last row with its line break; at most
        `seconds` long.
        """
