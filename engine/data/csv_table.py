"""CSV files as columns of text, checked while they are read."""

import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from engine.ground.arrays import Ids
from engine.ground.errors import DataError

BATCH = 100_000
LONGEST_ID = 256
"""characters, as for Amazon Personalize; one longer id would make every row of its column as long"""
IDS = ("USER_ID", "ITEM_ID")


def read(path: Path, required: Sequence[str], wanted: Sequence[str] | None) -> dict[str, Ids]:
    """Columns by upper-case name: the required and the wanted ones (None: all); blank lines are passed over.

    Raises: DataError, with the line for what is no CSV, no UTF-8, has too many or too few cells or too long
    an id, and for a required column that is not there or there twice.
    """
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.reader(file, quotechar='"', escapechar="\\", strict=True)
        try:
            names = [name.strip().upper() for name in next(rows, [])]
            _check_header(path, names, required)
            used = [at for at, name in enumerate(names) if wanted is None or name in {*required, *wanted}]
            parts: list[list[Ids]] = [[] for _ in used]
            for columns in _batches(path, rows, len(names)):
                for part, at in zip(parts, used, strict=True):
                    part.append(_cells(path, names[at], columns[at]))
        except csv.Error as problem:
            raise DataError(f"{path}: line {rows.line_num}: {problem}") from None
        except UnicodeDecodeError as problem:
            raise DataError(f"{path}: not UTF-8 after line {rows.line_num}: {problem}") from None
    return {names[at]: _joined(part) for at, part in zip(used, parts, strict=True)}


def _check_header(path: Path, names: Sequence[str], required: Sequence[str]) -> None:
    if missing := [name for name in required if name not in names]:
        raise DataError(f"{path}: no column {', '.join(missing)}; it has {', '.join(names) or 'none'}")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise DataError(f"{path}: the column {', '.join(twice)} is there more than once")


def _batches(path: Path, rows: Iterator[list[str]], cells: int) -> Iterator[list[tuple[str, ...]]]:
    line = 2
    while batch := list(islice(rows, BATCH)):
        if not set(map(len, batch)) <= {cells, 0}:
            wrong = next(at for at, row in enumerate(batch) if len(row) not in (cells, 0))
            raise DataError(f"{path}: {len(batch[wrong])} cells instead of {cells} in line {line + wrong}")
        line += len(batch)
        if filled := [row for row in batch if row]:
            yield list(zip(*filled, strict=True))


def _cells(path: Path, name: str, cells: Sequence[str]) -> Ids:
    if name in IDS and (longest := max(cells, key=len)) and len(longest) > LONGEST_ID:
        raise DataError(
            f"{path}: a {name} of {len(longest)} characters: {longest[:40]}…; at most {LONGEST_ID}"
        )
    return np.asarray(cells, np.str_)


def _joined(parts: Sequence[Ids]) -> Ids:
    return np.concatenate(parts) if parts else np.empty(0, np.str_)
