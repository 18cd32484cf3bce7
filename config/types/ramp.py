"""How an experiment of a use case goes on by itself, and what brings it back."""

from dataclasses import dataclass, field
from enum import StrEnum


class Phase(StrEnum):
    """shadow: lists are published, nobody gets them. aa: arms, and everybody gets the default variant's.
    running: each arm its variant's. full: the treatment's for all but those who are held back.
    """

    SHADOW = "shadow"
    AA = "aa"
    RUNNING = "running"
    FULL = "full"


@dataclass(frozen=True, kw_only=True)
class RampStep:
    """hours: that it lasts at least. treated_percent: of all people, while running. held_back_percent: of
    them, when full. approval: somebody has to approve it before it begins. decided: it begins only after the
    measurement has come to a decision; without a better one, somebody has to approve it in any case.
    """

    phase: Phase
    hours: int = 0
    treated_percent: float = 0
    held_back_percent: float = 0
    approval: bool = False
    decided: bool = False


STEPS = (
    RampStep(phase=Phase.SHADOW, hours=48),
    RampStep(phase=Phase.AA, hours=7 * 24),
    RampStep(phase=Phase.RUNNING, hours=3 * 24, treated_percent=10),
    RampStep(phase=Phase.RUNNING, hours=4 * 7 * 24, treated_percent=50),
    RampStep(phase=Phase.FULL, held_back_percent=2, approval=True, decided=True),
)


@dataclass(frozen=True, kw_only=True)
class RampLimits:
    """What brings people back to the default variant within minutes. Margins are shares of the answers to the
    treated, beyond the control's share.

    window_minutes: of the answers that are looked at. least_answers: with fewer of them, shares say nothing.
    error_margin: answers that failed altogether (5xx). failed_margin: those on whose way an error or a
    time-out was met. fallback_margin: those of another source than the first. empty_margin: those without
    items. api_errors: share of the whole API's answers (5xx). p95_ms: that one in twenty answers to the
    treated may exceed; None: not looked at. p95_margin: a share, by which it must be more than the control's
    besides: what is slow for everybody is not the treatment's fault. stale_hours: age of the treatment's
    lists; more than between two runs. audience_share: of the people with lists of the default variant, who
    must have the treatment's.
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
    stale_hours: int = 48
    audience_share: float = 0.9


@dataclass(frozen=True, kw_only=True)
class Guardrail:
    """What people do must not get worse by more than the margin, a share of the control's value.

    events: `impression`, or event types of the use case. per_person: otherwise per impression.
    """

    name: str
    events: tuple[str, ...]
    margin: float
    more_is_worse: bool = False
    per_person: bool = True


@dataclass(frozen=True, kw_only=True)
class Ramp:
    """stages: in which there is one. people: planned, of each arm (`experiment plan` says how many).
    treatment: a variant; None: the second one. effect: the least lift worth having, as a share. days,
    look_every: planned length, and days between two looks. with_comparison: a comparison of the variants'
    lists is needed, and what it finds stands against going on. slower_ms, more_errors: guardrails of the
    measurement besides: by how much the serving API may answer the treated worse than the control, of the
    95th percentile (milliseconds, mean of the hours) and of the share of errors (5xx); None: not looked at.
    poll_minutes: between two looks of the ramp.
    """

    stages: tuple[str, ...]
    people: int
    treatment: str | None = None
    effect: float = 0.05
    days: int = 28
    look_every: int = 7
    steps: tuple[RampStep, ...] = STEPS
    limits: RampLimits = field(default_factory=RampLimits)
    guardrails: tuple[Guardrail, ...] = (
        Guardrail(name="impressions per person", events=("impression",), margin=0.05),
    )
    slower_ms: int | None = 100
    more_errors: float | None = 0.005
    with_comparison: bool = True
    poll_minutes: int = 15
