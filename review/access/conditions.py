"""Conditions against each other: whether one holds wherever others do.

Unknown operators only imply themselves.
"""

from collections.abc import Iterable

from review.access.patterns import arn_includes, includes
from rights.conditions import Condition

_SET, _ANY = "ForAllValues:", "ForAnyValue:"
_EQUAL = frozenset(["StringEquals", "StringLike"])
_ARN = frozenset(["ArnEquals", "ArnLike"])


def all_implied(wanted: Iterable[Condition], given: Iterable[Condition]) -> bool:
    """Whether all of `wanted` hold for every request for which all of `given` do. False if not certain."""
    known = tuple(given)
    return all(any(implies(one, condition) for one in known) for condition in wanted)


def implies(given: Condition, wanted: Condition) -> bool:
    """Whether `wanted` holds wherever `given` does. False also where that is not certain."""
    if given.key.lower() != wanted.key.lower():
        return False
    if given.operator == wanted.operator and given.values == wanted.values:
        return True
    if "Null" in (given.operator, wanted.operator):
        return False
    if given.operator == wanted.operator and set(given.values) == set(wanted.values):
        return True
    (quantity, mine), (other, theirs) = _quantified(given.operator), _quantified(wanted.operator)
    if quantity != other:
        return False
    if theirs.endswith("IfExists") and not quantity:
        theirs, mine = theirs.removesuffix("IfExists"), mine.removesuffix("IfExists")
    # An element of the request that one expected value is enough for.
    if mine in _EQUAL and theirs in _EQUAL:
        return _all_included(
            given.values, wanted.values, like=theirs == "StringLike", was_like=mine == "StringLike"
        )
    if mine in _ARN and theirs in _ARN:
        return all(any(arn_includes(wide, one) for wide in wanted.values) for one in given.values)
    if mine == theirs and "Not" not in mine and mine in ("Bool", "StringEqualsIgnoreCase", "NumericEquals"):
        return set(given.values) <= set(wanted.values)
    if (
        mine == theirs
        and not quantity
        and mine in ("StringNotEquals", "StringNotLike", "ArnNotLike", "ArnNotEquals")
    ):
        # More is excluded than has to be.
        return set(given.values) >= set(wanted.values)
    return False


def _quantified(operator: str) -> tuple[str, str]:
    for quantity in (_SET, _ANY):
        if operator.startswith(quantity):
            return quantity, operator.removeprefix(quantity)
    return "", operator


def _all_included(given: Iterable[str], wanted: Iterable[str], *, like: bool, was_like: bool) -> bool:
    wide = tuple(wanted)
    if like:
        # What was equal before has no wildcards; a * in it is a star, which includes() takes for more.
        return all(any(includes(one, value) for one in wide) for value in given)
    if was_like:
        return all("*" not in value and "?" not in value and value in wide for value in given)
    return set(given) <= set(wide)
