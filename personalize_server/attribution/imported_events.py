"""The events of an imported part of the Interactions dataset, block by block."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from engine.ground.arrays import Codes, Mask
from personalize_server.attribution.sums import Events, Numbers
from personalize_server.data.attribute_table import AttributeTable
from personalize_server.data.columns import Part
from personalize_server.data.numbers import floats

_ROWS = 200_000
SourceOf = Callable[[str], str | None]
"""the campaign or recommender that a recommendation id is of, None: of none"""


def events_of(folder: Path, items: Sequence[Path], source_of: SourceOf) -> Iterator[Events]:
    """`items` are the parts of the Items dataset."""
    part = Part(folder)
    item_words = part.vocabulary("ITEM_ID")
    table = AttributeTable.read(items, "ITEM_ID", np.array(item_words, np.str_))
    type_words = part.vocabulary("EVENT_TYPE") if "EVENT_TYPE" in part.columns else []
    named = "EVENT_ATTRIBUTION_SOURCE" in part.columns
    words = part.vocabulary("EVENT_ATTRIBUTION_SOURCE") if named else []
    places = {word: code for code, word in enumerate(words)}
    for start in range(0, part.rows, _ROWS):
        rows = slice(start, min(start + _ROWS, part.rows))
        sources = _codes(part, "EVENT_ATTRIBUTION_SOURCE", rows)
        _recommended(part, rows, sources, source_of, places)
        yield Events(
            times=np.asarray(part.numbers("TIMESTAMP")[rows], np.int64),
            types=_codes(part, "EVENT_TYPE", rows),
            type_words=type_words,
            sources=sources,
            source_words=list(places),
            items=_codes(part, "ITEM_ID", rows),
            numbers=lambda column, rows=rows: _numbers(part, column, rows),  # type: ignore[misc]
            item_numbers=table.numbers,
        )


def _recommended(
    part: Part, rows: slice, sources: Codes, source_of: SourceOf, places: dict[str, int]
) -> None:
    """Fills in, in place, the sources of rows that name none by their recommendation ids."""
    if "RECOMMENDATION_ID" not in part.columns:
        return
    unnamed: Mask = sources < 0
    if not unnamed.any():
        return
    ids = part.texts_between("RECOMMENDATION_ID", rows.start, rows.stop)
    for row in np.flatnonzero(unnamed).tolist():
        source = source_of(ids[row]) if ids[row] else None
        if source is not None:
            sources[row] = places.setdefault(source, len(places))


def _codes(part: Part, column: str, rows: slice) -> Codes:
    if column not in part.columns:
        return np.full(rows.stop - rows.start, -1, np.int32)
    return np.array(part.numbers(column)[rows], np.int32)


def _numbers(part: Part, column: str, rows: slice) -> Numbers:
    if column not in part.columns:
        return np.full(rows.stop - rows.start, np.nan)
    return floats(np.asarray(part.numbers(column)[rows]))
