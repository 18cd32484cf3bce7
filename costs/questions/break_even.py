"""After how many months something pays that costs once, as an interval over all that is not known exactly."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Range:
    """low, high: US dollars."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high < math.inf:
            raise ValueError(f"{self.low} to {self.high} is no range of dollars: low first, both at least 0")

    @property
    def middle(self) -> float:
        return (self.low + self.high) / 2


@dataclass(frozen=True)
class Months:
    """Infinite: never."""

    best: float
    middle: float
    worst: float


ONCE, BEFORE, AFTER = Range(8_000, 15_000), Range(400, 800), Range(200, 500)
"""Published, with "12 to 18 months", which do not follow from them: once, and by month before and after."""


def months(once: Range, before: Range, after: Range) -> Months:
    """once: of the change. before, after: a month."""
    return Months(
        best=_months(once.low, before.high - after.low),
        middle=_months(once.middle, before.middle - after.middle),
        worst=_months(once.high, before.low - after.high),
    )


def _months(once: float, saved: float) -> float:
    if saved > 0:
        return once / saved
    return 0.0 if once == 0 and saved == 0 else math.inf
