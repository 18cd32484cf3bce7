"""A file's columns, and where its rows are in it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.cells import Cells
from engine.data.findings import Findings
from engine.data.interactions import LONGEST_ID
from engine.ground.arrays import Ids

LONGEST_NAME = LONGEST_ID
"""characters, also of the label of a circumstance"""
IDS = ("USER_ID", "ITEM_ID")

Values = Cells | NDArray[Any]


@dataclass(frozen=True)
class Table:
    """By upper-case name: ids as an array of texts, other texts as Cells, numbers and times as arrays."""

    columns: Mapping[str, Values]
    rows: int
    findings: Findings
    """what is wrong with it so far; where its rows are"""

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def __getitem__(self, name: str) -> Values:
        return self.columns[name]

    def text(self, name: str) -> Cells:
        """The column as text, whole numbers exactly as they are."""
        column = self.columns[name]
        return column if isinstance(column, Cells) else Cells.of(column)

    def ids(self, name: str) -> Ids:
        """The column as ids; notes what none may be.

        Floating-point numbers are none: in a column with gaps 1 would be called 1.0.
        """
        column = self.columns[name]
        if isinstance(column, np.ndarray):
            if column.dtype.kind == "f":
                what = f"{name} must be text or whole numbers without gaps, not floating-point numbers"
                self.findings.add(what, range(min(self.rows, 1)), lambda row: float(column[row]))
            return column.astype(np.str_) if column.dtype.kind != "U" else column
        self.note_long(name, column)
        names = [value[:LONGEST_NAME] for value in column.values]
        ids: Ids = np.array(names or np.empty(0, np.str_), np.str_)[column.codes]
        return ids

    def note_long(self, name: str, cells: Cells) -> None:
        """Notes texts that are no names because of their length."""
        if long := [code for code, value in enumerate(cells.values) if len(value) > LONGEST_NAME]:
            rows = np.flatnonzero(np.isin(cells.codes, long)).tolist()
            note_long(self.findings, name, rows, lambda row: cells[row])


def note_long(findings: Findings, name: str, rows: Sequence[int], show: Callable[[int], object]) -> None:
    what = f"{name} of more than {LONGEST_NAME} characters"
    findings.add(what, rows, show, advice=f"at most {LONGEST_NAME}")
