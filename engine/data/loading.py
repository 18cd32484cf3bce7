"""Data sets as Amazon Personalize takes them (CSV), or the same columns as Parquet or Arrow."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data import arrow, csv_table
from engine.data.contexts import Labels
from engine.data.interactions import Interactions
from engine.data.metadata import SEPARATOR, Column, Metadata, categories, numbers, words
from engine.data.training_data import TrainingData
from engine.ground.arrays import Mask
from engine.ground.errors import DataError
from engine.ground.vocabulary import factorise, lookup

WORDS_PER_TEXT = 4

Table = Mapping[str, NDArray[Any]]


def load(
    interactions: Path,
    *,
    items: Path | None = None,
    users: Path | None = None,
    event_weights: Mapping[str, float] | None = None,
    least_value: float | None = None,
    text: Sequence[str] = (),
    contexts: Sequence[str] = (),
) -> TrainingData:
    """event_weights: only these EVENT_TYPEs count, so much; least_value: only events of this EVENT_VALUE.

    contexts: columns of the interactions that tell the circumstances of an event.
    Raises: DataError, also if no column is called as text says.
    """
    events, circumstances = read_events(
        interactions, event_weights=event_weights, least_value=least_value, contexts=contexts
    )
    about_items = read_metadata(items, "ITEM_ID", text=text) if items else None
    about_users = read_metadata(users, "USER_ID", text=text) if users else None
    known = {name for one in (about_items, about_users) if one is not None for name in one.columns}
    if unknown := [name for name in text if name not in known]:
        raise DataError(f"no column of metadata is called {', '.join(unknown)}, given as text")
    return TrainingData.of(events, about_items, about_users, circumstances)


def read_interactions(
    path: Path, *, event_weights: Mapping[str, float] | None = None, least_value: float | None = None
) -> Interactions:
    """USER_ID, ITEM_ID, TIMESTAMP (epoch seconds); EVENT_TYPE and EVENT_VALUE if there; no others."""
    return read_events(path, event_weights=event_weights, least_value=least_value)[0]


def read_events(
    path: Path,
    *,
    event_weights: Mapping[str, float] | None = None,
    least_value: float | None = None,
    contexts: Sequence[str] = (),
) -> tuple[Interactions, dict[str, Labels]]:
    """The same with columns of labels; an empty cell is not known.

    Raises: DataError, also for a line without a time.
    """
    required = ("USER_ID", "ITEM_ID", "TIMESTAMP", *contexts)
    table = read_table(path, required, ("EVENT_TYPE", "EVENT_VALUE"))
    for name in ("USER_ID", "ITEM_ID"):
        _check_ids(table, name, path)
    rows = len(table["USER_ID"])
    kept, weights = np.ones(rows, np.bool_), np.ones(rows, np.float32)
    if event_weights is not None:
        kept, weights = _by_type(table, event_weights, path)
    if least_value is not None:
        values = _floats(table, "EVENT_VALUE", path)
        kept &= values >= least_value  # no value (NaN) is not enough
    times = _floats(table, "TIMESTAMP", path)
    if rows and not np.isfinite(times).all():
        line = int(np.flatnonzero(~np.isfinite(times))[0]) + 2
        raise DataError(f"{path}: no TIMESTAMP in line {line}")
    events = Interactions.from_columns(
        table["USER_ID"][kept], table["ITEM_ID"][kept], times[kept], weights[kept]
    )
    return events, {name: _labels(table[name][kept]) for name in contexts}


def _labels(cells: NDArray[Any]) -> Labels:
    values, _ = factorise(np.asarray(cells, np.str_))
    values = values[values != ""]
    return Labels(values, lookup(values, cells))


def read_metadata(path: Path, id_column: str, *, text: Sequence[str] = ()) -> Metadata:
    """All other columns: numbers where every cell is one, words where asked or like text, else categories."""
    table = read_table(path, (id_column,))
    _check_ids(table, id_column, path)
    columns = {
        name: _column(np.asarray(cells), name in text) for name, cells in table.items() if name != id_column
    }
    return Metadata.of(np.asarray(table[id_column], np.str_), columns)


def read_table(path: Path, required: Sequence[str], wanted: Sequence[str] | None = None) -> Table:
    """Columns by upper-case name; wanted: other columns to read if they are there (None: all).

    Raises: DataError, if there is no such file or it lacks a column.
    """
    if not path.is_file():
        raise DataError(f"there is no file {path}")
    if path.suffix.lower() not in arrow.SUFFIXES:
        return csv_table.read(path, required, wanted)
    table = arrow.read(path)
    missing = [name for name in required if name not in table]
    if missing:
        raise DataError(f"{path}: no column {', '.join(missing)}; it has {', '.join(table) or 'none'}")
    if wanted is None:
        return table
    return {name: cells for name, cells in table.items() if name in {*required, *wanted}}


def _by_type(table: Table, event_weights: Mapping[str, float], path: Path) -> tuple[Mask, NDArray[Any]]:
    if "EVENT_TYPE" not in table:
        raise DataError(f"{path}: event weights are given, but there is no column EVENT_TYPE")
    kinds, codes = np.unique(np.asarray(table["EVENT_TYPE"], np.str_), return_inverse=True)
    weights = np.array([event_weights.get(kind, np.nan) for kind in kinds.tolist()], np.float32)
    if not np.isfinite(weights).any():
        wanted, there = ", ".join(event_weights), ", ".join(kinds.tolist())
        raise DataError(f"{path}: no event is of the types {wanted}; there are {there}")
    return np.isfinite(weights)[codes], np.nan_to_num(weights)[codes]


def _check_ids(table: Table, name: str, path: Path) -> None:
    """Numbers with a fraction, and those in a column with gaps, are no ids: 1 would be called 1.0."""
    if table[name].dtype.kind == "f":
        raise DataError(
            f"{path}: {name} must be text or whole numbers without gaps, not floating-point numbers"
        )


def _floats(table: Table, name: str, path: Path) -> NDArray[np.float64]:
    if name not in table:
        raise DataError(f"{path}: no column {name}")
    cells = table[name]
    try:
        if cells.dtype.kind == "U":
            return np.where(cells == "", "nan", cells).astype(np.float64)
        return cells.astype(np.float64)
    except ValueError as problem:
        raise DataError(f"{path}: {name} must be numbers: {problem}") from None


def _column(cells: NDArray[Any], is_text: bool) -> Column:
    strings = np.asarray(cells, np.str_)
    if is_text:
        return words(strings)
    if cells.dtype.kind in "iuf":
        return numbers(strings)
    try:
        return numbers(strings)
    except DataError:
        pass
    spaces = np.char.count(strings, " ").mean() if len(strings) else 0
    if spaces >= WORDS_PER_TEXT and not (np.char.count(strings, SEPARATOR) > 0).any():
        return words(strings)
    return categories(strings)
