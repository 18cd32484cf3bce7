"""Simulated people in two arms, and what the statistics say of them at their looks.

Activity is Gamma distributed (impressions a day: mean 0.5, shape 0.7), everybody's own rate of actions Beta
distributed around the mean (correlation within a person 0.048), 28 days, looks after each week.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from pipeline.statistics.ratio import lift, ratio
from pipeline.statistics.sequential import Design, bounds, looks, shares
from pipeline.statistics.split import sequential
from pipeline.statistics.sums import Sums

ACTIVITY, SHAPE, CORRELATION = 0.5, 0.7, 0.048
DAYS, EVERY = 28, 7
LOOKS = looks(DAYS, EVERY)
TIMES = shares(LOOKS)
Random = np.random.Generator


@dataclass(frozen=True)
class Found:
    """days: of the look that found a difference, of each experiment that found one. power: in experiments."""

    experiments: int
    days: tuple[int, ...]

    @property
    def share(self) -> float:
        return len(self.days) / self.experiments

    @property
    def median_day(self) -> float:
        return float(np.median(self.days))

    @property
    def upper(self) -> float:
        """95 % bound of the share (Wilson, one-sided)."""
        return wilson_upper(len(self.days), self.experiments)


def wilson_upper(found: int, of: int, level: float = 0.95) -> float:
    z, share = NormalDist().inv_cdf(level), found / of
    middle = share + z * z / (2 * of)
    spread = z * np.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return float((middle + spread) / (1 + z * z / of))


def arm(random: Random, people: int, rate: float) -> list[Sums]:
    """The sums of an arm at each look."""
    activity = random.gamma(SHAPE, ACTIVITY / SHAPE, people)
    spread = 1 / CORRELATION - 1
    taste = random.beta(rate * spread, (1 - rate) * spread, people)
    x: NDArray[np.float64] = np.zeros(people)
    y: NDArray[np.float64] = np.zeros(people)
    found, before = [], 0
    for look in LOOKS:
        seen = random.poisson(activity * (look - before))
        y += seen
        x += random.binomial(seen, taste)
        before = look
        # nobody who has not been seen is in an experiment
        sums = (float(each) for each in (x.sum(), x @ x, y.sum(), y @ y, x @ y))
        found.append(Sums(int((y > 0).sum()), *sums))
    return found


def experiments(seed: int, how_many: int, people: int, control: float, treatment: float) -> Found:
    random = np.random.default_rng(seed)
    days = []
    for _ in range(how_many):
        arms = zip(arm(random, people, control), arm(random, people, treatment), strict=True)
        information: tuple[float, ...] = ()
        for look, (one, other) in zip(LOOKS, arms, strict=True):
            before, after = ratio(one), ratio(other)
            assert before and after
            newest = 1 / (before.variance + after.variance)
            information = (*information, max(newest, *(i * 1.02 for i in information[-1:]), 0.0))
            if lift(before, after, bound_of(information)).without_zero:
                days.append(look)
                break
    return Found(how_many, tuple(days))


def bound_of(information: tuple[float, ...]) -> float:
    """Of the newest look. Its information is rounded to hundredths, so that few bounds are to be found."""
    last = information[-1]
    return bounds(Design(TIMES, information=tuple(round(i / last, 2) for i in information)))[-1]


def splits(seed: int, how_many: int, people: int, share: float) -> Found:
    """As many people come over the days as there are, of whom the first arm gets the share; planned: half."""
    random, days = np.random.default_rng(seed), []
    for _ in range(how_many):
        new = random.multinomial(people, [1 / DAYS] * DAYS)
        first = np.cumsum(random.binomial(new, share))
        every_day = list(zip(first.tolist(), (np.cumsum(new) - first).tolist(), strict=True))
        if not sequential(every_day, (0.5, 0.5)).right:
            days.append(
                next(d + 1 for d in range(DAYS) if not sequential(every_day[: d + 1], (0.5, 0.5)).right)
            )
    return Found(how_many, tuple(days))
