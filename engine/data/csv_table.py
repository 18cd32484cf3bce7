"""CSV files as columns, checked while they are read."""

import csv
import io
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.cells import Cells, Coder
from engine.data.csv_blocks import PlainLines
from engine.data.csv_dialect import is_plain, plain_lines, undecodable
from engine.data.findings import Findings
from engine.data.numerals import TIMES, note_implausible, seconds_of
from engine.data.table import IDS, LONGEST_NAME, Table, Values, note_long
from engine.ground.byte_texts import ByteCoder, ByteTexts
from engine.ground.errors import DataError

BATCH = 100_000
SHORT = 128
"""bytes of a text up to which a column of them is coded as bytes of one width"""

Part = Sequence[str] | ByteTexts
"""some rows of a column"""


def read(path: Path, required: Sequence[str], wanted: Sequence[str] | None, *, now: float) -> Table:
    """The required and the wanted columns (None: all); blank lines are passed over.

    now: seconds since 1970; what is later than tomorrow is no time. What is wrong with single rows is in
    the table's findings. Raises: DataError, with the line for what is no CSV or no UTF-8, and for a required
    column that is not there or there twice.
    """
    lines = _Lines()
    findings = Findings(path, lines.place)
    plain = is_plain(path)
    with path.open("rb") as file:
        beginning = PlainLines(file)
        header = beginning.header()
        table = None
        if header is not None:
            table = _Columns.of(path, header, required, wanted)
            for block in beginning.blocks(len(header)):
                first = lines.rows
                lines.add(range(beginning.lines - len(block) + 1, beginning.lines + 1))
                table.add({at: block.column(at) for at in table.chosen}, first, findings, now)
        file.seek(beginning.offset)
        encoding = "utf-8" if beginning.offset else "utf-8-sig"
        rest = io.TextIOWrapper(file, encoding=encoding, newline="")
        before = beginning.lines
        rows = csv.reader(rest if plain else plain_lines(path, rest, before), strict=True)
        try:
            if table is None:
                table = _Columns.of(path, next(rows, []), required, wanted)
            for batch, first in _batches(rows, table.cells, lines, findings, before):
                table.add({at: batch[at] for at in table.chosen}, first, findings, now)
        except csv.Error as problem:
            raise DataError(f"{path}: line {before + rows.line_num}: {problem}") from None
        except UnicodeDecodeError as problem:
            raise DataError(f"{path}: not UTF-8 in line {undecodable(path)}: {problem.reason}") from None
    return Table(table.whole(), lines.rows, findings)


def _is(name: str, required: Sequence[str], wanted: Sequence[str] | None) -> bool:
    return wanted is None or name in {*required, *wanted}


def _check_header(path: Path, names: Sequence[str], required: Sequence[str]) -> None:
    if missing := [name for name in required if name not in names]:
        raise DataError(f"{path}: no column {', '.join(missing)}; it has {', '.join(names) or 'none'}")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise DataError(f"{path}: the column {', '.join(twice)} is there more than once")


@dataclass(frozen=True)
class _Columns:
    """cells: in every row; chosen: by the place in a row, what is kept of it."""

    cells: int
    chosen: Mapping[int, "tuple[str, _Names | _Times | _Texts]"]

    @classmethod
    def of(
        cls, path: Path, header: Sequence[str], required: Sequence[str], wanted: Sequence[str] | None
    ) -> "_Columns":
        names = [name.strip().upper() for name in header]
        _check_header(path, names, required)
        chosen = {at: (name, _column(name)) for at, name in enumerate(names) if _is(name, required, wanted)}
        return cls(len(names), chosen)

    def add(self, cells: Mapping[int, Part], first: int, findings: Findings, now: float) -> None:
        for at, (_, column) in self.chosen.items():
            column.add(cells[at], first, findings, now)

    def whole(self) -> dict[str, Values]:
        return {name: column.whole() for name, column in self.chosen.values()}


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
    rows: Any, cells: int, lines: _Lines, findings: Findings, before: int
) -> Iterator[tuple[list[tuple[str, ...]], int]]:
    """Columns of many rows, and the number of the first; rows of another width are noted and left out.

    before: how many lines of the file are before those of `rows`.
    """
    line = before + rows.line_num + 1
    while batch := list(islice(rows, BATCH)):
        places: Sequence[int] = range(line, before + rows.line_num + 1)
        if len(places) != len(batch):  # values with line breaks
            heights = [1 + sum(map(_breaks, row)) for row in batch]
            places = list(accumulate(heights[:-1], initial=line))
        line = before + rows.line_num + 1
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


class _Texts:
    """Each text kept once: rows of them as an array would have four bytes per letter."""

    def __init__(self) -> None:
        self._coder, self._bytes = Coder(), ByteCoder()
        self._parts: list[tuple[bool, NDArray[np.int32]]] = []

    def add(self, cells: Part, first: int, findings: Findings, now: float) -> None:
        if isinstance(cells, ByteTexts) and cells.width <= SHORT:
            self._parts.append((True, self._bytes.codes(cells.words())))
            return
        texts = cells.texts() if isinstance(cells, ByteTexts) else cells
        self._parts.append((False, self._coder.codes(texts, len(texts))))

    def whole(self) -> Values:
        of_bytes = self._coder.codes(self._bytes.texts())
        parts = [of_bytes[codes] if are_bytes else codes for are_bytes, codes in self._parts]
        return Cells([*self._coder], np.concatenate(parts or [np.empty(0, np.int32)]))


class _Names:
    """The same of ids; a text that is too long for one is noted, and only its beginning kept."""

    def __init__(self, name: str) -> None:
        self._name, self._texts = name, _Texts()

    def add(self, cells: Part, first: int, findings: Findings, now: float) -> None:
        if isinstance(cells, ByteTexts):
            if cells.width <= SHORT:
                self._texts.add(cells, first, findings, now)
                return
            cells = cells.texts()
        if max(map(len, cells)) > LONGEST_NAME:
            texts = cells
            long = [first + row for row, cell in enumerate(texts) if len(cell) > LONGEST_NAME]
            note_long(findings, self._name, long, lambda row: texts[row - first])
            cells = [cell[:LONGEST_NAME] for cell in texts]
        self._texts.add(cells, first, findings, now)

    def whole(self) -> Values:
        return self._texts.whole()


class _Times:
    def __init__(self, name: str) -> None:
        self._name, self._parts = name, list[NDArray[np.float64]]()

    def add(self, cells: Part, first: int, findings: Findings, now: float) -> None:
        if isinstance(cells, ByteTexts):
            values, texts = cells.digits(), cells
            if values is not None:
                note_implausible(
                    values, self._name, findings, now, lambda row: texts[row - first], first=first
                )
                self._parts.append(values)
                return
            cells = cells.texts()
        self._parts.append(seconds_of(cells, self._name, first, findings, now))

    def whole(self) -> Values:
        return np.concatenate(self._parts) if self._parts else np.empty(0, np.float64)


def _column(name: str) -> _Names | _Times | _Texts:
    if name in IDS:
        return _Names(name)
    return _Times(name) if name in TIMES else _Texts()
