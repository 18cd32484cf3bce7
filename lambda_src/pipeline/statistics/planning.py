"""How many people an experiment needs, before it begins.

Per arm (z_alpha + z_power)^2 (v0 + v1) / (p1 - p0)^2, with v = design effect * p (1 - p) / impressions per
person (the textbook's two proportions, times what people who see several items cost), times what looks cost.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from pipeline.errors import InvalidInput
from pipeline.statistics.ratio import NORMAL
from pipeline.statistics.sequential import RHO, Design, inflation, looks, shares


@dataclass(frozen=True, kw_only=True)
class Question:
    """baseline: actions per impression, as a share. effect: the least lift worth finding, as a share of it.
    impressions: of a person in all days. design_effect: of an A/A phase as long; see `ratio.design_effect`.
    """

    baseline: float
    effect: float
    impressions: float
    design_effect: float = 1.0
    power: float = 0.8
    alpha: float = 0.05
    rho: float = RHO
    days: int = 28
    look_every: int = 7

    @property
    def problems(self) -> tuple[str, ...]:
        found = []
        for name in ("baseline", "power", "alpha"):
            if not 0 < getattr(self, name) < 1:
                found.append(f"{name} must lie between 0 and 1, not be {getattr(self, name)}")
        if not found and self.power <= self.alpha:
            found.append(f"power must be above alpha, {self.alpha}, not {self.power}")
        if self.effect == 0 or not 0 < self.baseline * (1 + self.effect) < 1:
            found.append(f"effect {self.effect} makes no other share of baseline {self.baseline}")
        for name in ("impressions", "design_effect", "rho", "days", "look_every"):
            if not getattr(self, name) > 0:
                found.append(f"{name} must be above 0, not {getattr(self, name)}")
        return tuple(found)

    @property
    def design(self) -> Design:
        return Design(shares(looks(self.days, self.look_every)), self.alpha, self.rho)


@dataclass(frozen=True)
class Plan:
    """people: of each arm, of two. looks: after so many days. inflation: what the looks cost, in people."""

    question: Question
    people: int
    looks: tuple[int, ...]
    inflation: float

    @property
    def impressions(self) -> int:
        """Of each arm."""
        return math.ceil(self.people * self.question.impressions)


def plan(question: Question) -> Plan:
    """Raises: InvalidInput, which names every figure that cannot be."""
    _check(question)
    price = inflation(question.design, question.power)
    people = math.ceil(_people(question, question.effect) * price)
    return Plan(question, max(people, 2), looks(question.days, question.look_every), price)


def least_effect(question: Question, people: int) -> float | None:
    """The least lift that so many people of each arm show with the power. None: none of up to all of them.
    Raises: InvalidInput, which names every figure that cannot be.
    """
    _check(question)
    price = inflation(question.design, question.power)
    low, high = 0.0, 1 / question.baseline - 1
    if people < _people(question, high * 0.999) * price:
        return None
    for _ in range(60):
        middle = (low + high) / 2
        if people < _people(question, middle) * price:
            low = middle
        else:
            high = middle
    return high


def _people(question: Question, effect: float) -> float:
    p0, p1 = question.baseline, question.baseline * (1 + effect)
    z = NORMAL.inv_cdf(1 - question.alpha / 2) + NORMAL.inv_cdf(question.power)
    each = question.design_effect / question.impressions * (p0 * (1 - p0) + p1 * (1 - p1))
    return z * z * each / (p1 - p0) ** 2


def _check(question: Question) -> None:
    if question.problems:
        raise InvalidInput("; ".join(question.problems))
