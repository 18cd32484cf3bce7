"""A step's input as a typed value: camelCase members into the fields of a frozen dataclass.

Whole numbers may come as floats: the state machine's JSONata knows no other numbers. A run may meet newer
code than it began with: unknown members are told, not refused, and a new one has a default for one release.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from typing import Any, TypeVar

from pipeline.errors import InvalidInput
from pipeline.names import camel_case
from steps import telemetry

T = TypeVar("T")
_INPUT = "input"


def read_request(kind: type[T], event: Any) -> T:
    """Raises: InvalidInput, which names every missing or mistyped member."""
    found = _Findings()
    value = _object(kind, event, _INPUT, found)
    if found.unknown:
        telemetry.unknown_members(str(event.get("useCase") or "unknown"), sorted(found.unknown))
    if found.problems:
        raise InvalidInput("; ".join(found.problems))
    result: T = value
    return result


@dataclass
class _Findings:
    """unknown: members by their paths, those of all objects of a list as one."""

    problems: list[str] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)


def _object(kind: Any, value: Any, path: str, found: _Findings) -> Any:
    if not isinstance(value, Mapping):
        found.problems.append(f"{path} must be an object")
        return None
    hints = typing.get_type_hints(kind)
    known = {camel_case(declared.name): declared for declared in fields(kind)}
    members: dict[str, Any] = {}
    for name, declared in known.items():
        if name in value:
            members[declared.name] = _value(hints[declared.name], value[name], _within(path, name), found)
        elif declared.default is MISSING and declared.default_factory is MISSING:
            found.problems.append(f"{_within(path, name)} is missing")
    found.unknown.update(re.sub(r"\[\d+\]", "[]", _within(path, name)) for name in value if name not in known)
    return None if found.problems else kind(**members)


def _within(path: str, name: str) -> str:
    return name if path == _INPUT else f"{path}.{name}"


def _value(hint: Any, value: Any, path: str, found: _Findings) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        if value is None:
            return None
        [hint] = [argument for argument in arguments if argument is not types.NoneType]
        return _value(hint, value, path, found)
    if origin is tuple:
        if not isinstance(value, list):
            found.problems.append(f"{path} must be a list")
            return ()
        return tuple(_value(arguments[0], v, f"{path}[{i}]", found) for i, v in enumerate(value))
    if is_dataclass(hint):
        return _object(hint, value, path, found)
    wanted = origin or hint
    if wanted is dict and isinstance(value, dict):
        return {key: _value(arguments[1], v, f"{path}.{key}", found) for key, v in value.items()}
    if wanted is int and isinstance(value, float) and value.is_integer():
        return int(value)
    accepted = (int, float) if wanted is float else (wanted,)
    if wanted is not Any and (
        not isinstance(value, accepted) or (isinstance(value, bool) and wanted is not bool)
    ):
        found.problems.append(f"{path} must be {_NAMES.get(wanted, wanted.__name__)}, not {value!r}"[:200])
    return value


_NAMES = {str: "a text", bool: "true or false", int: "a whole number", float: "a number", dict: "an object"}
