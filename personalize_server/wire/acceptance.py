"""Checks of requests, made once per shape of the service model, for those that are asked for all the time.

They say only whether a request is good; what is wrong with a bad one is for validation.py to say.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from botocore.model import Shape

from personalize_server.wire.patterns import compiled
from personalize_server.wire.validation import ID_SHAPES, validate

Check = Callable[[Any], bool]


@cache
def checker(shape: Shape) -> Check:
    """True only for values that `validate` would return as they are."""
    return _MAKING[shape.type_name](shape)


def accepted(shape: Shape, value: Any) -> dict[str, Any]:
    """As validate, but fast for what is good."""
    if checker(shape)(value):
        good: dict[str, Any] = value
        return good
    return validate(shape, value)


def _structure(shape: Any) -> Check:
    members = {name: checker(member) for name, member in shape.members.items()}
    required = tuple(shape.required_members)

    def good(value: Any) -> bool:
        if type(value) is not dict:
            return False
        for name, entry in value.items():
            check = members.get(name)
            if check is None or not check(entry):
                return False
        return all(name in value for name in required)

    return good


def _list(shape: Any) -> Check:
    low, high = _bounds(shape)
    check = checker(shape.member)

    def good(value: Any) -> bool:
        return type(value) is list and low <= len(value) <= high and all(map(check, value))

    return good


def _map(shape: Any) -> Check:
    low, high = _bounds(shape)
    check_key, check = checker(shape.key), checker(shape.value)

    def good(value: Any) -> bool:
        return (
            type(value) is dict
            and low <= len(value) <= high
            and all(map(check_key, value))
            and all(map(check, value.values()))
        )

    return good


def _string(shape: Any) -> Check:
    low, high = _bounds(shape)
    pattern = shape.metadata.get("pattern")
    matches = compiled(pattern).fullmatch if pattern else None
    choices = frozenset(shape.enum)
    plain = shape.name in ID_SHAPES

    def good(value: Any) -> bool:
        if type(value) is not str or not low <= len(value) <= high or not value.isascii():
            return False
        if (choices and value not in choices) or (plain and not value.isprintable()):
            return False
        return matches is None or matches(value) is not None

    return good


def _integer(shape: Any) -> Check:
    low, high = shape.metadata.get("min", -(2**31)), shape.metadata.get("max", 2**31 - 1)

    def good(value: Any) -> bool:
        return type(value) is int and low <= value <= high

    return good


def _number(shape: Any) -> Check:
    low, high = _bounds(shape, float("-inf"))

    def good(value: Any) -> bool:
        return (type(value) is float or type(value) is int) and low <= value <= high and value - value == 0

    return good


def _boolean(_: Any) -> Check:
    return lambda value: type(value) is bool


def _bounds(shape: Any, low: float = 0) -> tuple[float, float]:
    return shape.metadata.get("min", low), shape.metadata.get("max", float("inf"))


_MAKING: dict[str, Callable[[Any], Check]] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "integer": _integer,
    "long": _integer,
    "float": _number,
    "double": _number,
    "timestamp": _number,
    "boolean": _boolean,
}
