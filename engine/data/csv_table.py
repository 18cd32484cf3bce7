"""CSV files as columns, checked while they are read."""

import csv
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.cells import Cells, Coder
from engine.data.csv_dialect import is_plain, plain_lines, undecodable
from engine.data.findings import Findings
from engine.data.numerals import TIMES, seconds_of
from engine.data.table import IDS, LONGEST_NAME, Table, Values, note_long
from engine.ground.errors import DataError

BATCH = 100_000


def read(path: Path, required: Sequence[str], wanted: Sequence[str] | None, *, now: float) -> Table:
    """The required and the wanted columns (None: all); blank lines are passed over.

    now: seconds since 1970; what is later than tomorrow is no time. What is wrong with single rows is in
    the table's findings. Raises: DataError, with the line for what is no CSV or no UTF-8, and for a required
    column that is not there or there twice.
    """
    lines = _Lines()
    findings = Findings(path, lines.place)
    plain = is_plain(path)
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.reader(file if plain else plain_lines(path, file), strict=True)
        try:
            names = [name.strip().upper() for name in next(rows, [])]
            _check_header(path, names, required)
            chosen = {at: _column(name) for at, name in enumerate(names) if _is(name, required, wanted)}
            for batch, first in _batches(rows, len(names), lines, findings):
                for at, column in chosen.items():
                    column.add(batch[at], first, findings, now)
        except csv.Error as problem:
            raise DataError(f"{path}: line {rows.line_num}: {problem}") from None
        except UnicodeDecodeError as problem:
            raise DataError(f"{path}: not UTF-8 in line {undecodable(path)}: {problem.reason}") from None
    return Table({names[at]: column.whole() for at, column in chosen.items()}, lines.rows, findings)


def _is(name: str, required: Sequence[str], wanted: Sequence[str] | None) -> bool:
    return wanted is None or name in {*required, *wanted}


def _check_header(path: Path, names: Sequence[str], required: Sequence[str]) -> None:
    if missing := [name for name in required if name not in names]:
        raise DataError(f"{path}: no column {', '.join(missing)}; it has {', '.join(names) or 'none'}")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise DataError(f"{path}: the column {', '.join(twice)} is there more than once")


class _Lines:
    """The line on which each row begins."""

    def __init__(self) -> None:
        self._blocks: list[Sequence[int]] = []
        self._ends: list[int] = []

    @property
    def rows(self) -> int:
        return self._ends[-1] if self._ends else 0

    def add(self, lines: Sequence[int]) -> None:
        self._ends.append(self.rows + len(lines))
        self._blocks.append(lines)

    def place(self, row: int) -> str:
        block = bisect_right(self._ends, row)
        return f"line {self._blocks[block][row - self._ends[block]]}"


def _batches(
    rows: Any, cells: int, lines: _Lines, findings: Findings
) -> Iterator[tuple[list[tuple[str, ...]], int]]:
    """Columns of many rows, and the number of the first; rows of another width are noted and left out."""
    line = rows.line_num + 1
    while batch := list(islice(rows, BATCH)):
        places: Sequence[int] = range(line, rows.line_num + 1)
        if len(places) != len(batch):  # values with line breaks
            heights = [1 + sum(map(_breaks, row)) for row in batch]
            places = list(accumulate(heights[:-1], initial=line))
        line = rows.line_num + 1
        if set(map(len, batch)) != {cells}:
            _note_widths(batch, cells, places, findings)
            places = [place for place, row in zip(places, batch, strict=True) if len(row) == cells]
            batch = [row for row in batch if len(row) == cells]
        if batch:
            first = lines.rows
            lines.add(places)
            yield list(zip(*batch, strict=True)), first


def _note_widths(batch: Sequence[list[str]], cells: int, places: Sequence[int], findings: Findings) -> None:
    widths = {len(row) for row in batch} - {0, cells}
    for width in sorted(widths):
        wrong = [place for place, row in zip(places, batch, strict=True) if len(row) == width]
        what = f"{width} cells instead of {cells}"
        findings.add_places(what, len(wrong), (f"line {place}" for place in wrong))


def _breaks(cell: str) -> int:
    """How many lines a cell goes on for: as the file is read, CR, LF and CR LF end one."""
    return cell.count("\n") + cell.count("\r") - cell.count("\r\n")


class _Names:
    """Ids, each kept once: rows of them as an array would have four bytes per letter."""

    def __init__(self, name: str) -> None:
        self._name, self._coder, self._parts = name, Coder(), list[NDArray[np.int32]]()

    def add(self, cells: Sequence[str], first: int, findings: Findings, now: float) -> None:
        if max(map(len, cells)) > LONGEST_NAME:
            long = [first + row for row, cell in enumerate(cells) if len(cell) > LONGEST_NAME]
            note_long(findings, self._name, long, lambda row: cells[row - first])
            cells = [cell[:LONGEST_NAME] for cell in cells]
        self._parts.append(self._coder.codes(cells, len(cells)))

    def whole(self) -> Values:
        return Cells([*self._coder], np.concatenate(self._parts or [np.empty(0, np.int32)]))


class _Times:
    def __init__(self, name: str) -> None:
        self._name, self._parts = name, list[NDArray[np.float64]]()

    def add(self, cells: Sequence[str], first: int, findings: Findings, now: float) -> None:
        self._parts.append(seconds_of(cells, self._name, first, findings, now))

    def whole(self) -> Values:
        return np.concatenate(self._parts) if self._parts else np.empty(0, np.float64)


class _Texts:
    def __init__(self) -> None:
        self._coder, self._parts = Coder(), list[NDArray[np.int32]]()

    def add(self, cells: Sequence[str], first: int, findings: Findings, now: float) -> None:
        self._parts.append(self._coder.codes(cells, len(cells)))

    def whole(self) -> Values:
        return Cells([*self._coder], np.concatenate(self._parts or [np.empty(0, np.int32)]))


def _column(name: str) -> _Names | _Times | _Texts:
    if name in IDS:
        return _Names(name)
    return _Times(name) if name in TIMES else _Texts()
