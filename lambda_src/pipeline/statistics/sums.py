"""What is kept of a group of people: sums over them, from which every estimate follows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Self

Person = tuple[float, float]
WithPast = tuple[float, float, float, float]


@dataclass(frozen=True)
class Sums:
    """Of n people with x (actions) and y (impressions, lists) each: both, their squares and their product.

    Groups of different people add up; different days of the same people do not.
    """

    n: int = 0
    x: float = 0.0
    xx: float = 0.0
    y: float = 0.0
    yy: float = 0.0
    xy: float = 0.0

    def __add__(self, other: Self) -> Self:
        return type(self)(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @classmethod
    def of(cls, people: Iterable[Person]) -> Self:
        """people: (x, y) each."""
        total = cls()
        for x, y in people:
            total += cls(1, x, x * x, y, y * y, x * y)
        return total


@dataclass(frozen=True)
class SumsWithPast(Sums):
    """Besides, u (actions) and v (impressions) of the same people before; 0 and 0 of new ones."""

    u: float = 0.0
    uu: float = 0.0
    v: float = 0.0
    vv: float = 0.0
    uv: float = 0.0
    xu: float = 0.0
    xv: float = 0.0
    yu: float = 0.0
    yv: float = 0.0

    @property
    def past(self) -> Sums:
        return Sums(self.n, self.u, self.uu, self.v, self.vv, self.uv)

    @classmethod
    def of_histories(cls, people: Iterable[WithPast]) -> Self:
        """people: (x, y, u, v) each."""
        total = cls()
        for x, y, u, v in people:
            squares = (x, x * x, y, y * y, x * y, u, u * u, v, v * v, u * v, x * u, x * v, y * u, y * v)
            total += cls(1, *squares)
        return total
