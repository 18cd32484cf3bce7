"""Metadata that was put since an image was made: other cells for rows it has, and rows it does not have."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from personalize_server.data.attribute_columns import (
    Attributes,
    Column,
    Numbers,
    Patched,
    Plain,
    Texts,
    Words,
)
from personalize_server.data.avro_schema import Field
from personalize_server.data.cells import kept, storage_of


class Changes:
    """Grows with every record; `attributes` is what there is to see at a moment."""

    def __init__(
        self, base: Attributes, rows: int, fields: Sequence[Field], row_of: Callable[[str], int]
    ) -> None:
        """`row_of` tells the rows of ids among the base's `rows` rows, -1 for an id it does not have."""
        self._base = base
        self._rows = rows
        self._fields = fields
        self._row_of = row_of
        self._places: dict[int, int] = {}
        self._cells: dict[str, list[str]] = {field.name: [] for field in fields}
        self.added: dict[str, int] = {}
        """rows of ids that the base does not have"""

    def put(self, name: str, cells: Mapping[str, str]) -> bool:
        """Takes the place of all that was known of the id; was the id new?"""
        row = self.added.get(name, -1)
        if row < 0:
            row = self._row_of(name)
        new = row < 0
        if new:
            row = self.added[name] = self._rows + len(self.added)
        place = self._places.setdefault(row, len(self._places))
        for column, texts in self._cells.items():
            cell = cells.get(column, "")
            if place < len(texts):
                texts[place] = cell
            else:
                texts.append(cell)
        return new

    def attributes(self) -> Attributes:
        if not self._places:
            return self._base
        places = dict(self._places)
        columns: dict[str, Column] = dict(self._base.columns)
        for field in self._fields:
            base = self._base.columns.get(field.name)
            assert not isinstance(base, Patched), "changes are kept on top of what an image has"
            columns[field.name] = Patched(base, _column(field, self._cells[field.name]), places, self._rows)
        return Attributes(columns)


def _column(field: Field, cells: Sequence[str]) -> Plain:
    match storage_of(field):
        case "text":
            encoded = [cell.encode(errors="replace") for cell in cells]
            ends = np.cumsum([len(cell) for cell in encoded], dtype=np.int64)
            return Texts(ends, np.frombuffer(b"".join(encoded), np.uint8))
        case "coded":
            plain = [cell.encode(errors="replace").decode() for cell in kept(field, cells)]
            known: dict[str, int] = {"": -1}
            codes = [known.setdefault(cell, len(known) - 1) for cell in plain]
            return Words(np.array(codes, np.int32), tuple(known)[1:])
        case _:
            return Numbers(np.asarray(kept(field, cells)))
