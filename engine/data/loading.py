"""Data sets as Amazon Personalize takes them (CSV), or the same columns as Parquet or Arrow."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data import arrow, csv_table
from engine.data.cells import Cells
from engine.data.contexts import Labels
from engine.data.interactions import Interactions
from engine.data.metadata import SEPARATOR, Column, Metadata, Numbers, categories, words
from engine.data.numerals import EXACT, Doubles, are_names, number_of, numbers_of
from engine.data.table import IDS, Table
from engine.data.training_data import TrainingData
from engine.ground.arrays import Ids, Mask
from engine.ground.errors import DataError

WORDS_PER_TEXT = 4
MOST_NAMED = 20
"""event types in a message"""


def load(
    interactions: Path,
    *,
    items: Path | None = None,
    users: Path | None = None,
    event_weights: Mapping[str, float] | None = None,
    least_value: float | None = None,
    text: Sequence[str] = (),
    contexts: Sequence[str] = (),
    clock: Callable[[], float] = time.time,
) -> TrainingData:
    """event_weights: only these EVENT_TYPEs count, so much; least_value: only events of this EVENT_VALUE.

    contexts: columns of the interactions that tell the circumstances of an event. clock: seconds since 1970;
    what is later than tomorrow is no time.
    Raises: DataError, with all that is wrong with a file; also if no column is called as text says.
    """
    events, circumstances = read_events(
        interactions, event_weights=event_weights, least_value=least_value, contexts=contexts, clock=clock
    )
    about_items = read_metadata(items, "ITEM_ID", text=text, clock=clock) if items else None
    about_users = read_metadata(users, "USER_ID", text=text, clock=clock) if users else None
    known = {name for one in (about_items, about_users) if one is not None for name in one.columns}
    if unknown := [name for name in text if name not in known]:
        raise DataError(f"no column of metadata is called {', '.join(unknown)}, given as text")
    return TrainingData.of(events, about_items, about_users, circumstances)


def read_interactions(
    path: Path,
    *,
    event_weights: Mapping[str, float] | None = None,
    least_value: float | None = None,
    clock: Callable[[], float] = time.time,
) -> Interactions:
    """USER_ID, ITEM_ID, TIMESTAMP (seconds since 1970); EVENT_TYPE and EVENT_VALUE if there; no others."""
    return read_events(path, event_weights=event_weights, least_value=least_value, clock=clock)[0]


def read_events(
    path: Path,
    *,
    event_weights: Mapping[str, float] | None = None,
    least_value: float | None = None,
    contexts: Sequence[str] = (),
    clock: Callable[[], float] = time.time,
) -> tuple[Interactions, dict[str, Labels]]:
    """The same with columns of labels; an empty cell is not known. A fraction of a second is dropped.

    Raises: DataError, also for a line without an id or a time, and for a time before 1990 or after tomorrow.
    """
    table = read_table(path, (*IDS, "TIMESTAMP", *contexts), ("EVENT_TYPE", "EVENT_VALUE"), now=clock())
    users, items = (_names(table, name) for name in IDS)
    times = np.asarray(table["TIMESTAMP"], np.float64)
    table.findings.add("no TIMESTAMP", np.flatnonzero(np.isnan(times)).tolist())
    kept, weights = np.ones(table.rows, np.bool_), np.ones(table.rows, np.float32)
    if event_weights is not None:
        kept, weights = _by_type(table, event_weights, path)
    if least_value is not None:
        kept &= _doubles(table, "EVENT_VALUE", path) >= least_value  # no value (NaN) is not enough
    for name in contexts:
        table.note_long(name, table.text(name))
    table.findings.refuse()
    events = Interactions.from_columns(users.where(kept), items.where(kept), times[kept], weights[kept])
    return events, {name: _labels(table.text(name), kept) for name in contexts}


def _labels(cells: Cells, kept: Mask) -> Labels:
    """Of the rows that are kept."""
    codes = cells.codes[kept]
    used = [code for code in np.unique(codes).tolist() if cells.values[code]]
    values = np.array([cells.values[code] for code in used] or np.empty(0, np.str_), np.str_)
    order = np.argsort(values)
    places = np.full(len(cells.values) + 1, -1, np.int32)
    places[np.array(used, np.int64)[order]] = np.arange(len(used))
    return Labels(values[order], places[codes])


def read_metadata(
    path: Path, id_column: str, *, text: Sequence[str] = (), clock: Callable[[], float] = time.time
) -> Metadata:
    """All other columns: numbers where every cell is one, words where asked or like text, else categories.

    Whole numbers beyond 2^53 are names, which a number would change: their column has categories.
    Raises: DataError, also for two rows of one id.
    """
    table = read_table(path, (id_column,), now=clock())
    ids = _ids(table, id_column)
    columns = {name: _column(table, name, name in text) for name in table.columns if name != id_column}
    table.findings.refuse()
    try:
        return Metadata.of(ids, columns)
    except DataError as problem:
        raise DataError(f"{path}: {problem}") from None


def read_table(
    path: Path, required: Sequence[str], wanted: Sequence[str] | None = None, *, now: float
) -> Table:
    """Columns by upper-case name; wanted: other columns to read if they are there (None: all).

    now: seconds since 1970. Raises: DataError, if there is no such file or it lacks a column.
    """
    if not path.is_file():
        raise DataError(f"there is no file {path}")
    read = arrow.read if path.suffix.lower() in arrow.SUFFIXES else csv_table.read
    return read(path, required, wanted, now=now)


def _by_type(table: Table, event_weights: Mapping[str, float], path: Path) -> tuple[Mask, NDArray[Any]]:
    if "EVENT_TYPE" not in table:
        raise DataError(f"{path}: event weights are given, but there is no column EVENT_TYPE")
    cells = table.text("EVENT_TYPE")
    weights = np.array([*(event_weights.get(kind, np.nan) for kind in cells.values), np.nan], np.float32)
    if not np.isfinite(weights).any():
        wanted, there = ", ".join(event_weights), ", ".join(sorted(cells.values)[:MOST_NAMED])
        raise DataError(f"{path}: no event is of the types {wanted}; there are {there}")
    return np.isfinite(weights)[cells.codes], np.nan_to_num(weights)[cells.codes]


def _names(table: Table, name: str) -> Cells:
    """As `_ids`, each text kept once."""
    column = table[name]
    cells = column if isinstance(column, Cells) else Cells.of(_ids(table, name))
    if isinstance(column, Cells):
        table.note_long(name, cells)
        empty = [code for code, value in enumerate(cells.values) if not value]
        table.findings.add(f"no {name}", np.flatnonzero(np.isin(cells.codes, empty)).tolist())
    return cells


def _ids(table: Table, name: str) -> Ids:
    ids = table.ids(name)
    table.findings.add(f"no {name}", np.flatnonzero(ids == "").tolist())
    return ids


def _doubles(table: Table, name: str, path: Path) -> Doubles:
    """Notes what is no number; NaN, where there is none."""
    if name not in table:
        raise DataError(f"{path}: no column {name}")
    cells = table[name]
    if not isinstance(cells, Cells):
        return cells.astype(np.float64)
    values = numbers_of(cells.values)
    if values is None:
        wrong = [code for code, value in enumerate(cells.values) if number_of(value) is None]
        rows = np.flatnonzero(np.isin(cells.codes, wrong)).tolist()
        table.findings.add(f"{name} must be numbers", rows, lambda row: cells[row])
        return np.full(table.rows, np.nan)
    return values[cells.codes]


def _column(table: Table, name: str, is_text: bool) -> Column:
    cells = table[name]
    if is_text:
        return words(table.text(name))
    if not isinstance(cells, Cells):
        if cells.dtype.kind in "iu" and ((cells > EXACT) | (cells < -EXACT)).any():
            return categories(table.text(name))
        return _numbers(table, name, cells.astype(np.float64))
    found = numbers_of(cells.values)
    if found is not None and not ((np.abs(found) >= EXACT).any() and are_names(cells.values)):
        return _numbers(table, name, found[cells.codes])
    return words(cells) if _is_text(cells) else categories(cells)


def _numbers(table: Table, name: str, values: Doubles) -> Numbers:
    """Notes what is infinite: as a text or a division by nothing made it."""
    rows = np.flatnonzero(np.isinf(values)).tolist()
    cells = table.text(name) if rows else None
    table.findings.add(f"{name} beyond any number", rows, None if cells is None else lambda row: cells[row])
    return Numbers(values)


def _is_text(cells: Cells) -> bool:
    counts = np.bincount(cells.codes, minlength=len(cells.values))
    spaces = sum(value.count(" ") * count for value, count in zip(cells.values, counts.tolist(), strict=True))
    if spaces < WORDS_PER_TEXT * max(len(cells), 1):
        return False
    return not any(SEPARATOR in value for value in cells.values)
