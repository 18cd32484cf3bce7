"""One comparison of a filter, for all rows of a column or for one."""

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from engine.ground.arrays import Mask
from personalize_server.data.attribute_columns import Column, Numbers, Patched, Plain, Texts, matching
from personalize_server.filters.grammar import Condition, FilterError, Literal

_COMPARE: Mapping[str, Callable[[Any, float], Any]] = {
    "IN": operator.eq,
    "NOT IN": operator.eq,
    "=": operator.eq,
    "!=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
NEGATIVE = ("NOT IN", "!=")


def condition_mask(column: Plain, field: str, sign: str, wanted: Sequence[Literal]) -> Mask:
    """The rows that meet it; an absent cell meets only NOT IN and !=."""
    found: Mask
    match column:
        case Numbers(values):
            found = np.zeros(len(values), np.bool_)
            for value in wanted:
                found |= _COMPARE[sign](values, _number(value, field))
        case Texts(ends):
            found = np.zeros(len(ends), np.bool_)
        case _:
            found = matching(column, [value.value for value in wanted])
    return ~found if sign in NEGATIVE else found


def cell_meets(column: Column, row: int, condition: Condition, wanted: Sequence[Literal]) -> bool:
    """The same for one row."""
    sign = condition.operator
    match column:
        case Patched():
            found = column.at(row)
            return sign in NEGATIVE if found is None else cell_meets(*found, condition, wanted)
        case Numbers(values):
            cell = float(values[row])
            met = any(_COMPARE[sign](cell, _number(value, condition.field)) for value in wanted)
        case Texts():
            met = False
        case _:
            code = int(column.codes[row])
            met = code >= 0 and any(value.value in column.parts[code] for value in wanted)
    return met != (sign in NEGATIVE)


def _number(value: Literal, field: str) -> float:
    try:
        return float(value.value)
    except ValueError:
        raise FilterError(f"{value.value} is not a number to compare {field} with.") from None
