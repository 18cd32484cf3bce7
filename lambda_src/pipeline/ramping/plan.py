"""The steps of a ramp, and where an experiment is among them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from pipeline.errors import InvalidInput
from pipeline.experiments.experiment import (
    AA,
    BUCKETS,
    CONTROL,
    FULL,
    PAUSED,
    RETURNED,
    RUNNING,
    SHADOW,
    Experiment,
)

ORDER = (SHADOW, AA, RUNNING, FULL)


@dataclass(frozen=True, kw_only=True)
class Step:
    """phase: shadow, aa, running or full. hours: that it lasts at least. treated (while running),
    held_back (full): of 10,000 people. approval: somebody must approve it before it is taken. decided: the
    measurement must have come to a decision before.
    """

    phase: str
    hours: float
    treated: int = 0
    held_back: int = 0
    approval: bool = False
    decided: bool = False

    @property
    def words(self) -> str:
        return {
            SHADOW: "shadow",
            AA: "A/A",
            RUNNING: f"{percent(self.treated)} treated",
            FULL: f"all but {percent(self.held_back)} held back",
        }[self.phase]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What brings an experiment back; shares are 0 to 1.

    window_minutes: of the answers that are looked at. least_answers: of the treated, with fewer of which
    shares say nothing. error_margin, failed_margin, fallback_margin, empty_margin: by how much more of the
    treated's answers than of the control's may fail altogether (5xx), meet errors and time-outs, come from
    another source than the first, or be empty.
    api_errors: share of the API's answers. p95_ms: of the answers to the treated; None: not looked at.
    p95_margin: beyond it, how much slower than those to the control they must be to count, as a share.
    stale_hours: age of the treatment's lists. audience_share: of the people with lists of the default
    variant, who must have lists of the treatment.
    """

    window_minutes: int = 15
    least_answers: int = 200
    error_margin: float = 0.01
    failed_margin: float = 0.02
    fallback_margin: float = 0.1
    empty_margin: float = 0.01
    api_errors: float = 0.05
    p95_ms: int | None = 800
    p95_margin: float = 0.1
    stale_hours: float = 48
    audience_share: float = 0.9


@dataclass(frozen=True, kw_only=True)
class Plan:
    """default, treatment: variants. steps: from shadow to full. with_comparison: whether variants are
    compared, and what was found stands against a ramp.
    """

    default: str
    treatment: str
    steps: tuple[Step, ...]
    limits: Limits
    with_comparison: bool = True

    def check(self) -> None:
        """Raises: InvalidInput, with everything that is wrong."""
        problems = list(_problems(self))
        if problems:
            raise InvalidInput("; ".join(problems))

    def reached(self, experiment: Experiment) -> int:
        """Number of the step that an experiment is in; of one that is paused or returned, in which it was."""
        found = 0
        for number, step in enumerate(self.steps):
            if _reached(step, experiment):
                found = number
        return found

    def exposure(self, step: Step, experiment: Experiment) -> int:
        """Of 10,000, so that the step's share is treated. In an A/A phase those take part who are treated
        first.
        """
        if step.phase == AA:
            step = next((later for later in self.steps if later.phase == RUNNING), step)
        weight = sum(arm.weight for arm in experiment.arms if arm.name != CONTROL)
        return min(BUCKETS, -(-step.treated * BUCKETS // weight)) if weight else BUCKETS


def _reached(step: Step, experiment: Experiment) -> bool:
    state = experiment.state
    if state in (PAUSED, RETURNED):
        state = FULL if experiment.held_back else RUNNING
    if state not in ORDER:
        return False
    at, of = ORDER.index(state), ORDER.index(step.phase)
    if at != of:
        return at > of
    if step.phase == RUNNING:
        weight = sum(arm.weight for arm in experiment.arms if arm.name != CONTROL)
        return experiment.exposure * weight >= min(step.treated, weight) * BUCKETS
    return step.phase != FULL or experiment.held_back <= step.held_back


def _problems(plan: Plan) -> Iterator[str]:
    phases = [step.phase for step in plan.steps]
    if plan.default == plan.treatment:
        yield f"default and treatment must be different variants, not both {plan.default}"
    if any(phase not in ORDER for phase in phases):
        yield f"steps must be of the phases {', '.join(ORDER)}, not {', '.join(phases)}"
    elif phases[:1] != [SHADOW] or phases[-1:] != [FULL] or sorted(phases, key=ORDER.index) != phases:
        found = ", ".join(phases) or "nowhere"
        yield f"steps must go from {SHADOW} by {AA} and {RUNNING} to {FULL}, not {found}"
    treated = [step.treated for step in plan.steps if step.phase == RUNNING]
    if any(one >= other for one, other in pairwise(treated)):
        yield f"steps must treat more and more people, not {treated}"
    if any(step.hours < 0 for step in plan.steps):
        yield "steps must not have negative hours"


def percent(share: int) -> str:
    return f"{share / BUCKETS * 100:g} %"
