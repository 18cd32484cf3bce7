"""Rows that repeat an id, with their values: a source is read again for them, since nobody keeps its rows."""

from __future__ import annotations

import asyncio

import numpy as np

from pipeline.errors import PipelineError
from pipeline.extract.blocks import Block, Splitter
from pipeline.extract.findings import KEPT, Offence, shortened
from pipeline.extract.pump import pump
from pipeline.extract.schema import DatasetSchema
from pipeline.extract.source import Source
from pipeline.extract.words import Words, hashes


def repeated_rows(source: Source, schema: DatasetSchema, ids: Words, *, seconds: float) -> list[Offence]:
    """The first rows that repeat one of these ids (hashes) of the schema's key column, as they lie now; none,
    if the source cannot be read again in so many seconds.
    """
    search = _Search(schema, ids)
    try:
        asyncio.run(pump(source, schema, search.consume, seconds=seconds))
    except _Enough:
        pass
    except PipelineError:
        return []
    return search.found


class _Enough(Exception):
    """As many rows are found as are kept."""


class _Search:
    def __init__(self, schema: DatasetSchema, ids: Words) -> None:
        assert schema.key_column
        self._schema, self._ids = schema, ids
        self._column = schema.names.index(schema.key_column)
        self._splitter = Splitter(len(schema.columns), first_line=1)
        self._lines: dict[str, int] = {}
        self.found: list[Offence] = []

    def consume(self, chunks: list[bytearray]) -> None:
        block = self._splitter.split(*chunks)
        if block is None:
            return
        starts, ends = block.starts[self._column], block.ends[self._column]
        wanted = np.isin(hashes(block.words, starts, ends - starts), self._ids)
        for row in np.flatnonzero(wanted):
            self._look(block, int(row))

    def _look(self, block: Block, row: int) -> None:
        values = {name: block.value(column, row) for column, name in enumerate(self._schema.names)}
        value, line = values[self._schema.names[self._column]], block.line(row)
        first = self._lines.setdefault(value, line)
        if first == line or not value:
            return
        self.found.append(Offence(line, f"{shortened(value)} repeats line {first:,}", value, values))
        if len(self.found) >= KEPT:
            raise _Enough
