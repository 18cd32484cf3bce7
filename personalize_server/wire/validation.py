"""Requests checked against the service model: types, required members, lengths, ranges, patterns, enums."""

import math
import sys
from collections.abc import Iterator
from typing import Any

from botocore.model import Shape

from personalize_server.facts.errors import InvalidInput, Unserializable
from personalize_server.facts.texts import CONTROL, encodable
from personalize_server.wire.patterns import compiled

_SHOWN = 10
_LARGEST_INTEGER = 2**63 - 1
ID_SHAPES = frozenset({"ActionId", "ItemId", "RecommendationId", "StringType", "UserId"})
"""of what events and records say: ids, event types, sessions"""


def validate(shape: Shape | None, value: Any) -> dict[str, Any]:
    """The request with only the members the model knows.

    Raises: InvalidInput, with every broken constraint; Unserializable, for anything but an object.
    """
    if not isinstance(value, dict):
        raise Unserializable("The request body must be a JSON object.")
    if shape is None:
        return {}
    clean = _typed(shape, value, "")
    problems = list(_problems(shape, clean, ""))
    if problems:
        noun = "error" if len(problems) == 1 else "errors"
        shown = "; ".join(problems[:_SHOWN])
        raise InvalidInput(f"{len(problems)} validation {noun} detected: {shown}")
    return clean  # type: ignore[no-any-return]


def _typed(shape: Any, value: Any, path: str) -> Any:
    """Nulls and unknown members removed; a wrong JSON type is a serialization error."""
    match shape.type_name:
        case "structure":
            if not isinstance(value, dict):
                raise _wrong_type(path, "a structure")
            return {
                name: _typed(member, value[name], _join(path, name))
                for name, member in shape.members.items()
                if value.get(name) is not None
            }
        case "list":
            if not isinstance(value, list):
                raise _wrong_type(path, "a list")
            return [_typed(shape.member, entry, f"{path}.{at}.member") for at, entry in enumerate(value, 1)]
        case "map":
            if not isinstance(value, dict):
                raise _wrong_type(path, "a map")
            return {key: _typed(shape.value, entry, f"{path}.{key}") for key, entry in value.items()}
        case "string":
            if not isinstance(value, str) or not encodable(value):
                raise _wrong_type(path, "a string")
            return value
        case "boolean":
            if not isinstance(value, bool):
                raise _wrong_type(path, "a boolean")
            return value
        case "integer" | "long":
            if not _is_number(value) or value % 1 != 0 or abs(value) > _LARGEST_INTEGER:
                raise _wrong_type(path, "an integer")
            return int(value)
        case "float" | "double" | "timestamp":
            if not _is_number(value):
                raise _wrong_type(path, "a number")
            return value
        case other:
            raise AssertionError(f"shape type {other} is not handled")


def _problems(shape: Any, value: Any, path: str) -> Iterator[str]:
    match shape.type_name:
        case "structure":
            for name in shape.required_members:
                if name not in value:
                    yield _broken(None, _join(path, name), "Member must not be null")
            for name, entry in value.items():
                yield from _problems(shape.members[name], entry, _join(path, name))
        case "list":
            yield from _length_problems(shape, value, path)
            for at, entry in enumerate(value, 1):
                yield from _problems(shape.member, entry, f"{path}.{at}.member")
        case "map":
            yield from _length_problems(shape, value, path)
            for key, entry in value.items():
                yield from _problems(shape.key, key, path)
                yield from _problems(shape.value, entry, f"{path}.{key[:_SHOWN]}")
        case "string":
            yield from _string_problems(shape, value, path)
        case "integer" | "long" | "float" | "double":
            yield from _range_problems(shape, value, path)


def _string_problems(shape: Any, value: str, path: str) -> Iterator[str]:
    yield from _length_problems(shape, value, path)
    metadata = shape.metadata
    if shape.enum and value not in shape.enum:
        yield _broken(value, path, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
    pattern = metadata.get("pattern")
    if pattern and not compiled(pattern).fullmatch(value):
        shown = "***" if metadata.get("sensitive") else value
        yield _broken(shown, path, f"Member must satisfy regular expression pattern: {pattern}")
    if shape.name in ID_SHAPES and CONTROL.search(value):
        shown = "***" if metadata.get("sensitive") else value
        yield _broken(shown, path, "Member must not contain control characters")


def _length_problems(shape: Any, value: Any, path: str) -> Iterator[str]:
    shown = value if isinstance(value, str) and not shape.metadata.get("sensitive") else "***"
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and len(value) < low:
        yield _broken(shown, path, f"Member must have length greater than or equal to {low}")
    if high is not None and len(value) > high:
        yield _broken(shown, path, f"Member must have length less than or equal to {high}")


def _range_problems(shape: Any, value: float, path: str) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if not math.isfinite(value):
        yield _broken(value, path, "Member must be a finite number")
    if low is not None and value < low:
        yield _broken(value, path, f"Member must have value greater than or equal to {low}")
    if high is not None and value > high:
        yield _broken(value, path, f"Member must have value less than or equal to {high}")


def _is_number(value: Any) -> bool:
    """False for an integer that no float can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, float) or abs(value) <= sys.float_info.max


def _broken(value: object, path: str, constraint: str) -> str:
    shown = "null" if value is None else f"'{str(value)[:100]}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: {constraint}"


def _wrong_type(path: str, wanted: str) -> Unserializable:
    return Unserializable(f"The value at '{path}' is not {wanted}.")


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
