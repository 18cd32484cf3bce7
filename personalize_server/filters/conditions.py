"""One comparison of a filter, for all rows of a column or for one."""

from collections.abc import Sequence

import numpy as np

from engine.ground.arrays import Mask
from personalize_server.data.attribute_columns import Column, Numbers, Patched, Plain, Texts, matching
from personalize_server.filters.comparing import rows_like
from personalize_server.filters.grammar import Condition, Literal

NEGATIVE = ("NOT IN", "!=")


def condition_mask(column: Plain, field: str, sign: str, wanted: Sequence[Literal]) -> Mask:
    """The rows that meet it; an absent cell meets only NOT IN and !=."""
    found: Mask
    match column:
        case Numbers(values):
            found = np.zeros(len(values), np.bool_)
            for value in wanted:
                found |= rows_like(values, sign, value, field)
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
            own = values[row : row + 1]
            met = any(rows_like(own, sign, value, condition.field)[0] for value in wanted)
        case Texts():
            met = False
        case _:
            code = int(column.codes[row])
            met = code >= 0 and any(value.value in column.parts[code] for value in wanted)
    return met != (sign in NEGATIVE)
