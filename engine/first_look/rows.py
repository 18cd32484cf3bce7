"""The rows of a CSV, Parquet or Arrow file, whatever separates its columns."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from engine.data import arrow
from engine.ground.errors import DataError

_SEPARATORS = ",;\t|"
_BATCH = 50_000
_BEGINNING = 1 << 16


class Rows(Protocol):
    """header: the names of its columns. about: how many rows it has, as far as that can be told before."""

    header: list[str]
    about: int

    def __iter__(self) -> Iterator[tuple[str, list[Any]]]:
        """Where each row is, and its cells; blank lines are passed over. Raises: DataError."""


def rows_of(path: Path) -> Rows:
    """Raises: DataError, for what is no such file, is empty, or cannot be read."""
    return _Table(path) if path.suffix.lower() in arrow.SUFFIXES else _Text(path)


class _Text:
    def __init__(self, path: Path) -> None:
        self._path = path
        with path.open("rb") as raw:
            beginning = raw.read(_BEGINNING)
        first = beginning.split(b"\n", 1)[0].decode("utf-8-sig", "replace")
        self._separator = max(_SEPARATORS, key=first.count)
        self.about = int(path.stat().st_size / max(len(beginning), 1) * beginning.count(b"\n"))
        with self._opened() as file:
            self.header: list[str] = next(self._reader(file), [])
        if not self.header:
            raise DataError(f"{path} is empty")

    def __iter__(self) -> Iterator[tuple[str, list[Any]]]:
        width = len(self.header)
        with self._opened() as file:
            reader = self._reader(file)
            try:
                next(reader)
                for row in reader:
                    if len(row) == width:
                        yield f"line {reader.line_num}", row
                    elif row:
                        raise DataError(
                            f"{self._path}: line {reader.line_num} has {len(row)} cells, the header {width} "
                            f"(columns are separated by {self._separator!r})"
                        )
            except (csv.Error, UnicodeDecodeError) as problem:
                raise DataError(f"{self._path}: after line {reader.line_num}: {problem}") from problem

    def _opened(self) -> Any:
        return self._path.open(encoding="utf-8-sig", newline="")

    def _reader(self, file: Any) -> Any:
        return csv.reader(file, delimiter=self._separator, strict=True)


class _Table:
    def __init__(self, path: Path) -> None:
        try:
            import pyarrow
            from pyarrow import dataset
        except ModuleNotFoundError:
            raise DataError(
                f"{path}: reading {path.suffix} needs the package pyarrow: `make demo-csv` brings it along"
            ) from None
        self._path = path
        self._failures = (pyarrow.ArrowException, OSError, UnicodeDecodeError)
        kind = "parquet" if path.suffix.lower() == ".parquet" else "feather"
        try:
            self._dataset = dataset.dataset(str(path), format=kind)
            self.header = [str(name) for name in self._dataset.schema.names]
            self.about = int(self._dataset.count_rows())
        except self._failures as problem:
            raise DataError(f"{path}: not readable as {path.suffix}: {problem}") from problem

    def __iter__(self) -> Iterator[tuple[str, list[Any]]]:
        number = 0
        try:
            for batch in self._dataset.to_batches(batch_size=_BATCH):
                columns = [column.to_pylist() for column in batch.columns]
                for row in zip(*columns, strict=True):
                    number += 1
                    yield f"row {number}", [*row]
        except self._failures as problem:
            raise DataError(f"{self._path}: after row {number}: {problem}") from problem


_WHOLE = re.compile(r"-?[0-9]+\.0")


def text_of(cell: Any) -> str:
    """As it is written; nothing for what is missing. 17850.0, as numbers beside gaps are, is 17850."""
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, list | tuple):
        return "|".join(text_of(one) for one in cell)
    text = str(cell).strip()
    return text[:-2] if _WHOLE.fullmatch(text) else text
