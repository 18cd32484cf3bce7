"""A dataset without the rows of people who have opted out of being personalised."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.extract.blocks import Block, Splitter, unquoted
from pipeline.extract.pump import BLOCK_BYTES
from pipeline.extract.schema import DatasetSchema
from pipeline.extract.source import Sink, Source
from pipeline.extract.words import PADDING

_USER = "USER_ID"


@dataclass
class Without:
    """A source; what is no row of the schema passes, for others to refuse. rows: left out when it was read
    last.
    """

    source: Source
    users: frozenset[str]
    rows: int = 0

    @property
    def described(self) -> dict[str, str]:
        return {**self.source.described, "optedOutRows": str(self.rows)}

    async def stream(self, schema: DatasetSchema, sink: Sink, *, seconds: float) -> None:
        """Raises: what the source and the sink raise."""
        self.rows = 0
        if _USER not in schema.names:
            await self.source.stream(schema, sink, seconds=seconds)
            return
        reading = _Reading(schema, frozenset(user.encode() for user in self.users))
        waiting: list[bytearray] = []

        async def hand_over() -> None:
            kept = bytearray().join(reading.kept(waiting))
            waiting.clear()
            if kept:
                await sink(kept)

        async def take(chunk: bytearray) -> None:
            waiting.append(chunk)
            if sum(map(len, waiting)) >= BLOCK_BYTES:
                await hand_over()

        await self.source.stream(schema, take, seconds=seconds)
        await hand_over()
        self.rows = reading.left_out
        if rest := reading.rest:
            await sink(bytearray(rest))


class _Reading:
    """users: ids as UTF-8."""

    def __init__(self, schema: DatasetSchema, users: frozenset[bytes]) -> None:
        self._column = schema.names.index(_USER)
        self._users = users
        self._splitter = Splitter(len(schema.columns), first_line=1)
        self._in_header = True
        self.left_out = 0

    @property
    def rest(self) -> bytes:
        """What came after the last whole row."""
        return self._splitter.rest

    def kept(self, chunks: list[bytearray]) -> Iterator[bytes]:
        block = self._splitter.split(*chunks)
        if block is None:
            return
        text, place = block.text, PADDING
        for row in self._theirs(block):
            yield text[place : int(block.row_starts[row])]
            place = int(block.ends[-1, row]) + 1
            self.left_out += 1
        yield text[place : len(text) - PADDING - len(self._splitter.rest)]

    def _theirs(self, block: Block) -> list[int]:
        """Rows of these users; the header is nobody's, whatever somebody's id is."""
        starts, ends = block.starts[self._column].tolist(), block.ends[self._column].tolist()
        first = int(self._in_header and block.rows > 0 and int(block.row_starts[0]) == PADDING)
        self._in_header = False
        values = (block.text[start:end] for start, end in zip(starts[first:], ends[first:], strict=True))
        return [row for row, value in enumerate(values, start=first) if unquoted(value) in self._users]
