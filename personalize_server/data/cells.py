"""What a cell of a dataset may be, by the type of its column: one rule for imports and for records put.

A cell is judged here once, when it comes; what has been taken is read by `kept`, which refuses nothing.
"""

import re
from collections.abc import Sequence
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
_LINE_BREAKS = re.compile(r"[\r\n]+")
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

    `now`, epoch seconds, is what times must not be far ahead of. Raises: CellError, at the first bad cell.
    """
    good = _all_good(field, cells, now)
    if good is not None:
        return good
    values = []
    for row, cell in enumerate(cells):
        try:
            values.append(_value(field, cell, now))
        except CellError as problem:
            problem.row = row
            raise
    match storage_of(field):
        case "long":
            return np.array(values, np.int64)
        case "double":
            return np.array(values, np.float64)
        case _:
            return [str(value) for value in values]


def judged_cell(field: Field, cell: str, now: float) -> str:
    """One cell in the spelling that it is kept in. Raises: CellError."""
    value = _value(field, cell, now)
    return value if isinstance(value, str) else spelled(value)


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


def _value(field: Field, cell: str, now: float) -> int | float | str:
    """The rule. Raises: CellError, of the row 0."""
    storage = storage_of(field)
    if not cell:
        if not field.nullable:
            raise CellError(0, field, f"has no value for {field.name}.")
        return MISSING_LONG if storage == "long" else np.nan if storage == "double" else ""
    if storage == "long":
        return _whole_value(field, cell, now)
    if storage == "double":
        number = float(cell) if _DECIMAL.fullmatch(cell) else np.inf
        if abs(number) >= _infinite(field):
            raise _wrong(field, cell, f"not of type {field.type}")
        return number
    if field.type == "boolean":
        if cell.lower() not in _BOOLEANS:
            raise _wrong(field, cell, "not of type boolean")
        return cell.lower()
    return _string_value(field, cell)


def _whole_value(field: Field, cell: str, now: float) -> int:
    number = whole(cell)
    if number is None or not _LEAST[field.type] <= number < _BEYOND[field.type]:
        raise _wrong(field, cell, f"not of type {field.type}")
    if number == MISSING_LONG:
        raise _wrong(field, cell, "the lowest of 64 bits, which stands for an absent one here")
    if field.name in TIMES and not EARLIEST <= number <= latest(now):
        if are_milliseconds(number, now):
            raise _wrong(field, cell, "milliseconds instead of seconds")
        raise _wrong(field, cell, "an implausible time: not from 1990 until tomorrow in epoch seconds")
    return number


def _string_value(field: Field, cell: str) -> str:
    if not cell.isprintable():
        if not encodable(cell):
            raise _wrong(field, cell, "no text")
        if field.name in _IDS and CONTROL.search(cell):
            raise CellError(0, field, f"has a control character in {field.name}.")
        if "\n" in cell or "\r" in cell:
            cell = _LINE_BREAKS.sub(" ", cell)
    limit = _limit(field)
    if limit is None or len(cell) <= limit:
        return cell
    if field.textual:
        return cell[:limit]
    raise TooLong(0, field, limit)


def _all_good(field: Field, cells: Sequence[str], now: float) -> Values | None:
    """The same values, fast, of a block without an odd cell; None: it takes the rule."""
    if "" in cells and (field.numeric or not field.nullable):
        return None
    match storage_of(field):
        case "long":
            numbers = _plain_longs(cells)
            if numbers is None:
                return None
            times = field.name in TIMES
            low, high = (EARLIEST, latest(now)) if times else (0, _BEYOND[field.type] - 1)
            return numbers if ((numbers >= low) & (numbers <= high)).all() else None
        case "double":
            floats = _plain_doubles(cells)
            return floats if floats is not None and (np.abs(floats) < _infinite(field)).all() else None
        case _ if field.type == "boolean":
            return cells if set(cells) <= {"", *_BOOLEANS} else None
        case _:
            limit = _limit(field)
            short = limit is None or max(map(len, cells), default=0) <= limit
            return cells if short and "".join(cells).isprintable() else None


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


def _limit(field: Field) -> int | None:
    """Characters; None: no limit is documented."""
    if field.name in _IDS:
        return _ID_LENGTH
    if field.categorical or field.name == "IMPRESSION":
        return _VALUE_LENGTH
    return _TEXT_LENGTH if field.textual else None


def _infinite(field: Field) -> float:
    """The least number that the type cannot have."""
    return _SINGLE if field.type == "float" else np.inf


def _wrong(field: Field, cell: str, what: str) -> CellError:
    if not encodable(cell):
        return CellError(0, field, f"has a lone surrogate in {field.name}, which UTF-8 cannot encode.")
    return CellError(0, field, f"has the value {cell[:_SHOWN]!r} for {field.name}, which is {what}.")
