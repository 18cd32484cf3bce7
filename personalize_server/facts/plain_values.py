"""Frozen dataclasses as plain JSON values, and strictly back: what crosses from one process to another."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


class PlainValueError(ValueError):
    """What has come across is not what its dataclass says; names the dataclass and the way to the field."""


def as_plain(value: Any) -> Any:
    """The value as JSON has it: dataclasses and mappings as dicts, sequences as lists, paths as strings.

    Raises: TypeError, for anything else that JSON does not have.
    """
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Path():
            return str(value)
        case Mapping():
            return {name: as_plain(entry) for name, entry in value.items()}
        case list() | tuple():
            return [as_plain(entry) for entry in value]
    if not is_dataclass(value):
        raise TypeError(f"a {type(value).__name__} does not cross to another process")
    return {field.name: as_plain(getattr(value, field.name)) for field in fields(value)}


def from_plain(kind: type[T], plain: Any) -> T:
    """The dataclass that `as_plain` was given, sequences as tuples.

    Raises: PlainValueError, if a field is unknown or missing, or a value is not of its field's type.
    """
    return _instance(kind, plain, kind.__name__)


def _instance(kind: type[T], plain: Any, where: str) -> T:
    plain, hints = _of(dict, plain, where), get_type_hints(kind)
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    for problem, wrong in (("has no", plain.keys() - names), ("lacks the", names - plain.keys())):
        if wrong:
            raise PlainValueError(f"{where} {problem} field {', '.join(sorted(map(str, wrong)))}")
    return kind(**{name: _value(hints[name], plain[name], f"{where}.{name}") for name in names})


def _value(hint: Any, plain: Any, where: str) -> Any:
    origin, parts = get_origin(hint), get_args(hint)
    if hint is Any:
        return plain
    if origin is UnionType:
        [other] = [part for part in parts if part is not NoneType]
        return None if plain is None else _value(other, plain, where)
    if is_dataclass(hint) and isinstance(hint, type):
        return _instance(hint, plain, where)
    if origin is Mapping:
        entries = _of(dict, plain, where)
        return {name: _value(parts[1], entry, f"{where}.{name}") for name, entry in entries.items()}
    if origin is Sequence:
        return tuple(_value(parts[0], entry, f"{where}[]") for entry in _of(list, plain, where))
    if origin is tuple:
        row = _of(list, plain, where)
        if len(row) != len(parts):
            raise PlainValueError(f"{where} must have {len(parts)} entries, not {len(row)}")
        return tuple(_value(part, entry, where) for part, entry in zip(parts, row, strict=True))
    if hint is Path:
        return Path(_of(str, plain, where))
    if hint is float and isinstance(plain, int) and not isinstance(plain, bool):
        return plain
    return _of(hint, plain, where)


def _of(type_: type[T], plain: Any, where: str) -> T:
    if not isinstance(plain, type_) or (isinstance(plain, bool) and type_ is not bool):
        raise PlainValueError(f"{where} must be of type {type_.__name__}, not {type(plain).__name__}")
    return plain
