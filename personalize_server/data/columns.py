"""A dataset part on disk: a folder with a file per column, written as it streams in, read by memory map.

Numbers are raw arrays. Strings that repeat are int32 codes into a vocabulary, a string a line; long texts
are UTF-8 bytes with the offset of each end. An absent number is NaN (or the lowest int64), an absent string
has code -1 or no bytes.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from personalize_server.disk.checksums import PART, seal, sealed
from personalize_server.disk.syncing import sync_file, write_synced

Storage = Literal["long", "double", "coded", "text"]
_DTYPES: Mapping[Storage, str] = {"long": "<i8", "double": "<f8", "coded": "<i4", "text": "<i8"}
_REMEDY = "Restore it from a backup, or import the dataset again."
_UNWRITABLE = re.compile("[\\n\ud800-\udfff]")


@dataclass(frozen=True)
class Column:
    name: str
    storage: Storage


class _Codes(dict[str, int]):
    """Codes in order of appearance; the empty string is absent and has -1.

    What a line cannot spell has the code of how it is written; records of before it was refused may have it.
    """

    def __init__(self) -> None:
        super().__init__({"": -1})
        self.words: list[str] = []

    def __missing__(self, value: str) -> int:
        written = _UNWRITABLE.sub("\ufffd", value)
        if written == value:
            self.words.append(value)
            code = self[value] = len(self.words) - 1
        else:
            code = self[value] = self[written]
        return code


class PartWriter:
    """Appends blocks of columns to a new folder; nothing counts before `close`."""

    def __init__(self, folder: Path, columns: Sequence[Column]) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        self._columns = columns
        self._rows = 0
        self._files: dict[str, BinaryIO] = {
            column.name: (folder / f"{column.name}.bin").open("wb") for column in columns
        }
        self._texts: dict[str, BinaryIO] = {
            column.name: (folder / f"{column.name}.txt").open("wb")
            for column in columns
            if column.storage == "text"
        }
        self._codes = {column.name: _Codes() for column in columns if column.storage == "coded"}

    @property
    def rows(self) -> int:
        return self._rows

    def distinct(self, column: str) -> int:
        return len(self._codes[column].words)

    def append(self, values: Mapping[str, Sequence[str] | NDArray[np.generic]], rows: int) -> None:
        """Cells of string columns as they are, number columns as arrays."""
        for column in self._columns:
            cells = values[column.name]
            if column.storage == "coded":
                codes = self._codes[column.name]
                cells = np.fromiter(map(codes.__getitem__, cells), np.int32, rows)
            elif column.storage == "text":
                encoded = [str(cell).encode(errors="replace") for cell in cells]
                start = self._texts[column.name].tell()
                self._texts[column.name].write(b"".join(encoded).replace(b"\n", b" "))
                cells = start + np.cumsum([len(cell) for cell in encoded])
            np.asarray(cells).astype(_DTYPES[column.storage], copy=False).tofile(self._files[column.name])
        self._rows += rows

    def abandon(self) -> None:
        """Instead of `close`: what has been written does not count."""
        for file in (*self._files.values(), *self._texts.values()):
            file.close()

    def close(self) -> None:
        """Everything on disk, the manifest last."""
        for file in (*self._files.values(), *self._texts.values()):
            sync_file(file)
            file.close()
        for name, codes in self._codes.items():
            write_synced(self._folder / f"{name}.values", "\n".join(codes.words).encode())
        distinct = {name: len(codes.words) for name, codes in self._codes.items()}
        columns = [{**asdict(column), "distinct": distinct.get(column.name)} for column in self._columns]
        seal(self._folder, PART, {"rows": self._rows, "columns": columns})


class Part:
    """Reads what a PartWriter wrote. Raises: Damaged, if it is not there as it was written."""

    def __init__(self, folder: Path) -> None:
        manifest = sealed(folder, PART, remedy=_REMEDY)
        self._folder = folder
        self.rows: int = manifest["rows"]
        self.columns = {entry["name"]: entry["storage"] for entry in manifest["columns"]}
        self._pinned: dict[str, NDArray[np.generic]] = {}
        self._words: dict[str, list[str]] = {}
        self._distinct = {entry["name"]: entry["distinct"] for entry in manifest["columns"]}

    def pinned(self) -> "Part":
        """With all but long texts in memory, so that its folder may go."""
        for name, storage in self.columns.items():
            if storage != "text":
                self._pinned[name] = np.array(self.numbers(name))
            if storage == "coded":
                self._words[name] = self.vocabulary(name)
        return self

    def numbers(self, column: str) -> NDArray[np.generic]:
        """The column's numbers, or its codes."""
        if column in self._pinned:
            return self._pinned[column]
        if not self.rows:
            return np.empty(0, _DTYPES[self.columns[column]])
        return np.memmap(self._folder / f"{column}.bin", _DTYPES[self.columns[column]], mode="r")

    def vocabulary(self, column: str) -> list[str]:
        if column in self._words:
            return self._words[column]
        if not self._distinct[column]:
            return []
        return (self._folder / f"{column}.values").read_bytes().decode().split("\n")

    def texts(self, column: str) -> list[str]:
        """A row's cell each, whatever the column's storage."""
        if self.columns[column] == "coded":
            words = [*self.vocabulary(column), ""]
            return [words[code] for code in self.numbers(column).tolist()]
        ends = self.numbers(column).tolist()
        data = (self._folder / f"{column}.txt").read_bytes()
        return [data[start:end].decode() for start, end in zip([0, *ends], ends, strict=False)]

    def texts_between(self, column: str, start: int, stop: int) -> list[str]:
        """As `texts`, of some rows of a column of long texts, without reading the others."""
        ends = self.numbers(column)[start:stop].tolist()
        first = int(self.numbers(column)[start - 1]) if start else 0
        with (self._folder / f"{column}.txt").open("rb") as file:
            file.seek(first)
            data = file.read(ends[-1] - first) if ends else b""
        return [
            data[begin - first : end - first].decode()
            for begin, end in zip([first, *ends], ends, strict=False)
        ]


def written_at(folder: Path) -> float:
    """When the part was complete, epoch seconds."""
    return (folder / PART).stat().st_mtime
