"""JSONata's own functions where the library's differ from the reference implementation."""

import json
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from jsonata.functions import Functions
from jsonata.jexception import JException
from jsonata.jsonata import Jsonata
from jsonata.parser import Parser
from jsonata.utils import Utils

_stock_number = Functions.number
_stock_to_millis = Functions.datetime_to_millis

_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_PREFIXED = re.compile(r"0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+")
_TIMESTAMP = re.compile(
    r"(\d{4})(?:-([01]\d))?(?:-([0-3]\d))?(?:T([0-2]\d:[0-5]\d:[0-5]\d))?(\.\d+)?([+-][0-2]\d:?[0-5]\d|Z)?"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def count(value: Any) -> int:
    """A null is one thing, as on AWS."""
    return len(value) if isinstance(value, list) else int(value is not None)


def number(value: Any) -> Any:
    """Text only of the form of a JSON number, or hexadecimal, octal or binary with a prefix.

    Raises: JException, D3030, if it is not.
    """
    if not isinstance(value, str):
        return _stock_number(value)
    if _PREFIXED.fullmatch(value):
        return int(value, 0)
    result = float(value) if _DECIMAL.fullmatch(value) else math.inf
    if not math.isfinite(result):
        raise JException("D3030", -1, value)
    return result


def power(base: float | None, exponent: float | None) -> float | None:
    """$power. Raises: JException, D3061, if there is no such number."""
    if base is None or exponent is None:
        return None
    try:
        result: Any = float(base) ** float(exponent)
    except (OverflowError, ZeroDivisionError):
        result = math.inf
    if isinstance(result, complex) or not math.isfinite(result):
        raise JException("D3061", -1, base, exponent)
    return float(result)


def number_text(value: float) -> str:
    """As JavaScript writes a number of at most 15 digits."""
    rounded = float(f"{value:.15g}")
    if rounded.is_integer() and abs(rounded) < 1e21:
        return str(int(rounded))
    if 1e-6 <= abs(rounded) < 1e21:
        return format(Decimal(repr(rounded)), "f")
    mantissa, _, exponent = repr(rounded).partition("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent):+d}"


def _is_function(value: Any) -> bool:
    return isinstance(value, Jsonata.JFunctionCallable | Parser.Symbol)


def _written(value: Any, indent: int, depth: int = 1) -> str:
    """JSON.stringify's text, with functions as empty text."""
    match value:
        case None | Utils.NULL_VALUE:
            return "null"
        case bool():
            return json.dumps(value)
        case int() | float():
            Utils.is_numeric(value)
            return number_text(value)
        case str():
            return json.dumps(value, ensure_ascii=False)
        case dict():
            colon = ": " if indent else ":"
            inner = [
                json.dumps(key, ensure_ascii=False) + colon + _written(member, indent, depth + 1)
                for key, member in value.items()
            ]
            return _bracketed("{}", inner, indent, depth)
        case list():
            return _bracketed("[]", [_written(one, indent, depth + 1) for one in value], indent, depth)
        case _:
            return '""'


def _bracketed(brackets: str, inner: list[str], indent: int, depth: int) -> str:
    if not inner or not indent:
        return brackets[0] + ",".join(inner) + brackets[1]
    outer, line = "\n" + " " * indent * (depth - 1), "\n" + " " * indent * depth
    return brackets[0] + line + f",{line}".join(inner) + outer + brackets[1]


def string(value: Any, prettify: bool | None = None) -> str | None:
    """$string. Raises: JException, D3001, if `value` is not finite; D1001, if something in it is not."""
    if isinstance(value, Utils.JList) and value.outer_wrapper:
        value = value[0]
    if value is None or isinstance(value, str):
        return value
    if _is_function(value):
        return ""
    if isinstance(value, float) and not math.isfinite(value):
        raise JException("D3001", -1, value)
    return _written(value, 2 if prettify else 0)


def sort(array: list[Any] | None, comparator: Any) -> list[Any] | None:
    """Stable: a comparator says whether its first argument comes after its second.

    Raises: JException, D3070, if there is none and the array is not of numbers only or texts only.
    """
    if array is None or len(array) <= 1:
        return array
    after: Callable[[Any, Any], bool]
    if comparator is not None:

        def after(first: Any, second: Any) -> bool:
            answer = Functions.func_apply(comparator, [first, second])
            return answer is not Utils.NULL_VALUE and (bool(answer) or isinstance(answer, list | dict))

    elif Utils.is_array_of_numbers(array) or Utils.is_array_of_strings(array):
        return sorted(array)
    else:
        raise JException("D3070", -1)

    def merged(part: list[Any]) -> list[Any]:
        if len(part) <= 1:
            return part
        middle = len(part) // 2
        left, right, result = merged(part[:middle]), merged(part[middle:]), []
        while left and right:
            result.append((right if after(left[0], right[0]) else left).pop(0))
        return [*result, *left, *right]

    return merged(list(array))


def to_millis(timestamp: str | None, picture: str | None) -> int | None:
    """$toMillis. Raises: JException, D3110, if `timestamp` without a picture is not of ISO 8601."""
    if timestamp is None:
        return None
    if picture is not None:
        return int(parsed) if (parsed := _stock_to_millis(timestamp, picture)) is not None else None
    found = _TIMESTAMP.fullmatch(timestamp)
    if found is None:
        raise JException("D3110", -1, timestamp)
    year, month, day, time, fraction, zone = found.groups()
    try:
        moment = datetime.fromisoformat(
            f"{year}-{month or '01'}-{day or '01'}T{time or '00:00:00'}{zone or 'Z'}"
        )
    except ValueError:
        raise JException("D3110", -1, timestamp) from None
    milliseconds = int(f"{fraction or '.'}000"[1:4])
    return (moment - _EPOCH) // timedelta(milliseconds=1) + milliseconds


def error(message: Any) -> None:
    """$error. Raises: JException, D3137, always; T0410, if `message` is null."""
    if message is Utils.NULL_VALUE:
        raise JException("T0410", -1, 1, "error")
    Functions.error(message)
