"""The metadata of items or users, from its parts on disk; of repeated ids the last row counts."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ground.arrays import Ids, Mask
from personalize_server.data.columns import Part
from personalize_server.data.numbers import MISSING_LONG, floats


@dataclass(frozen=True)
class AttributeTable:
    """Row r describes `ids[r]`, the caller's ids; an id without metadata has empty cells."""

    ids: Ids
    parts: tuple[Part, ...]
    places: tuple[NDArray[np.int64], ...]
    """per part the row of each id, -1 where the part does not have it"""

    @classmethod
    def read(cls, folders: Sequence[Path], id_column: str, ids: Ids) -> "AttributeTable":
        parts = tuple(Part(folder).pinned() for folder in folders)
        places = [_places(part, id_column, ids) for part in parts]
        for older, newer in combinations(places, 2):
            older[newer >= 0] = -1
        return cls(ids, parts, tuple(places))

    def numbers(self, column: str) -> NDArray[np.float64]:
        """NaN where there is none."""
        found = np.full(len(self.ids), np.nan)
        for values, places in self._of(column):
            found[places >= 0] = floats(values)[places[places >= 0]]
        return found

    def longs(self, column: str) -> NDArray[np.int64]:
        """Of a column of whole numbers; MISSING_LONG where there is none."""
        found = np.full(len(self.ids), MISSING_LONG, np.int64)
        for values, places in self._of(column):
            found[places >= 0] = values[places[places >= 0]]
        return found

    def matches(self, column: str, good: Callable[[str], bool]) -> Mask:
        """Rows whose string is good; each distinct string is asked about once, an absent one never."""
        found = np.zeros(len(self.ids), np.bool_)
        for part, places in zip(self.parts, self.places, strict=True):
            if part.columns.get(column) == "coded":
                verdicts = np.array([*map(good, part.vocabulary(column)), False])
                codes = np.asarray(part.numbers(column), np.int64)
                found[places >= 0] = verdicts[codes[places[places >= 0]]]
        return found

    def _of(self, column: str) -> Iterator[tuple[NDArray[Any], NDArray[np.int64]]]:
        for part, places in zip(self.parts, self.places, strict=True):
            if column in part.columns:
                yield np.asarray(part.numbers(column)), places

    def is_number(self, column: str) -> bool:
        return any(part.columns.get(column) in ("long", "double") for part in self.parts)

    def cells(self, column: str, rows: Iterable[int]) -> list[str]:
        """The strings of some rows, empty where there is none."""
        found = []
        texts: dict[int, list[str]] = {}
        for row in rows:
            cell = ""
            for at, (part, places) in enumerate(zip(self.parts, self.places, strict=True)):
                if places[row] >= 0 and column in part.columns:
                    if at not in texts:
                        texts[at] = part.texts(column)
                    cell = texts[at][places[row]]
            found.append(cell)
        return found


def _places(part: Part, id_column: str, ids: Ids) -> NDArray[np.int64]:
    codes = np.asarray(part.numbers(id_column), np.int64)
    last = np.full(len(part.vocabulary(id_column)) + 1, -1, np.int64)
    last[codes] = np.arange(len(codes))
    vocabulary = {word: code for code, word in enumerate(part.vocabulary(id_column))}
    wanted = np.fromiter((vocabulary.get(str(name), -1) for name in ids.tolist()), np.int64, len(ids))
    return np.where(wanted >= 0, last[wanted], -1)
