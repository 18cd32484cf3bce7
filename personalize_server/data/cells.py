"""The cells of one CSV column as values of the schema's type, or the first cell that is not one."""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from personalize_server.data.avro_schema import Field
from personalize_server.data.columns import MISSING_LONG, Storage
from personalize_server.facts.texts import CONTROL

_LONG = re.compile(r"[+-]?\d{1,19}(\.0*)?", re.ASCII)
_DOUBLE = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_PLAIN = "0123456789.+-eE"  # float() accepts more: names, blanks, underscores
_BOOLEANS = frozenset({"true", "false"})
_SHOWN = 40
_ID_LENGTH = 256
_TEXT_LENGTH = 1000
_IDS = ("USER_ID", "ITEM_ID", "ACTION_ID", "EVENT_TYPE")
_LONG_STRINGS = ("IMPRESSION", "RECOMMENDATION_ID")


class CellError(ValueError):
    """The cell at `row` (of the block) breaks a rule; `{line}` in the text stands for its line."""

    def __init__(self, row: int, text: str) -> None:
        super().__init__(text)
        self.row = row


def storage_of(field: Field) -> Storage:
    if field.type in ("int", "long"):
        return "long"
    if field.numeric:
        return "double"
    return "text" if field.textual or field.name in _LONG_STRINGS else "coded"


def values_of(field: Field, cells: Sequence[str]) -> Sequence[str] | NDArray[np.generic]:
    """Checked against the schema's type, null and the length limits of the service.

    Raises: CellError, at the first cell that is not so.
    """
    if not field.nullable and "" in cells:
        raise CellError(cells.index(""), f"Line {{line}} of the input CSV has no value for {field.name}.")
    match storage_of(field):
        case "long":
            return _longs(field, cells)
        case "double":
            return _doubles(field, cells)
        case _:
            return _strings(field, cells)


def check_new(field: Field, cells: Sequence[str], values: Sequence[str] | NDArray[np.generic]) -> None:
    """What `values_of` lets pass, as records kept from before may have it: control characters in columns of
    ids and event types, numbers too large for their type. Raises: CellError.
    """
    if isinstance(values, np.ndarray) and np.isinf(values).any():
        raise _wrong_type(int(np.isinf(values).argmax()), field, cells)
    if field.name not in _IDS or "".join(cells).isprintable():
        return
    for row, cell in enumerate(cells):
        if CONTROL.search(cell):
            raise CellError(row, f"Line {{line}} of the input CSV has a control character in {field.name}.")


def _longs(field: Field, cells: Sequence[str]) -> NDArray[np.generic]:
    joined = "".join(cells)
    if joined.isascii() and joined.isdigit() and "" not in cells:
        with suppress(OverflowError):
            return np.fromiter(map(int, cells), np.int64, len(cells))
    bound = 2**31 if field.type == "int" else 2**63
    _each(field, cells, lambda cell: bool(_LONG.fullmatch(cell)) and -bound < _whole(cell) < bound)
    return np.fromiter((_whole(cell) if cell else MISSING_LONG for cell in cells), np.int64, len(cells))


def _whole(cell: str) -> int:
    """Of 5 and of 5.0, as PutEvents has its values and pandas writes columns with gaps."""
    return int(cell.partition(".")[0])


def _doubles(field: Field, cells: Sequence[str]) -> NDArray[np.generic]:
    if "" not in cells and not "".join(cells).strip(_PLAIN):
        with suppress(ValueError):
            numbers = np.fromiter(map(float, cells), np.float64, len(cells))
            if np.isfinite(numbers).all():
                return numbers
    _each(field, cells, lambda cell: bool(_DOUBLE.fullmatch(cell)))
    return np.fromiter((float(cell) if cell else np.nan for cell in cells), np.float64, len(cells))


def _strings(field: Field, cells: Sequence[str]) -> Sequence[str]:
    if field.type == "boolean":
        _each(field, cells, lambda cell: cell.lower() in _BOOLEANS)
        return [cell.lower() for cell in cells]
    limit = _limit(field)
    if limit is not None and cells and max(map(len, cells)) > limit:
        row = next(row for row, cell in enumerate(cells) if len(cell) > limit)
        raise CellError(
            row, f"Length cannot be more than {limit} characters for {field.name} (line {{line}})."
        )
    return cells


def _limit(field: Field) -> int | None:
    if field.name in _IDS:
        return _ID_LENGTH
    return _TEXT_LENGTH if field.categorical or field.name == "IMPRESSION" else None


def _each(field: Field, cells: Sequence[str], good: Callable[[str], bool]) -> None:
    for row, cell in enumerate(cells):
        if cell and not good(cell):
            raise _wrong_type(row, field, cells)


def _wrong_type(row: int, field: Field, cells: Sequence[str]) -> CellError:
    shown = cells[row][:_SHOWN].replace("{", "{{").replace("}", "}}")
    return CellError(
        row,
        f"Line {{line}} of the input CSV has the value {shown!r} for {field.name}, "
        f"which is not of type {field.type}.",
    )
