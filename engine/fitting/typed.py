"""Whether values that came from a file are what a dataclass says of its fields."""

import math
from dataclasses import fields
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints


def misfits(kind: type[Any], values: dict[str, Any]) -> list[str]:
    """A sentence for every value that is not of its field's type; numbers must be finite."""
    hints = get_type_hints(kind)
    named = {field.name: hints[field.name] for field in fields(kind)}
    return [
        f"{name} must be {_words(named[name])}, got {value!r}"
        for name, value in values.items()
        if not _fits(value, named[name])
    ]


def _fits(value: Any, hint: Any) -> bool:
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return any(_fits(value, part) for part in parts)
    if origin is Literal:
        return value in parts
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        if parts[-1] is Ellipsis:
            return all(_fits(one, parts[0]) for one in value)
        return len(value) == len(parts) and all(map(_fits, value, parts))
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, hint)


def _words(hint: Any) -> str:
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return " or ".join(_words(part) for part in parts)
    if origin is Literal:
        return "one of " + ", ".join(map(str, parts))
    if origin is tuple:
        inner = [_words(part) for part in parts if part is not Ellipsis]
        return f"a list of ({'; '.join(inner)})"
    return {
        int: "a whole number",
        float: "a finite number",
        str: "a text",
        bool: "true or false",
        NoneType: "null",
    }.get(hint, f"a {hint.__name__}")
