"""Expressions of metric math, computed.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import operator
from collections.abc import Callable, Mapping

from local_cloud.alarms.errors import BadExpression, UnknownFunction
from local_cloud.alarms.functions import FUNCTIONS, Value
from local_cloud.alarms.series import Series, together
from local_cloud.alarms.tokens import Reader

Operator = Callable[[float, float], float | None]


def _divided(one: float, other: float) -> float | None:
    """A data point that would be divided by zero is dropped."""
    return one / other if other else None


def _power(one: float, other: float) -> float | None:
    try:
        found = one**other
    except (OverflowError, ZeroDivisionError):
        return None
    return found if isinstance(found, float) else None


def _truth(function: Callable[[float, float], bool]) -> Operator:
    return lambda one, other: float(function(one, other))


_OR: Mapping[str, Operator] = dict.fromkeys(("OR", "||"), _truth(lambda one, other: bool(one or other)))
_AND: Mapping[str, Operator] = dict.fromkeys(("AND", "&&"), _truth(lambda one, other: bool(one and other)))
_COMPARED: Mapping[str, Operator] = {
    "==": _truth(operator.eq),
    "!=": _truth(operator.ne),
    "<=": _truth(operator.le),
    ">=": _truth(operator.ge),
    "<": _truth(operator.lt),
    ">": _truth(operator.gt),
}
_ADDED: Mapping[str, Operator] = {"+": operator.add, "-": operator.sub}
_MULTIPLIED: Mapping[str, Operator] = {"*": operator.mul, "/": _divided}
_RAISED: Mapping[str, Operator] = {"^": _power}
_LEVELS = (_OR, _AND, _COMPARED, _ADDED, _MULTIPLIED, _RAISED)
"""those that bind least first"""


def compute(expression: str, by_id: Mapping[str, Value], metrics: Mapping[str, Series]) -> Value:
    """by_id: what an id in the expression stands for; metrics: those of METRICS(), by id.

    Raises: BadExpression; UnknownFunction, naming it.
    """
    reader = Reader(expression)
    found = _Computation(reader, by_id, metrics).level(0)
    if reader.next.kind != "end":
        raise reader.wrong("nothing more is expected")
    return found


def ids_in(expression: str) -> set[str]:
    """Ids that it may name: they begin with a small letter, functions do not. Raises: BadExpression."""
    reader, found = Reader(expression), set()
    while reader.next.kind != "end":
        token = reader.take()
        if token.kind == "name" and token.text[0].islower():
            found.add(token.text)
    return found


class _Computation:
    def __init__(self, reader: Reader, by_id: Mapping[str, Value], metrics: Mapping[str, Series]) -> None:
        self._reader = reader
        self._by_id = by_id
        self._metrics = metrics

    def level(self, number: int) -> Value:
        if number == len(_LEVELS):
            return self._single()
        signs = _LEVELS[number]
        value = self.level(number + 1)
        while sign := self._reader.takes(*signs):
            value = self._combined(value, self.level(number + 1), signs[sign])
        return value

    def _single(self) -> Value:
        reader = self._reader
        if reader.takes("-"):
            return self._combined(0.0, self._single(), operator.sub)
        if reader.takes("("):
            value = self.level(0)
            reader.needs(")")
            return value
        if reader.takes("["):
            return [self._a_series(value) for value in self._list("]")]
        token = reader.next
        if token.kind == "number":
            return float(reader.take().text)
        if token.kind == "text":
            return reader.take().text[1:-1]
        if token.kind != "name":
            raise reader.wrong("a number, an id or a function is needed")
        reader.take()
        if token.text[0].isupper():
            return self._called(token.text)
        if token.text not in self._by_id:
            raise BadExpression(f"there is no metric or expression {token.text}")
        return self._by_id[token.text]

    def _called(self, name: str) -> Value:
        if not self._reader.takes("("):
            return name
        if name == "METRICS":
            words = [str(word) for word in self._list(")")]
            return [series for id_, series in self._metrics.items() if all(word in id_ for word in words)]
        function = FUNCTIONS.get(name)
        if function is None:
            raise UnknownFunction(f"metric math's function {name}")
        try:
            return function(*self._list(")"))
        except TypeError:
            raise BadExpression(f"{name} does not take this") from None

    def _list(self, end: str) -> list[Value]:
        found: list[Value] = []
        while not self._reader.takes(end):
            if found:
                self._reader.needs(",")
            found.append(self.level(0))
        return found

    def _a_series(self, value: Value) -> Series:
        if not isinstance(value, Series):
            raise BadExpression("in [ ] there can be time series only")
        return value

    def _combined(self, one: Value, other: Value, function: Operator) -> Value:
        if isinstance(one, str) or isinstance(other, str):
            raise BadExpression(f"{one if isinstance(one, str) else other} is no number or time series")
        if isinstance(one, list) or isinstance(other, list):
            ones = one if isinstance(one, list) else [one] * len(other if isinstance(other, list) else [])
            others = other if isinstance(other, list) else [other] * len(ones)
            if len(ones) != len(others):
                raise BadExpression("two arrays of time series must have as many of them")
            made = (self._combined(a, b, function) for a, b in zip(ones, others, strict=True))
            return [each for each in made if isinstance(each, Series)]
        if isinstance(one, Series):
            if isinstance(other, Series):
                return together(one, other, function)
            return one.each(lambda value: function(value, other))
        if isinstance(other, Series):
            return other.each(lambda value: function(one, value))
        found = function(one, other)
        if found is None:
            raise BadExpression("a number is divided by zero")
        return found
