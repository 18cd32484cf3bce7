"""Values on their way into the JSONata library and out of it."""

import math
from collections.abc import Mapping
from typing import Any

from jsonata.utils import Utils


class UnsupportedValue(ValueError):
    """A function or another thing that is not JSON."""


def from_json(value: Any) -> Any:
    """The library takes None for undefined, wherever it stands."""
    match value:
        case None:
            return Utils.NULL_VALUE
        case dict():
            return {key: from_json(member) for key, member in value.items()}
        case list():
            return [from_json(member) for member in value]
        case _:
            return value


def as_json(value: Any) -> Any:
    """JavaScript has one kind of number, so 2.0 is 2; what is not finite becomes text, as on AWS.

    Raises: UnsupportedValue, if there is something that JSON does not have.
    """
    match value:
        case None | Utils.NULL_VALUE:
            return None
        case bool() | str():
            return value
        case float() if not math.isfinite(value):
            return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        case float() if value.is_integer():
            return int(value)
        case int() | float():
            return value
        case Mapping():
            return {key: as_json(member) for key, member in value.items()}
        case list() | tuple():
            return [as_json(member) for member in value]
        case _:
            raise UnsupportedValue("returned an unsupported result type.")
