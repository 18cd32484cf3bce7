"""Whether values are of the types that their fields say: the other rules rely on it."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import EnumMeta
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from config.types.errors import Problem
from config.types.mistakes import choices

_WORDS: dict[Any, str] = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "True or False",
    Path: "a Path, such as FOLDER / 'items.sql'",
    NoneType: "None",
}


def kind_problems(subject: str, value: object, within: str = "") -> Iterator[Problem]:
    """Of a configuration value and, field by field, of those in it."""
    hints = get_type_hints(type(value))
    for field in fields(value):  # type: ignore[arg-type]
        given, where = getattr(value, field.name), f"{within}{field.name}"
        if not _fits(given, hints[field.name]):
            yield Problem(subject, where, given, f"must be {_words(hints[field.name], given)}")
            continue
        for at, inner in enumerate(given if isinstance(given, tuple) else (given,)):
            if is_dataclass(inner):
                place = f"{where}[{at}]." if isinstance(given, tuple) else f"{where}."
                yield from kind_problems(subject, inner, place)


def _fits(value: Any, hint: Any) -> bool:
    origin, parts = get_origin(hint), get_args(hint)
    if hint is Any:
        return True
    if origin in (Union, UnionType):
        return any(_fits(value, part) for part in parts)
    if origin is tuple:
        return isinstance(value, tuple) and _all_fit(value, parts)
    if origin is not None:
        return isinstance(value, origin)
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, hint)


def _all_fit(values: tuple[Any, ...], hints: tuple[Any, ...]) -> bool:
    each = hints[:1] * len(values) if hints[-1] is Ellipsis else hints
    return len(values) == len(each) and all(map(_fits, values, each))


def _words(hint: Any, given: object) -> str:
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return " or ".join(_words(part, given) for part in parts)
    if origin is tuple:
        inner = "; ".join(_words(part, None) for part in parts if part is not Ellipsis)
        comma = "" if isinstance(given, tuple | list | NoneType) else ": is a comma missing?"
        return f"a tuple of ({inner}){comma}"
    if origin is not None and issubclass(origin, Mapping):
        return "a dictionary"
    if isinstance(hint, EnumMeta):
        return f"one of {choices(hint)}"
    return _WORDS.get(hint, f"a {getattr(hint, '__name__', hint)}")
