"""Bounds for tests that are looked at several times: group sequential, by alpha spending.

Lan, DeMets 1983 (Biometrika 70): how much of the allowed chance of a false alarm may be spent by which
share of the planned information is set beforehand, here alpha t^rho (Kim, DeMets 1987, Biometrika 74; rho =
3 is close to O'Brien-Fleming), and each look's bound follows from the bounds before. The score times the
root of the share is a Brownian motion at the looks; its density between the bounds is carried from look to
look by numerical integration (Armitage, McPherson, Rowe 1969, JRSS A 132). `estimate +- bound * standard
error` is then an interval that is valid at all looks together (Jennison, Turnbull 1989, JRSS B 51). The
chance may be spent by days while looks are as alike as their information says (Lan, DeMets 1989, Statistics
in Medicine 8): people's tastes make the first week tell more than a quarter of four.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.errors import InvalidInput
from pipeline.statistics.ratio import NORMAL

RHO = 3.0
_CELLS = 160
"""Of Simpson's rule per look: bounds change by less than 1e-6 with twice as many."""
_FAR = 9.0


@dataclass(frozen=True)
class Design:
    """times: the share of the planned information at each look, the last 1. one_sided: only a score above the
    bound counts. information: that each look so far had, in any unit, such as 1 / variance; none: as `times`.
    """

    times: tuple[float, ...]
    alpha: float = 0.05
    rho: float = RHO
    one_sided: bool = False
    information: tuple[float, ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        steps = zip((0.0, *self.times), self.times, strict=False)
        found = []
        if not self.times or any(before >= after for before, after in steps) or self.times[-1] > 1:
            found.append(f"looks must lie in (0, 1] and grow, not {list(self.times)}")
        growing = zip((0.0, *self.information), self.information, strict=False)
        if len(self.information) > len(self.times) or any(before >= after for before, after in growing):
            found.append(f"information must grow from look to look, not be {list(self.information)}")
        if not 0 < self.alpha < 1:
            found.append(f"alpha must lie between 0 and 1, not be {self.alpha}")
        if not self.rho > 0:
            found.append(f"rho must be above 0, not {self.rho}")
        return tuple(found)

    def spent(self) -> tuple[float, ...]:
        """Of alpha, by each look (so far)."""
        return tuple(self.alpha * t**self.rho for t in self.times[: len(self.motion)])

    @property
    def motion(self) -> tuple[float, ...]:
        """The times of the Brownian motion."""
        return tuple(i / self.information[-1] for i in self.information) or self.times


def bounds(design: Design) -> tuple[float, ...]:
    """Of the score at each look (so far), in standard errors. Raises: InvalidInput, if the design is none."""
    if design.problems:
        raise InvalidInput("; ".join(design.problems))
    return _bounds(design)


def power(design: Design, drift: float) -> tuple[float, ...]:
    """The chance to have crossed a bound by each look, where the score at the end has the mean drift."""
    crossed, total, walk = [], 0.0, _Walk(design, drift)
    for bound in bounds(design):
        total += walk.outside(bound)
        walk.go_on(bound)
        crossed.append(total)
    return tuple(crossed)


def inflation(design: Design, wanted: float = 0.8) -> float:
    """How many times the people that a test with one look needs are needed at most for the same power."""
    sides = 1 if design.one_sided else 2
    fixed = NORMAL.inv_cdf(1 - design.alpha / sides) + NORMAL.inv_cdf(wanted)
    drift = _solved(lambda d: power(design, d)[-1] - wanted, fixed, 2 * fixed, halvings=18)
    return (drift / fixed) ** 2


@lru_cache(maxsize=64)
def _bounds(design: Design) -> tuple[float, ...]:
    found, walk, before = [], _Walk(design, 0.0), 0.0
    for spent in design.spent():
        bound = walk.bound(spent - before)
        before = spent
        walk.go_on(bound)
        found.append(bound)
    return tuple(found)


class _Walk:
    """The density of the motion at one look, of those that have not crossed before, on a grid."""

    def __init__(self, design: Design, drift: float) -> None:
        self._times, self._drift, self._one_sided = design.motion, drift, design.one_sided
        self._look = 0
        self._mass: list[tuple[float, float]] = [(0.0, 1.0)]

    def outside(self, bound: float) -> float:
        """The mass that the next look finds at or beyond its bound."""
        time, deviation, mean = self._step()
        edge = bound * math.sqrt(time)
        total = 0.0
        for place, weight in self._mass:
            middle = place + mean
            beyond = _above((edge - middle) / deviation)
            total += weight * (beyond if self._one_sided else beyond + _above((edge + middle) / deviation))
        return total

    def bound(self, allowed: float) -> float:
        """At the next look, with so much mass outside."""
        return _solved(lambda b: allowed - self.outside(b), 0.0, _FAR)

    def go_on(self, bound: float) -> None:
        time, deviation, mean = self._step()
        high = bound * math.sqrt(time)
        # where the motion may be at all: the rest is less than 1e-18
        reach, centre = _FAR * math.sqrt(time), self._drift * time
        low = max(centre - reach, -math.inf if self._one_sided else -high)
        high = min(centre + reach, high)
        self._look += 1
        if low >= high:
            self._mass = []
            return
        scale, width = 1 / (deviation * math.sqrt(2 * math.pi)), (high - low) / _CELLS
        mass = []
        for cell in range(_CELLS + 1):
            place = low + cell * width
            density = sum(
                weight * math.exp(-0.5 * ((place - before - mean) / deviation) ** 2)
                for before, weight in self._mass
            )
            simpson = 1 if cell in (0, _CELLS) else 4 if cell % 2 else 2
            mass.append((place, density * scale * simpson * width / 3))
        self._mass = mass

    def _step(self) -> tuple[float, float, float]:
        """When the next look is, the deviation and the mean of the way to it."""
        time = self._times[self._look]
        passed = time - (self._times[self._look - 1] if self._look else 0.0)
        return time, math.sqrt(passed), self._drift * passed


def _above(z: float) -> float:
    return 0.5 * math.erfc(z / math.sqrt(2))


def _solved(rising: Callable[[float], float], low: float, high: float, halvings: int = 50) -> float:
    """Where it becomes zero, by halving."""
    for _ in range(halvings):
        middle = (low + high) / 2
        if rising(middle) < 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def looks(total: int, every: int) -> tuple[int, ...]:
    """The days of the looks: after every so many of all days, and after the last."""
    return tuple(sorted({*range(every, total + 1, every), total}))


def shares(days: Sequence[int]) -> tuple[float, ...]:
    """Of the days of the looks in all days: what is taken for the share of the information."""
    return tuple(day / days[-1] for day in days)
