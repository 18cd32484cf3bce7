"""What is known about items or users besides what they did: typed columns, one row per id."""

import re
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.cells import Cells, Coder
from engine.data.findings import shortened
from engine.data.numerals import number_of, numbers_of
from engine.ground.arrays import Ids
from engine.ground.errors import DataError
from engine.ground.histories import Histories, offsets_of
from engine.ground.vocabulary import factorise, lookup

SEPARATOR = "|"
LETTERS = 40
LONGEST_VALUE = 128
"""characters of a category; of a longer one the beginning and a digest stand for it"""
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Categories:
    """Per row any number of values; `values[codes.items[...]]` are those of a row."""

    values: Ids
    codes: Histories

    def take(self, rows: np.ndarray[tuple[int], np.dtype[np.int32]]) -> "Categories":
        return Categories(self.values, self.codes.take(rows))


@dataclass(frozen=True)
class Numbers:
    """Per row a number, NaN where it is not known."""

    values: NDArray[np.floating[Any]]

    def take(self, rows: np.ndarray[tuple[int], np.dtype[np.int32]]) -> "Numbers":
        return Numbers(np.where(rows >= 0, self.values[np.maximum(rows, 0)], np.nan))


@dataclass(frozen=True)
class Words:
    """Per row the words of a text, with how often each occurs."""

    values: Ids
    codes: Histories

    def take(self, rows: np.ndarray[tuple[int], np.dtype[np.int32]]) -> "Words":
        return Words(self.values, self.codes.take(rows))


Column = Categories | Numbers | Words


@dataclass(frozen=True)
class Metadata:
    """Sorted distinct ids, and columns with a row for each."""

    ids: Ids
    columns: Mapping[str, Column]

    @classmethod
    def of(cls, ids: Sequence[str] | Ids, columns: Mapping[str, Column]) -> "Metadata":
        """A row per id, in the order of the ids. Raises: DataError, for an empty id or one with two rows."""
        distinct, codes = factorise(ids)
        if len(distinct) and distinct[0] == "":
            raise DataError("a row of metadata has no id")
        if len(distinct) != len(codes):
            repeated = distinct[np.bincount(codes) > 1][0]
            raise DataError(f"the id {str(repeated)!r} has more than one row of metadata")
        order = np.argsort(codes).astype(np.int32)
        return cls(distinct, {name: column.take(order) for name, column in columns.items()})

    def aligned(self, ids: Ids) -> "Metadata":
        """The rows of these ids in this order, empty where nothing is known; no columns where nothing is."""
        if not len(self.ids):
            return Metadata(ids, {})
        rows = lookup(self.ids, ids)
        return Metadata(ids, {name: column.take(rows) for name, column in self.columns.items()})


def categories(cells: Sequence[str] | Ids | Cells) -> Categories:
    """Cells such as "Comedy|Drama"; an empty cell has no value."""
    rows = Cells.of(cells)
    return Categories(
        *_coded(rows, ([_named(part) for part in cell.split(SEPARATOR)] for cell in rows.values))
    )


def words(cells: Sequence[str] | Ids | Cells) -> Words:
    """Free text, by lower-case words of letters and digits, each cut to its first LETTERS letters."""
    rows = Cells.of(cells)
    values = ([word[:LETTERS] for word in _WORD.findall(cell.lower())] for cell in rows.values)
    return Words(*_coded(rows, values))


def numbers(cells: Sequence[str] | Ids | Cells) -> Numbers:
    """The cells as float64; an empty one is NaN. Raises: DataError, for a cell that is no number."""
    rows = Cells.of(cells)
    found = numbers_of(rows.values)
    if found is None:
        wrong = next(cell for cell in rows.values if number_of(cell) is None)
        raise DataError(f"not a number: {shortened(wrong)}")
    return Numbers(found[rows.codes])


def _coded(cells: Cells, parts: Iterable[Sequence[str]]) -> tuple[Ids, Histories]:
    """The sorted values, and per row which it has, how often; parts: of each distinct cell, "" is none."""
    coder, flat = Coder(), array("i")
    lengths = []
    for row in parts:
        codes = [coder[part] for part in row if part]
        flat.extend(codes)
        lengths.append(len(codes))
    values, places = coder.sorted()
    width = max(len(values), 1)
    owners = np.repeat(np.arange(len(lengths)), lengths)
    keys, counts = np.unique(owners * width + places[np.array(flat, np.int32)], return_counts=True)
    owners, items = keys // width, (keys % width).astype(np.int32)
    offsets = offsets_of(np.bincount(owners, minlength=len(lengths)))
    return values, Histories(offsets, items, counts.astype(np.float32)).take(cells.codes)


def _named(value: str) -> str:
    """The value; a long one by its beginning and a digest, so that one does not make all values as long."""
    if len(value) <= LONGEST_VALUE:
        return value
    digest = blake2b(value.encode(errors="surrogatepass"), digest_size=16).hexdigest()
    return f"{value[: LONGEST_VALUE - len(digest)]}{digest}"
