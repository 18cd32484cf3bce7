"""The data sets of a run as the engine learns from them: what the configuration says of a column counts.

As with Amazon Personalize, numbers, categories and texts are learned from; other strings are not, nor is when
an item was created.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

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
) -> TrainingData:
    """files: CSV by `interactions`, `users`, `items`. event_weights: only these event types count, so much.

    Raises: EngineError, of data that nothing can be learned from.
    """
    return TrainingData.of(
        read_interactions(files["interactions"], event_weights=event_weights),
        _metadata(files.get("items"), "ITEM_ID", item_columns),
        _metadata(files.get("users"), "USER_ID", user_columns),
    )


def _metadata(file: Path | None, id_column: str, columns: Sequence[Column]) -> Metadata | None:
    if file is None:
        return None
    learned = [column for column in columns if _is_learned(column)]
    table = read_table(file, (id_column,), [column.name.upper() for column in learned])
    found = {
        column.name: _column(column, np.asarray(table[column.name.upper()], np.str_)) for column in learned
    }
    return Metadata.of(np.asarray(table[id_column], np.str_), found)


def _is_learned(column: Column) -> bool:
    if column.is_id or column.is_time:
        return False
    return column.is_number or column.categorical or column.textual


def _column(column: Column, cells: np.ndarray[tuple[int], np.dtype[np.str_]]) -> Learned:
    if column.is_number:
        return numbers(cells)
    return words(cells) if column.textual else categories(cells)
