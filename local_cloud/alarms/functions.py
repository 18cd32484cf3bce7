"""Functions of metric math: those that the local cloud computes.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from statistics import fmean, pstdev

from local_cloud.alarms.errors import BadExpression
from local_cloud.alarms.series import Series, of_all

Value = float | Series | list[Series] | str
"""str: a word, such as REPEAT"""


def _each(function: Callable[[float], float | None]) -> Callable[[Value], Value]:
    """Of each data point."""

    def mapped(value: Value) -> Value:
        if isinstance(value, list):
            return [series.each(function) for series in value]
        if isinstance(value, Series):
            return value.each(function)
        raise TypeError

    return mapped


def _summed_up(function: Callable[[Sequence[float]], float]) -> Callable[[Value], Value]:
    """A number of one time series, a time series of several."""

    def reduced(value: Value) -> Value:
        if isinstance(value, Series):
            return float(function([*value.values.values()])) if value.values else 0.0
        if isinstance(value, list) and value:
            return of_all(value, lambda there: float(function(there)))
        raise TypeError

    return reduced


def _average(value: Value) -> Value:
    """Of several time series: those that have no value there count as 0."""
    if isinstance(value, list) and value:
        return of_all(value, lambda there: sum(there) / len(value))
    return _summed_up(fmean)(value)


def _filled(value: Value, filler: Value) -> Value:
    if isinstance(value, list):
        made = [_filled(series, filler) for series in value]
        return [series for series in made if isinstance(series, Series)]
    if not isinstance(value, Series):
        raise TypeError
    if isinstance(filler, Series):
        return value.changed({**filler.values, **value.values})
    if isinstance(filler, int | float):
        return value.changed({place: value.values.get(place, filler) for place in range(value.length)})
    if filler == "REPEAT":
        return value.changed(_repeated(value))
    if filler == "LINEAR":
        return value.changed(_between(value))
    raise TypeError


def _repeated(series: Series) -> Mapping[int, float]:
    """The last value that there was; at the beginning, the first that comes."""
    if not series.values:
        return {}
    last, found = series.values[min(series.values)], {}
    for place in range(series.length):
        last = found[place] = series.values.get(place, last)
    return found


def _between(series: Series) -> Mapping[int, float]:
    """In proportion between the neighbours; at both ends, the nearest value."""
    known, found = sorted(series.values), {}
    for place in range(series.length) if known else ():
        before = max((each for each in known if each <= place), default=known[0])
        after = min((each for each in known if each >= place), default=known[-1])
        share = (place - before) / (after - before) if after > before else 0.0
        one, other = series.values[before], series.values[after]
        found[place] = one + (other - one) * share
    return found


def _if(condition: Value, then: Value, otherwise: Value | None = None) -> Value:
    """Where a condition holds and its value is missing, it is 0; what is not said otherwise is dropped."""
    if isinstance(condition, int | float):
        chosen = then if condition else otherwise
        if chosen is None and isinstance(then, Series):
            return then.changed({})
        if chosen is None:
            raise BadExpression("IF of a number needs a value for when it is 0")
        return chosen
    if not isinstance(condition, Series):
        raise TypeError
    made = {}
    for place, value in condition.values.items():
        found = _at(then, place, 0.0) if value else _at(otherwise, place, None)
        if found is not None:
            made[place] = found
    return condition.changed(made)


def _at(value: Value | None, place: int, missing: float | None) -> float | None:
    if isinstance(value, Series):
        return value.values.get(place, missing)
    if value is None or isinstance(value, int | float):
        return value
    raise TypeError


def _period(value: Value) -> Value:
    if not isinstance(value, Series):
        raise TypeError
    return float(value.period)


def _steps(value: Value, per_second: bool) -> Value:
    """Between each value and the one before it."""
    if isinstance(value, list):
        made = [_steps(series, per_second) for series in value]
        return [series for series in made if isinstance(series, Series)]
    if not isinstance(value, Series):
        raise TypeError
    found, places = {}, sorted(value.values)
    for before, place in pairwise(places):
        step = value.values[place] - value.values[before]
        found[place] = step / ((place - before) * value.period) if per_second else step
    return value.changed(found)


def _running(value: Value) -> Value:
    if not isinstance(value, Series):
        raise TypeError
    total, found = 0.0, {}
    for place in sorted(value.values):
        total = found[place] = total + value.values[place]
    return value.changed(found)


def _nth(place: int) -> Callable[[Value], Value]:
    def chosen(value: Value) -> Value:
        if not isinstance(value, list) or not value:
            raise TypeError
        return value[place]

    return chosen


def _metric_count(value: Value) -> Value:
    if not isinstance(value, list):
        raise TypeError
    return float(len(value))


def _without_empty(value: Value) -> Value:
    if not isinstance(value, list):
        raise TypeError
    return [series for series in value if series.values]


def _logarithm(function: Callable[[float], float]) -> Callable[[float], float | None]:
    return lambda value: function(value) if value > 0 else None


FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "ABS": _each(abs),
    "AVG": _average,
    "CEIL": _each(lambda value: float(math.ceil(value))),
    "DATAPOINT_COUNT": _summed_up(len),
    "DIFF": lambda value: _steps(value, False),
    "FILL": _filled,
    "FIRST": _nth(0),
    "FLOOR": _each(lambda value: float(math.floor(value))),
    "IF": _if,
    "LAST": _nth(-1),
    "LOG": _each(_logarithm(math.log)),
    "LOG10": _each(_logarithm(math.log10)),
    "MAX": _summed_up(max),
    "METRIC_COUNT": _metric_count,
    "MIN": _summed_up(min),
    "PERIOD": _period,
    "RATE": lambda value: _steps(value, True),
    "REMOVE_EMPTY": _without_empty,
    "RUNNING_SUM": _running,
    "STDDEV": _summed_up(pstdev),
    "SUM": _summed_up(sum),
}
"""by name, which is in capital letters"""
