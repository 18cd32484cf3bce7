"""The metadata of items or users as serving needs it: a cell a row, in files mapped into memory."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ground.arrays import Codes, Mask, Offsets
from personalize_server.data.attribute_table import AttributeTable
from personalize_server.data.numbers import spelled

SEPARATOR = "|"
_CONTENTS = "columns.json"


@dataclass(frozen=True)
class Numbers:
    """Whole ones are int64, MISSING_LONG where there is none; others are float64, NaN where there is none."""

    values: NDArray[np.int64] | NDArray[np.float64]

    def text(self, row: int) -> str:
        return spelled(self.values.item(row))


@dataclass(frozen=True)
class Words:
    """Row r's cell is `words[codes[r]]`; -1: it has none."""

    codes: Codes
    words: tuple[str, ...]

    def text(self, row: int) -> str:
        code = int(self.codes[row])
        return self.words[code] if code >= 0 else ""

    @cached_property
    def parts(self) -> tuple[frozenset[str], ...]:
        """What each cell may be called: itself, and its values where it has several."""
        return tuple(frozenset((word, *word.split(SEPARATOR))) for word in self.words)


@dataclass(frozen=True)
class Texts:
    """Row r's cell is the UTF-8 in `data[ends[r - 1]:ends[r]]`."""

    ends: Offsets
    data: NDArray[np.uint8]

    def text(self, row: int) -> str:
        start = int(self.ends[row - 1]) if row else 0
        return self.data[start : int(self.ends[row])].tobytes().decode()


Plain = Numbers | Words | Texts


@dataclass(frozen=True)
class Patched:
    """A column some of whose cells are other ones now, and which has more rows than it had."""

    base: Plain | None
    """None: all its cells are newer"""
    newer: Plain
    places: Mapping[int, int]
    """of rows that have a cell in `newer`: which one"""
    length: int
    """of the base"""

    def at(self, row: int) -> tuple[Plain, int] | None:
        """The plain column that has the row's cell, and where; None: there is none."""
        place = self.places.get(row)
        if place is not None:
            return self.newer, place
        return (self.base, row) if self.base is not None and row < self.length else None

    def text(self, row: int) -> str:
        found = self.at(row)
        return "" if found is None else found[0].text(found[1])


Column = Plain | Patched


def is_number(column: Column) -> bool:
    return isinstance(column.newer if isinstance(column, Patched) else column, Numbers)


@dataclass(frozen=True)
class Attributes:
    columns: Mapping[str, Column]

    @cached_property
    def _by_plain_name(self) -> Mapping[str, Column]:
        return {name.upper(): column for name, column in self.columns.items()}

    def find(self, field: str) -> Column | None:
        """Whatever its case."""
        return self._by_plain_name.get(field.upper())

    @classmethod
    def load(cls, folder: Path) -> "Attributes":
        contents = json.loads((folder / _CONTENTS).read_text())
        return cls({name: _load(folder, entry) for name, entry in contents.items()})


def in_memory(table: AttributeTable) -> Attributes:
    return Attributes({name: _column(table, name) for name in _names(table)})


def store(table: AttributeTable, folder: Path) -> None:
    """`table` as files that Attributes.load reads."""
    folder.mkdir(parents=True)
    contents = {}
    for number, name in enumerate(_names(table)):
        contents[name] = {"kind": _kind(table, name), "file": str(number)}
        match _column(table, name):
            case Numbers(values):
                np.save(folder / f"{number}.npy", values)
            case Words(codes, words):
                np.save(folder / f"{number}.npy", codes)
                (folder / f"{number}.json").write_text(json.dumps(words))
            case Texts(ends, data):
                np.save(folder / f"{number}.npy", ends)
                np.save(folder / f"{number}.text.npy", data)
    (folder / _CONTENTS).write_text(json.dumps(contents))


def _names(table: AttributeTable) -> Sequence[str]:
    return list(dict.fromkeys(name for part in table.parts for name in part.columns))


def _kind(table: AttributeTable, name: str) -> str:
    return str(next(part.columns[name] for part in reversed(table.parts) if name in part.columns))


def _column(table: AttributeTable, name: str) -> Plain:
    match _kind(table, name):
        case "coded":
            return _words(table, name)
        case "text":
            cells = [cell.encode() for cell in table.cells(name, range(len(table.ids)))]
            ends = np.cumsum([len(cell) for cell in cells], dtype=np.int64)
            return Texts(ends, np.frombuffer(b"".join(cells), np.uint8))
        case kind:
            return Numbers(table.longs(name) if kind == "long" else table.numbers(name))


def _words(table: AttributeTable, name: str) -> Words:
    known: dict[str, int] = {}
    codes = np.full(len(table.ids), -1, np.int32)
    for part, places in zip(table.parts, table.places, strict=True):
        storage, rows = part.columns.get(name), places >= 0
        if storage == "coded":
            own = [known.setdefault(word, len(known)) for word in part.vocabulary(name)]
            translated = np.array([*own, -1], np.int32)
            codes[rows] = translated[np.asarray(part.numbers(name), np.int64)[places[rows]]]
        elif storage == "text":  # by a schema of before
            texts = part.texts(name)
            own = [known.setdefault(texts[at], len(known)) if texts[at] else -1 for at in places[rows]]
            codes[rows] = own
    return Words(codes, tuple(known))


def _load(folder: Path, entry: Mapping[str, str]) -> Plain:
    file, kind = entry["file"], entry["kind"]
    values = mapped(folder / f"{file}.npy")
    match kind:
        case "coded":
            return Words(values, tuple(json.loads((folder / f"{file}.json").read_text())))
        case "text":
            return Texts(values, mapped(folder / f"{file}.text.npy"))
        case _:
            return Numbers(values)


def mapped(path: Path) -> Any:
    """The array of a file, its pages shared by all processes that read them."""
    try:
        return np.load(path, mmap_mode="r").view(np.ndarray)  # the subclass is slow to index
    except ValueError:  # an empty file cannot be mapped
        return np.load(path)


def matching(words: Words, wanted: Sequence[str]) -> Mask:
    """The rows whose cell is one of these, or has one of these among its values."""
    chosen = frozenset(wanted)
    verdicts = np.array([*(not chosen.isdisjoint(part) for part in words.parts), False])
    found: Mask = verdicts[words.codes]
    return found
