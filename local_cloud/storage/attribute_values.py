"""Attribute values in answers: stock moto looks at each of their ten possible members, for every value."""

from collections.abc import Callable
from typing import Any

from moto.core.serialize import BaseJSONSerializer

from local_cloud.ground.patching import replace


class _NotPlain(Exception):
    """Binary, or not in the form in which it is sent."""


def install() -> None:
    def serialize(self: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
        if shape.name == "AttributeValue" and key:
            try:
                self._default_serialize(serialized, plain(value), shape, key)
                return
            except _NotPlain:
                pass
        stock_serialize(self, serialized, value, shape, key)

    stock_serialize = replace(BaseJSONSerializer, "_serialize_type_structure", serialize)


def plain(value: Any) -> dict[str, Any]:
    """The same value as it is sent. Raises: _NotPlain."""
    if type(value) is not dict or len(value) != 1:
        raise _NotPlain
    [(kind, content)] = value.items()
    # Most are texts, and those stay as they are.
    if kind == "S" and type(content) is str:
        return value
    convert = _CONVERSIONS.get(kind)
    if convert is None:
        raise _NotPlain
    return {kind: convert(content)}


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "S": str,
    "N": str,
    "BOOL": bool,
    "NULL": bool,
    "SS": lambda items: [str(item) for item in items],
    "NS": lambda items: [str(item) for item in items],
    "L": lambda items: [plain(item) for item in items],
    "M": lambda items: {name: plain(item) for name, item in items.items()},
}
