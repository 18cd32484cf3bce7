"""Conditions of filters met by rows of whole tables."""

import operator
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Mask
from personalize_server.attribute_table import AttributeTable
from personalize_server.filters.grammar import (
    WILDCARD,
    Condition,
    FilterError,
    Literal,
    Placeholder,
    Reference,
    Rule,
)

_COMPARE: Mapping[str, Callable[[NDArray[np.float64], float], Mask]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class ParameterMissing(FilterError):
    """The request lacks a parameter of the filter."""


def event_test(rule: Rule, values: Mapping[str, tuple[Literal, ...]]) -> Callable[[str], bool]:
    """Event types compare without regard to case."""
    groups = []
    for group in rule.any_of:
        tests = []
        for condition in group:
            wanted = {value.value.lower() for value in _literals(condition, values)}
            tests.append((wanted, condition.operator not in ("NOT IN", "!=")))
        groups.append(tests)

    def meant(kind: str) -> bool:
        return any(
            all((WILDCARD in wanted or kind.lower() in wanted) == positive for wanted, positive in tests)
            for tests in groups
        )

    return meant


def condition_rows(
    table: AttributeTable, condition: Condition, values: Mapping[str, tuple[Literal, ...]]
) -> Mask:
    wanted = _literals(condition, values)
    field = condition.field.upper()
    column = next((name for part in table.parts for name in part.columns if name.upper() == field), field)
    negative = condition.operator in ("NOT IN", "!=")
    if table.is_number(column):
        numbers = table.numbers(column)
        compare = _COMPARE["=" if condition.operator.endswith("IN") or negative else condition.operator]
        found: Mask = np.zeros(len(numbers), np.bool_)
        for value in wanted:
            found |= compare(numbers, _number(value, column))
    else:
        texts = {value.value for value in wanted}
        found = table.matches(column, lambda cell: cell in texts or not texts.isdisjoint(cell.split("|")))
    return ~found if negative else found


def _literals(condition: Condition, values: Mapping[str, tuple[Literal, ...]]) -> Sequence[Literal]:
    found: list[Literal] = []
    for value in condition.values:
        match value:
            case Literal():
                found.append(value)
            case Placeholder(name):
                if name not in values:
                    raise ParameterMissing(f"The filter needs a value for the parameter {name}.")
                found.extend(values[name])
            case Reference(subject, field):
                raise FilterError(f"{subject}.{field} as a value is not supported here.")
    return found


def _number(value: Literal, column: str) -> float:
    try:
        return float(value.value)
    except ValueError:
        raise FilterError(f"{value.value} is not a number to compare {column} with.") from None
