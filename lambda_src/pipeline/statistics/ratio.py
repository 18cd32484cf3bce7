"""A ratio of sums over people (actions per impression), its variance, and how two of them differ.

Impressions of one person are not independent: the unit is the person. The variance is by the delta method,
var(X/Y) = (var x - 2 R cov + R^2 var y) / (n mean(y)^2) (Deng, Knoblich, Lu 2018, arXiv 1803.06336, eq. 4).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from pipeline.statistics.sums import Sums

NORMAL = NormalDist()


@dataclass(frozen=True)
class Estimate:
    """variance: of the value itself, not of a person's."""

    value: float
    variance: float


@dataclass(frozen=True)
class Interval:
    """None: without a limit on that side."""

    low: float | None
    high: float | None

    @property
    def without_zero(self) -> bool:
        return (self.low is not None and self.low > 0) or (self.high is not None and self.high < 0)


def ratio(sums: Sums) -> Estimate | None:
    """x per y. None: too few people (two at least), or nothing to divide by."""
    if sums.n < 2 or sums.y <= 0:
        return None
    value, n = sums.x / sums.y, sums.n
    # sum (x - R y)^2: its mean is zero by the choice of R
    squares = sums.xx - 2 * value * sums.xy + value * value * sums.yy
    return Estimate(value, max(squares, 0.0) / (n - 1) * n / sums.y**2)


def difference(control: Estimate, treatment: Estimate, z: float) -> Interval:
    """treatment - control, z standard errors to both sides."""
    apart = treatment.value - control.value
    error = z * math.sqrt(control.variance + treatment.variance)
    return Interval(apart - error, apart + error)


def score(control: Estimate, treatment: Estimate) -> float:
    """The difference in standard errors; 0 where neither varies."""
    error = math.sqrt(control.variance + treatment.variance)
    return (treatment.value - control.value) / error if error else 0.0


def p_value(control: Estimate, treatment: Estimate) -> float:
    """Two-sided, of a test that is looked at once."""
    return 2 * NORMAL.cdf(-abs(score(control, treatment)))


def lift(control: Estimate, treatment: Estimate, z: float) -> Interval:
    """treatment / control - 1: every lift that the two do not contradict by z standard errors.

    Fieller's interval (1954, JRSS B 16): r is in it where |T - r C| <= z sqrt(var T + r^2 var C). So it
    contains 0 exactly when the interval of the difference does. Without an upper limit where the control's
    value may be zero; and without any limit where the treatment's may be, too. A rate is not negative: -1 is
    the least.
    """
    a = control.value**2 - z * z * control.variance
    b = control.value * treatment.value
    c = treatment.value**2 - z * z * treatment.variance
    if a <= 0:
        beyond = b + math.sqrt(max(b * b - a * c, 0.0))
        return Interval(c / beyond - 1 if c > 0 < beyond else None, None)
    root = math.sqrt(max(b * b - a * c, 0.0))
    return Interval(max((b - root) / a, 0.0) - 1, (b + root) / a - 1)


def design_effect(sums: Sums) -> float | None:
    """The variance over what it would be were impressions independent, R (1 - R) / Sy. None: unknown."""
    found = ratio(sums)
    if found is None or not 0 < found.value < 1:
        return None
    return found.variance * sums.y / (found.value * (1 - found.value))


def correlation_within_people(sums: Sums) -> float | None:
    """From the design effect 1 + (m - 1) c, where m = Syy / Sy is the size of a cluster as an impression sees
    it (Kish 1965, section 5.4). With it the design effect at another length can be told. None: unknown.
    """
    effect, size = design_effect(sums), sums.yy / sums.y if sums.y else 0.0
    return None if effect is None or size <= 1 else (effect - 1) / (size - 1)
