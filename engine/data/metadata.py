"""What is known about items or users besides what they did: typed columns, one row per id."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from engine.ground.arrays import Floats, Ids
from engine.ground.errors import DataError
from engine.ground.histories import Histories, offsets_of
from engine.ground.vocabulary import factorise, lookup

SEPARATOR = "|"
LETTERS = 40


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

    values: Floats

    def take(self, rows: np.ndarray[tuple[int], np.dtype[np.int32]]) -> "Numbers":
        known = np.where(rows >= 0, self.values[np.maximum(rows, 0)], np.nan)
        return Numbers(known.astype(np.float32))


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


def categories(cells: Sequence[str] | Ids) -> Categories:
    """Cells such as "Comedy|Drama"; an empty cell has no value."""
    rows = _split(np.char.split(np.asarray(cells, np.str_), SEPARATOR).tolist())
    return Categories(*rows)


def words(cells: Sequence[str] | Ids) -> Words:
    """Free text, by lower-case words of letters and digits, each cut to its first LETTERS letters."""
    plain = ["".join(c if c.isalnum() else " " for c in str(cell).lower()).split() for cell in cells]
    return Words(*_split([[word[:LETTERS] for word in row] for row in plain]))


def numbers(cells: Sequence[str] | Ids) -> Numbers:
    """The cells as float64; an empty one is NaN. Raises: DataError, for a cell that is no number."""
    array = np.asarray(cells, np.str_)
    try:
        return Numbers(np.where(array == "", "nan", array).astype(np.float32))
    except ValueError as problem:
        raise DataError(f"not a number: {problem}") from None


def _split(rows: list[list[str]]) -> tuple[Ids, Histories]:
    flat = np.asarray(list(chain.from_iterable(rows)) or np.empty(0, np.str_), np.str_)
    lengths = np.fromiter((len(row) for row in rows), np.int64, len(rows))
    owners = np.repeat(np.arange(len(rows)), lengths)[flat != ""]
    values, codes = factorise(flat[flat != ""])
    keys, counts = np.unique(owners * max(len(values), 1) + codes, return_counts=True)
    owners, codes = keys // max(len(values), 1), (keys % max(len(values), 1)).astype(np.int32)
    offsets = offsets_of(np.bincount(owners, minlength=len(rows)))
    return values, Histories(offsets, codes, counts.astype(np.float32))
