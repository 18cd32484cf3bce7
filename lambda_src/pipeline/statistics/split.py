"""Do the arms have as many people as was planned? If not, something loses people of one, and no figure holds.

Looked at every day: the Bayes factor of "another split" (Dirichlet) against the planned one has, whenever one
looks, a chance of at most alpha to exceed 1/alpha although the split is right (Lindon, Malek 2022,
"Anytime-valid inference for multinomial count data", NeurIPS; Ville's inequality).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import lgamma

CONCENTRATION = 1_000.0
"""Of the Dirichlet around the planned split: other splits worth finding are a few points away from it."""
ALARM = 0.01


@dataclass(frozen=True)
class Split:
    """p: valid at every look so far together. right: the split may be the planned one."""

    p: float
    right: bool


def bayes_factor(
    counts: Sequence[int], shares: Sequence[float], concentration: float = CONCENTRATION
) -> float:
    """Its natural logarithm. shares: planned, adding up to 1, none 0."""
    total = lgamma(concentration) - lgamma(concentration + sum(counts))
    for count, share in zip(counts, shares, strict=True):
        prior = concentration * share
        total += lgamma(prior + count) - lgamma(prior) - count * math.log(share)
    return total


def sequential(
    days: Iterable[Sequence[int]], shares: Sequence[float], concentration: float = CONCENTRATION
) -> Split:
    """days: people of each arm since the beginning, day after day."""
    evidence = max((bayes_factor(counts, shares, concentration) for counts in days), default=0.0)
    p = math.exp(min(0.0, -evidence))
    return Split(p, p >= ALARM)


def chi_square(counts: Sequence[int], shares: Sequence[float]) -> float:
    """Pearson's p-value, for one look only; 1 without people."""
    people = sum(counts)
    if not people:
        return 1.0
    expected = [share * people for share in shares]
    statistic = sum((c - e) ** 2 / e for c, e in zip(counts, expected, strict=True))
    return _upper_gamma((len(counts) - 1) / 2, statistic / 2)


def _upper_gamma(a: float, x: float) -> float:
    """Regularised, for a of 1/2, 1, 3/2, ...: Q(a + 1, x) = Q(a, x) + x^a e^-x / gamma(a + 1)."""
    start = 0.5 if a % 1 else 1.0
    total = math.erfc(math.sqrt(x)) if start == 0.5 else math.exp(-x)
    while start < a:
        total += math.exp(start * math.log(x) - x - lgamma(start + 1)) if x else 0.0
        start += 1
    return total
