"""Values by time: what metrics are, and what is computed of them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Series:
    """`values`: by place on a grid of `length` periods of `period` seconds; where none is, it is missing."""

    values: Mapping[int, float]
    length: int
    period: int

    def changed(self, values: Mapping[int, float]) -> "Series":
        return Series(values, self.length, self.period)

    def each(self, function: Callable[[float], float | None]) -> "Series":
        """Data points of which the function makes None are dropped."""
        made = {place: function(value) for place, value in self.values.items()}
        return self.changed({place: value for place, value in made.items() if value is not None})


def together(one: Series, other: Series, function: Callable[[float, float], float | None]) -> Series:
    """At each place where one of the two has a value; the other's is 0 where it is missing."""
    places = sorted(one.values.keys() | other.values.keys())
    made = {place: function(one.values.get(place, 0.0), other.values.get(place, 0.0)) for place in places}
    return one.changed({place: value for place, value in made.items() if value is not None})


def of_all(series: Iterable[Series], function: Callable[[list[float]], float]) -> Series:
    """One of several: at each place of what they have there."""
    listed = list(series)
    places = sorted(set[int]().union(*(each.values for each in listed)))
    found = {place: [each.values[place] for each in listed if place in each.values] for place in places}
    return listed[0].changed({place: function(values) for place, values in found.items()})
