"""A step's input as a typed value: camelCase members into the fields of a frozen dataclass.

Whole numbers may come as floats: the state machine's JSONata knows no other numbers.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, TypeVar

from pipeline.errors import InvalidInput

T = TypeVar("T")


def read_request(kind: type[T], event: Any) -> T:
    """Error: InvalidInput that names every missing or mistyped member; unknown ones are ignored."""
    problems: list[str] = []
    value = _object(kind, event, "input", problems)
    if problems:
        raise InvalidInput("; ".join(problems))
    result: T = value
    return result


def _object(kind: Any, value: Any, path: str, problems: list[str]) -> Any:
    if not isinstance(value, Mapping):
        problems.append(f"{path} must be an object")
        return None
    hints = typing.get_type_hints(kind)
    members: dict[str, Any] = {}
    for field in fields(kind):
        name = _camel(field.name)
        where = name if path == "input" else f"{path}.{name}"
        if name in value:
            members[field.name] = _value(hints[field.name], value[name], where, problems)
        elif field.default is MISSING and field.default_factory is MISSING:
            problems.append(f"{where} is missing")
    return None if problems else kind(**members)


def _value(hint: Any, value: Any, path: str, problems: list[str]) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        if value is None:
            return None
        [hint] = [argument for argument in arguments if argument is not types.NoneType]
        return _value(hint, value, path, problems)
    if origin is tuple:
        if not isinstance(value, list):
            problems.append(f"{path} must be a list")
            return ()
        return tuple(_value(arguments[0], v, f"{path}[{i}]", problems) for i, v in enumerate(value))
    if is_dataclass(hint):
        return _object(hint, value, path, problems)
    wanted = origin or hint
    if wanted is int and isinstance(value, float) and value.is_integer():
        return int(value)
    accepted = (int, float) if wanted is float else (wanted,)
    if wanted is not Any and (
        not isinstance(value, accepted) or (isinstance(value, bool) and wanted is not bool)
    ):
        problems.append(f"{path} must be {_NAMES.get(wanted, wanted.__name__)}, not {value!r}"[:200])
    return value


_NAMES = {str: "a text", bool: "true or false", int: "a whole number", float: "a number", dict: "an object"}


def _camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name)
