"""The datasets of a run as the engine learns from them: what the configuration says of a column counts.

As with Amazon Personalize, numbers, categories and texts are learned from; other strings are not, nor is when
an item was created.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from engine.data.cells import Cells
from engine.data.loading import read_interactions, read_table
from engine.data.metadata import Column as Learned
from engine.data.metadata import Metadata, categories, numbers, words
from engine.data.training_data import TrainingData
from pipeline.columns import Column


def read(
    files: Mapping[str, Path],
    *,
    event_weights: Mapping[str, float] | None,
    user_columns: Sequence[Column],
    item_columns: Sequence[Column],
    clock: Callable[[], float] = time.time,
) -> TrainingData:
    """files: CSV by `interactions`, `users`, `items`. event_weights: only these event types count, so much.

    clock: what is still to come is no time of an event. Raises: EngineError, of data that nothing can be
    learned from.
    """
    return TrainingData.of(
        read_interactions(files["interactions"], event_weights=event_weights, clock=clock),
        _metadata(files.get("items"), "ITEM_ID", item_columns, clock()),
        _metadata(files.get("users"), "USER_ID", user_columns, clock()),
    )


def _metadata(file: Path | None, id_column: str, columns: Sequence[Column], now: float) -> Metadata | None:
    if file is None:
        return None
    learned = {column.name.upper(): column for column in columns if _is_learned(column)}
    table = read_table(file, (id_column,), [*learned], now=now)
    found = {name: _column(column, table.text(name)) for name, column in learned.items()}
    table.findings.refuse()
    return Metadata.of(table.ids(id_column), found)


def _is_learned(column: Column) -> bool:
    if column.is_id or column.is_time:
        return False
    return column.is_number or column.categorical or column.textual


def _column(column: Column, cells: Cells) -> Learned:
    if column.is_number:
        return numbers(cells)
    return words(cells) if column.textual else categories(cells)
