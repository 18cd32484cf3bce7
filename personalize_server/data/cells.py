"""What a cell of a dataset may be, by the type of its column: one rule for imports and for records put.

A cell is judged here once, when it comes; what has been taken is read by `kept`, which refuses nothing.
"""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from personalize_server.data.avro_schema import Field
from personalize_server.data.columns import Storage
from personalize_server.data.numbers import MISSING_LONG, spelled, whole
from personalize_server.facts.moments import EARLIEST, are_milliseconds, latest
from personalize_server.facts.texts import CONTROL, encodable

Values: TypeAlias = Sequence[str] | NDArray[np.int64] | NDArray[np.float64]
TIMES = ("TIMESTAMP", "CREATION_TIMESTAMP")
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_PLAIN = "0123456789.+-eE"  # float() accepts more: names, blanks, underscores
_PLAIN_DIGITS = 18
_SINGLE = 2.0**128 - 2.0**103
"""the least number that is infinite in single precision"""
_LEAST = {"int": -(2**31), "long": -(2**63)}
_BEYOND = {"int": 2**31, "long": 2**63}
_BOOLEANS = frozenset({"true", "false"})
_SHOWN = 40
_ID_LENGTH = 256
_VALUE_LENGTH = 1000
"""of categories and impressions (Amazon Personalize, endpoints and quotas)"""
_TEXT_LENGTH = 20_000
"""of textual columns, cut there (Amazon Personalize, item metadata)"""
_IDS = ("USER_ID", "ITEM_ID", "ACTION_ID", "EVENT_TYPE")
_LONG_STRINGS = ("IMPRESSION", "RECOMMENDATION_ID")


class CellError(ValueError):
    """The cell at `row` breaks a rule."""

    def __init__(self, row: int, field: Field, problem: str) -> None:
        super().__init__(f"{field.name} {problem}")
        self.row = row
        self._problem = problem

    def of_line(self, line: int) -> str:
        """In words, of an import."""
        return f"Line {line} of the input CSV {self._problem}"

    def of_record(self) -> str:
        """In words, of a record that came alone."""
        return f"The record {self._problem}"


class TooLong(CellError):
    """It has too many characters; in the service's own words."""

    def __init__(self, row: int, field: Field, most: int) -> None:
        super().__init__(row, field, f"has more than {most} characters for {field.name}.")
        self._words = f"Length cannot be more than {most} characters for {field.name}"

    def of_line(self, line: int) -> str:
        return f"{self._words} (line {line})."

    def of_record(self) -> str:
        return f"{self._words}."


def storage_of(field: Field) -> Storage:
    if field.type in ("int", "long"):
        return "long"
    if field.numeric:
        return "double"
    return "text" if field.textual or field.name in _LONG_STRINGS else "coded"


def judged(field: Field, cells: Sequence[str], now: float) -> Values:
    """What is kept of new cells: numbers, or strings each on a line.

    `now`, epoch seconds, is what times must not be far ahead of. Raises: CellError, at a bad one.
    """
    if not field.nullable and "" in cells:
        raise CellError(cells.index(""), field, f"has no value for {field.name}.")
    match storage_of(field):
        case "long":
            return _longs(field, cells, now)
        case "double":
            return _doubles(field, cells)
        case _ if field.type == "boolean":
            _each(field, cells, lambda cell: cell.lower() in _BOOLEANS)
            return [cell.lower() for cell in cells]
        case _:
            return _strings(field, cells)


def judged_cell(field: Field, cell: str, now: float) -> str:
    """One cell in the spelling that it is kept in. Raises: CellError."""
    values = judged(field, [cell], now)
    return spelled(values.item(0)) if isinstance(values, np.ndarray) else values[0]


def kept(field: Field, cells: Sequence[str]) -> Values:
    """The values of cells that were taken, by this rule or one of before: what is no value is absent."""
    match storage_of(field):
        case "long":
            plain = _plain_longs(cells)
            return plain if plain is not None else np.array([_long(cell) for cell in cells], np.int64)
        case "double":
            found = _plain_doubles(cells)
            if found is None:
                found = np.array([float(cell) if _DECIMAL.fullmatch(cell) else np.nan for cell in cells])
            return np.where(np.isfinite(found), found, np.nan)
        case _ if field.type == "boolean":
            return [cell.lower() for cell in cells]
        case _:
            return cells


def _longs(field: Field, cells: Sequence[str], now: float) -> NDArray[np.int64]:
    values = _plain_longs(cells)
    if values is None:
        _each(field, cells, lambda cell: whole(cell) is not None)
        values = np.array([_long(cell) for cell in cells], np.int64)
        absent = np.array([not cell for cell in cells], np.bool_)
        if field.type == "long" and (lowest := (values == MISSING_LONG) & ~absent).any():
            problem = "the lowest of 64 bits, which stands for an absent one here"
            raise _wrong(int(lowest.argmax()), field, cells, problem)
        _check(field, cells, ~absent & (values < _LEAST[field.type]))
    _check(field, cells, values >= _BEYOND[field.type])
    if field.name in TIMES:
        _check_times(field, cells, values, now)
    return values


def _check_times(field: Field, cells: Sequence[str], values: NDArray[np.int64], now: float) -> None:
    strange = ((values < EARLIEST) | (values > latest(now))) & (values != MISSING_LONG)
    if strange.any():
        row = int(strange.argmax())
        if are_milliseconds(int(values[row]), now):
            raise _wrong(row, field, cells, "milliseconds instead of seconds")
        raise _wrong(row, field, cells, "an implausible time: not from 1990 until tomorrow in epoch seconds")


def _doubles(field: Field, cells: Sequence[str]) -> NDArray[np.float64]:
    values = _plain_doubles(cells)
    if values is None:
        _each(field, cells, lambda cell: bool(_DECIMAL.fullmatch(cell)))
        values = np.array([float(cell) if cell else np.nan for cell in cells], np.float64)
    _check(field, cells, np.abs(values) >= (_SINGLE if field.type == "float" else np.inf))
    return values


def _plain_longs(cells: Sequence[str]) -> NDArray[np.int64] | None:
    """All at once, where all are digits and few; None: one by one is called for."""
    joined = "".join(cells)
    if joined.isascii() and joined.isdigit() and "" not in cells and max(map(len, cells)) <= _PLAIN_DIGITS:
        return np.fromiter(map(int, cells), np.int64, len(cells))
    return None


def _plain_doubles(cells: Sequence[str]) -> NDArray[np.float64] | None:
    """All at once, where none is absent and all are numbers."""
    if "" not in cells and not "".join(cells).strip(_PLAIN):
        with suppress(ValueError):
            return np.fromiter(map(float, cells), np.float64, len(cells))
    return None


def _long(cell: str) -> int:
    number = whole(cell) if cell else None
    return MISSING_LONG if number is None else number


def _strings(field: Field, cells: Sequence[str]) -> Sequence[str]:
    joined = "".join(cells)
    if not encodable(joined):
        raise _wrong(next(row for row, cell in enumerate(cells) if not encodable(cell)), field, cells, "")
    if field.name in _IDS and not joined.isprintable():
        for row, cell in enumerate(cells):
            if CONTROL.search(cell):
                raise CellError(row, field, f"has a control character in {field.name}.")
    if "\n" in joined or "\r" in joined:
        cells = [re.sub(r"[\r\n]+", " ", cell) for cell in cells]
    limit = _limit(field)
    if limit is not None and cells and max(map(len, cells)) > limit:
        if field.textual:
            return [cell[:limit] for cell in cells]
        raise TooLong(next(row for row, cell in enumerate(cells) if len(cell) > limit), field, limit)
    return cells


def _limit(field: Field) -> int | None:
    """Characters; None: no limit is documented."""
    if field.name in _IDS:
        return _ID_LENGTH
    if field.categorical or field.name == "IMPRESSION":
        return _VALUE_LENGTH
    return _TEXT_LENGTH if field.textual else None


def _each(field: Field, cells: Sequence[str], good: Callable[[str], bool]) -> None:
    for row, cell in enumerate(cells):
        if cell and not good(cell):
            raise _wrong(row, field, cells, f"not of type {field.type}")


def _check(field: Field, cells: Sequence[str], bad: NDArray[np.bool_]) -> None:
    if bad.any():
        raise _wrong(int(bad.argmax()), field, cells, f"not of type {field.type}")


def _wrong(row: int, field: Field, cells: Sequence[str], what: str) -> CellError:
    if not encodable(cells[row]):
        return CellError(row, field, f"has a lone surrogate in {field.name}, which UTF-8 cannot encode.")
    return CellError(row, field, f"has the value {cells[row][:_SHOWN]!r} for {field.name}, which is {what}.")
