"""What the measurement has to know of an experiment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.errors import InvalidInput
from pipeline.statistics.sequential import RHO
from pipeline.tracking.event import IMPRESSION

LISTS = "list"
"""Counted where lists have ids (`recommendation_id`): different ones of which an item was shown."""


@dataclass(frozen=True, kw_only=True)
class Count:
    """types: of events (`impression`, `list`, actions). sources: of the lists; none: all."""

    types: tuple[str, ...]
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Metric:
    """of per per; per: None is per person."""

    name: str
    of: Count
    per: Count | None = Count(types=(IMPRESSION,))


@dataclass(frozen=True, kw_only=True)
class Guardrail:
    """margin: by how much of the control's value it may get worse."""

    metric: Metric
    margin: float
    more_is_worse: bool = False


@dataclass(frozen=True, kw_only=True)
class Answers:
    """By how much the serving API may answer the treated worse than the control; None: not looked at.

    slower_ms: of the 95th percentile, mean of all hours. more_errors: of the share of errors (5xx).
    """

    slower_ms: float | None = None
    more_errors: float | None = None


@dataclass(frozen=True, kw_only=True)
class Change:
    at: str
    by: str
    why: str
    what: str


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """Of two arms, in which people stay.

    shares: planned of control and treatment, in any unit. first_version, last_version: of the item
    in which the arms got different lists; None: up to now. start: the day (2026-11-01, UTC) of the first.
    people: planned, of each arm. effect: the least lift worth having. past_days: before the start, in which
    the same people's behaviour explains some of their noise. changes: what was changed while it ran.
    """

    use_case: str
    name: str
    hypothesis: str
    metric: Metric
    start: str
    first_version: int
    people: int
    effect: float
    last_version: int | None = None
    control: str = "control"
    treatment: str = "treatment"
    shares: tuple[int, ...] = (1, 1)
    days: int = 28
    look_every: int = 7
    alpha: float = 0.05
    rho: float = RHO
    past_days: int = 28
    guardrails: tuple[Guardrail, ...] = ()
    answers: Answers = Answers()
    changes: tuple[Change, ...] = ()

    @property
    def first_day(self) -> date:
        return date.fromisoformat(self.start)

    def day(self, number: int) -> date:
        """From 1; 0 and less lie before the start."""
        return self.first_day + timedelta(days=number - 1)

    def check(self) -> None:
        """Raises: InvalidInput, which names every member that cannot be."""
        problems = []
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", self.name):
            problems.append("its name must be letters, digits, _ and -, 64 at most: it is part of a key")
        try:
            self.first_day  # noqa: B018
        except ValueError:
            problems.append(f"start must be a day like 2026-11-01, not {self.start!r}")
        if len(self.shares) != 2 or min(self.shares) <= 0:
            problems.append(f"shares must be two numbers above 0, not {list(self.shares)}")
        if self.control == self.treatment:
            problems.append("control and treatment must be different arms")
        for name in ("people", "effect", "days", "look_every", "rho"):
            if not getattr(self, name) > 0:
                problems.append(f"{name} must be above 0, not {getattr(self, name)}")
        if not 0 < self.alpha < 1:
            problems.append(f"alpha must lie between 0 and 1, not be {self.alpha}")
        for name in ("slower_ms", "more_errors"):
            margin = getattr(self.answers, name)
            if margin is not None and not margin > 0:
                problems.append(f"answers.{name} must be above 0, not {margin}")
        problems += [f"margin of {g.metric.name} must be above 0" for g in self.guardrails if g.margin <= 0]
        if problems:
            raise InvalidInput(f"experiment {self.name}: {'; '.join(problems)}")
