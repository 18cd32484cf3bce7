"""Ids of a use case's datasets: who gets a list, and whether the datasets speak of the same ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from pipeline.extract.blocks import Block
from pipeline.extract.numbers import integers
from pipeline.extract.schema import DatasetSchema
from pipeline.extract.words import Words, hashes

_NONE: Words = np.empty(0, np.uint64)
_SHOWN = 3


@dataclass
class Ids:
    """Different ids of a column, as hashes with their lengths, and a few of them as they are."""

    parts: list[Words] = field(default_factory=list)
    lengths: list[Words] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)

    def add(self, hashes: Words, lengths: Words) -> None:
        """lengths: in bytes of UTF-8; what has none is no id."""
        found, first = np.unique(hashes[lengths > 0], return_index=True)
        self.parts.append(found)
        self.lengths.append(lengths[lengths > 0][first].astype(np.uint64))

    @property
    def all(self) -> Words:
        return self._merged()[0]

    @property
    def sizes(self) -> Words:
        """In bytes, of each of them."""
        return self._merged()[1]

    def _merged(self) -> tuple[Words, Words]:
        found, first = np.unique(np.concatenate((_NONE, *self.parts)), return_index=True)
        lengths: Words = np.concatenate((_NONE, *self.lengths))[first]
        self.parts, self.lengths = [found], [lengths]
        return found, lengths


@dataclass
class Collected:
    """Ids by dataset and column; active: users of the interactions since a moment (epoch seconds), if one is
    asked for. filled: columns, by dataset, that have a value in some row.
    """

    since: float | None = None
    ids: dict[tuple[str, str], Ids] = field(default_factory=dict)
    active: Ids = field(default_factory=Ids)
    filled: set[tuple[str, str]] = field(default_factory=set)

    def reader(self, schema: DatasetSchema) -> Callable[[Block], None]:
        """What a checker of the dataset gives its blocks to."""
        return lambda block: self._read(schema, block)

    def of(self, dataset: str, column: str) -> Ids:
        return self.ids.setdefault((dataset, column), Ids())

    def sizes(self, column: str) -> Words:
        """In bytes, of the ids of all datasets; those of several come several times."""
        return np.concatenate((_NONE, *(ids.sizes for (_, name), ids in self.ids.items() if name == column)))

    def strangers(self, dataset: str, column: str) -> tuple[int, int]:
        """How many ids of the interactions the dataset does not have, and how many there are."""
        there, known = self.of("interactions", column).all, self.of(dataset, column).all
        return int(np.count_nonzero(~np.isin(there, known))), int(there.size)

    def audience(self, *, of_items: bool) -> int:
        """How many get a list: items; or people, all of the interactions and the users, or the active."""
        if of_items:
            return int(self.of("items", "ITEM_ID").all.size)
        if self.since is not None:
            return int(self.active.all.size)
        people = (self.of(name, "USER_ID").all for name in ("interactions", "users"))
        return int(np.unique(np.concatenate((_NONE, *people))).size)

    def _read(self, schema: DatasetSchema, block: Block) -> None:
        for index, column in enumerate(schema.columns):
            lengths = block.ends[index] - block.starts[index]
            if np.any(lengths > 0):
                self.filled.add((schema.dataset, column.name))
            if not column.is_id or not block.rows:
                continue
            found = hashes(block.words, block.starts[index], lengths)
            ids = self.of(schema.dataset, column.name)
            ids.add(found, lengths)
            if not ids.shown:
                ids.shown = [block.value(index, row) for row in range(min(_SHOWN, block.rows))]
            if self.since is not None and (schema.dataset, column.name) == ("interactions", "USER_ID"):
                active = self._is_active(schema, block)
                self.active.add(found[active], lengths[active])

    def _is_active(self, schema: DatasetSchema, block: Block) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        assert self.since is not None
        times, good = integers(block, schema.names.index("TIMESTAMP"), np.ones(block.rows, bool), "long")
        active: np.ndarray[tuple[int], np.dtype[np.bool_]] = good & (times >= self.since)
        return active
