"""Comparisons of a column of numbers with a literal: of whole numbers to the last digit."""

import operator
from collections.abc import Callable, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ground.arrays import Mask
from personalize_server.data.numbers import MISSING_LONG, exact
from personalize_server.filters.grammar import FilterError, Literal

_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "IN": operator.eq,
    "NOT IN": operator.eq,
    "=": operator.eq,
    "!=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ROUNDED = {"<": ("<=", ROUND_FLOOR), ">": (">=", ROUND_CEILING)}
_DIGITS = 20


def rows_like(
    values: NDArray[np.int64] | NDArray[np.float64], sign: str, literal: Literal, field: str
) -> Mask:
    """The rows that compare so with it, an absent number never; of NOT IN and != those that are equal.

    Raises: FilterError, if the literal is no number.
    """
    number = exact(literal.value.strip())
    if number is None:
        raise FilterError(f"{literal.value} is not a number to compare {field} with.")
    found: Mask
    if values.dtype != np.int64:
        found = _COMPARE[sign](values, float(number))
        return found
    if not number:
        number = Decimal(0)
    elif number.adjusted() >= _DIGITS:  # beyond 64 bits
        number = Decimal(10) ** _DIGITS * (1 if number > 0 else -1)
    if number != number.to_integral_value():
        if sign[0] not in _ROUNDED:
            return np.zeros(len(values), np.bool_)
        sign, rounding = _ROUNDED[sign[0]]
        number = number.to_integral_value(rounding)
    found = _COMPARE[sign](values, int(number)) & (values != MISSING_LONG)
    return found
