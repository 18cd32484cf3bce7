"""Less noise by what is known of the same people from before (CUPED), for ratios.

Deng, Xu, Kohavi, Walker 2013 (WSDM); for a ratio with a ratio as its covariate both are made linear by the
delta method (Deng, Knoblich, Lu 2018, arXiv 1803.06336, section 5).
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.statistics.ratio import Estimate, ratio
from pipeline.statistics.sums import SumsWithPast


@dataclass(frozen=True)
class Adjusted:
    """coefficient: how much of a difference of the past is taken off. kept: the share of the variance of the
    difference that is left, 1 where the past says nothing.
    """

    control: Estimate
    treatment: Estimate
    coefficient: float
    kept: float


def adjusted(control: SumsWithPast, treatment: SumsWithPast) -> Adjusted | None:
    """One coefficient for both, from all people together, so that it cannot favour one. None: no value."""
    plain = ratio(control), ratio(treatment)
    if plain[0] is None or plain[1] is None:
        return None
    total = control + treatment
    past = ratio(total.past)
    coefficient = _covariance(total) / past.variance if past and past.variance > 0 else 0.0
    before = plain[0].variance + plain[1].variance
    if past is None or not coefficient or ratio(control.past) is None or ratio(treatment.past) is None:
        return Adjusted(plain[0], plain[1], 0.0, 1.0)
    first, second = (_less(sums, coefficient, past.value) for sums in (control, treatment))
    return Adjusted(
        first, second, coefficient, (first.variance + second.variance) / before if before else 1.0
    )


def _less(sums: SumsWithPast, coefficient: float, everywhere: float) -> Estimate:
    now, past = ratio(sums), ratio(sums.past)
    assert now and past
    variance = now.variance + coefficient**2 * past.variance - 2 * coefficient * _covariance(sums)
    return Estimate(now.value - coefficient * (past.value - everywhere), max(variance, 0.0))


def _covariance(sums: SumsWithPast) -> float:
    """Of the two ratios: the sum of (x - R y) (u - Q v), both of mean zero."""
    now, past = sums.x / sums.y, sums.u / sums.v
    products = sums.xu - past * sums.xv - now * sums.yu + now * past * sums.yv
    return products / (sums.n - 1) * sums.n / (sums.y * sums.v)
