"""Mends the JSONata library, where it differs from the reference implementation that its tests describe."""

import copy
import functools
import json
import math
import re
from collections.abc import Callable
from typing import Any

from jsonata.functions import Functions
from jsonata.jexception import JException
from jsonata.jsonata import Jsonata
from jsonata.parser import Parser
from jsonata.signature import Signature
from jsonata.tokenizer import Tokenizer
from jsonata.utils import Utils

from local_cloud.ground.patching import replace
from local_cloud.interpreter.queries import bounds, matching, native_functions

_ARRAYS_OF = {
    "a": "arrays", "b": "booleans", "f": "functions", "n": "numbers", "o": "objects", "s": "strings",
}  # fmt: skip
# What the library raises without a code, by the function that raises it.
_CODES = {
    "encodeUrl": "D3140", "encodeUrlComponent": "D3140",
    "decodeUrl": "D3140", "decodeUrlComponent": "D3140",
}  # fmt: skip
_MENDED: dict[str, Callable[..., Any]] = {
    "contains": matching.contains,
    "match": matching.match,
    "split": matching.split,
    "replace": matching.replace,
    "count": native_functions.count,
    "error": native_functions.error,
    "number": native_functions.number,
    "power": native_functions.power,
    "sort": native_functions.sort,
    "string": native_functions.string,
    "toMillis": native_functions.to_millis,
}


def code_of(text: str) -> str | None:
    """The code whose message this is, with whatever stands in its blanks; the library raises some by text."""
    for code, template in JException.error_codes.items():
        blank = re.sub(r"(?:\\\{)+\w+(?:\\\})+", ".*", re.escape(template))
        if template != "{{{message}}}" and re.fullmatch(blank, text.replace("'", '"')):
            return str(code)
    return None


def _coded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Failures of a function by JSONata's code for them."""

    @functools.wraps(function)
    def call(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except JException as error:
            if error.error in JException.error_codes:
                raise
            raise JException(code_of(str(error.error)) or error.error, -1, *arguments[:1]) from error
        except RecursionError:
            raise
        except (ArithmeticError, LookupError, TypeError, ValueError, RuntimeError, AttributeError) as error:
            code = _CODES.get(name) or code_of(str(error))
            if code is None and any(argument is Utils.NULL_VALUE for argument in arguments):
                raise JException("T0410", -1, arguments.index(Utils.NULL_VALUE) + 1, name) from error
            if code is None:
                raise
            raise JException(code, -1, *arguments[:1]) from error

    return call


def _message(error: str, location: int, *arguments: Any, details: bool = False) -> str:
    """With the arguments as JSON, as the reference implementation writes them."""
    template = JException.error_codes.get(error)
    if template is None:
        return str(error)
    left = list(arguments)

    def filled(found: re.Match[str]) -> str:
        value = left.pop(0) if left else None
        if found.group().startswith("{{{"):
            return str(value)
        if error == "T0412" and value in _ARRAYS_OF:
            value = _ARRAYS_OF[value]
        return json.dumps(value, default=str, ensure_ascii=False)

    return re.sub(r"\{{2,3}\w+\}{2,3}", filled, template)


def _numeric(self: Any, left: Any, right: Any, operator: str) -> Any:
    """JavaScript's arithmetic; the library's % drops fractions and its / raises."""
    for side, code in ((left, "T2001"), (right, "T2002")):
        if side is not None and not Utils.is_numeric(side):
            raise JException(code, -1, operator, side)
    if left is None or right is None:
        return None
    first, second = float(left), float(right)
    match operator:
        case "+":
            result = first + second
        case "-":
            result = first - second
        case "*":
            result = first * second
        case "/" if second:
            result = first / second
        case "/":
            result = math.nan if not first else math.copysign(math.inf, first) * math.copysign(1, second)
        case _:
            result = math.fmod(first, second) if second else math.nan
    return Utils.convert_number(result) if math.isfinite(result) else result


def _whole(value: Any) -> bool:
    return Utils.is_numeric(value) and float(value).is_integer()


def _range(self: Any, first: Any, last: Any) -> Any:
    for side, code in ((first, "T2003"), (last, "T2004")):
        if side is not None and not _whole(side):
            raise JException(code, -1, side)
    if first is None or last is None or first > last:
        return None
    bounds.hold((int(last) - int(first) + 1) * 8)
    return Utils.create_sequence_from_iter(range(int(first), int(last) + 1))


def install() -> None:
    stock_eval: Any = Jsonata.eval
    stock_concat: Any = Jsonata.evaluate_string_concat
    stock_process: Any = Parser.process_ast
    stock_create: Any = Tokenizer.create
    stock_symbol: Any = Signature.get_symbol
    stock_next: Any = Tokenizer.next

    def evaluated(self: Any, expression: Any, value: Any, environment: Any) -> Any:
        with bounds.Level():
            return stock_eval(self, expression, value, environment)

    def symbol(self: Any, value: Any) -> str:
        """A null is not the same as nothing."""
        return "l" if value is Utils.NULL_VALUE else str(stock_symbol(self, value))

    def concat(self: Any, left: Any, right: Any) -> str:
        joined = str(stock_concat(self, left, right))
        bounds.hold(len(joined))
        return joined

    def process(self: Any, expression: Any) -> Any:
        """The library negates a number each time that it comes by; a default's left side it passes twice."""
        inner = getattr(expression, "expression", None)
        if getattr(expression, "type", None) == "unary" and getattr(inner, "type", None) == "number":
            expression = copy.copy(expression)
            expression.expression = copy.copy(inner)
        return stock_process(self, expression)

    def create(self: Any, kind: str | None, value: Any) -> Any:
        r"""Two escapes \uD834\uDD1E are one character."""
        if kind == "string" and any("\ud800" <= character <= "\udfff" for character in value):
            value = value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
        return stock_create(self, kind, value)

    def following(self: Any, prefix: bool) -> Any:
        try:
            return stock_next(self, prefix)
        except IndexError:
            raise JException("S0106", self.position) from None
        except JException as error:
            if error.error == "S0301" and error.current is not None:
                raise JException("S0103", error.location, error.current) from None
            raise

    JException.error_codes.update(
        {code: text.replace("Object", "function") for code, text in JException.error_codes.items()}
    )
    replace(JException, "msg", staticmethod(_message))
    replace(Functions, "string", staticmethod(native_functions.string))
    replace(Jsonata, "eval", evaluated)
    replace(Jsonata, "evaluate_numeric_expression", _numeric)
    replace(Jsonata, "evaluate_range_expression", _range)
    replace(Jsonata, "evaluate_string_concat", concat)
    replace(Parser, "process_ast", process)
    replace(Signature, "get_symbol", symbol)
    replace(Tokenizer, "create", create)
    replace(Tokenizer, "next", following)
    for name, native in Jsonata.static_frame.bindings.items():
        if isinstance(native, Jsonata.JNativeFunction):
            native.method = _coded(name, _MENDED.get(name, native.method))
