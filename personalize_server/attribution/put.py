"""Events that came one by one, from where an attribution has counted to."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from engine.ground.arrays import Codes
from personalize_server.attribution.imported_events import SourceOf
from personalize_server.attribution.sums import Events, Numbers
from personalize_server.data.attribute_table import AttributeTable
from personalize_server.state.put_records import EventReader

_STRINGS = frozenset({"USER_ID", "ITEM_ID", "EVENT_TYPE", "RECOMMENDATION_ID", "IMPRESSION"})


def events_between(
    reader: EventReader, dataset: str, after: int, until: int, items: Sequence[Path], source_of: SourceOf
) -> Events:
    """Those of a dataset with these numbers; `items` are the parts of the Items dataset."""
    types, sources, names = _Words(), _Words(), _Words()
    cells: list[Mapping[str, str]] = []
    for row, source, recommendation in reader.between(dataset, after, until):
        cells.append({name: value for name, value in row.items() if name not in _STRINGS})
        types.append(row.get("EVENT_TYPE", ""))
        names.append(row.get("ITEM_ID", ""))
        sources.append(source or (source_of(recommendation) if recommendation else None) or "")
    table = AttributeTable.read(items, "ITEM_ID", np.array(names.words, np.str_))
    return Events(
        times=np.array([int(row["TIMESTAMP"]) for row in cells], np.int64),
        types=types.codes,
        type_words=types.words,
        sources=sources.codes,
        source_words=sources.words,
        items=names.codes,
        numbers=lambda column: _numbers(cells, column),
        item_numbers=table.numbers,
    )


class _Words:
    """Strings as codes in order of appearance; the empty one is none."""

    def __init__(self) -> None:
        self._places: defaultdict[str, int] = defaultdict(lambda: len(self._places))
        self._codes: list[int] = []

    def append(self, word: str) -> None:
        self._codes.append(self._places[word] if word else -1)

    @property
    def codes(self) -> Codes:
        return np.array(self._codes, np.int32)

    @property
    def words(self) -> list[str]:
        return list(self._places)


def _numbers(cells: Sequence[Mapping[str, str]], column: str) -> Numbers:
    return np.array([float(row.get(column) or "nan") for row in cells], np.float64)
