"""What the ramp of a use case must obey."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise

from config.types.errors import Problem
from config.types.ramp import Phase, Ramp
from config.types.stage_config import StageConfig
from config.types.tracking import IMPRESSION
from config.types.use_case import UseCase

_ORDER = tuple(Phase)
_HELD_BACK = (1, 5)
_LONGEST_HOURS = 365 * 24
_POLLS = (5, 60)
_SHARES = ("error_margin", "failed_margin", "fallback_margin", "empty_margin", "api_errors")


def ramp_problems(use_case: UseCase) -> Iterator[Problem]:
    ramp = use_case.ramp
    if ramp is None:
        return
    about = partial(Problem, f"use case {use_case.name}")
    names = [variant.name for variant in use_case.variants]
    if len(names) < 2:
        yield about("ramp", names, "needs two variants or more: people go from one to the other")
    if use_case.tracking is None:
        yield about("ramp", None, "needs tracking: what people do is measured")
    if not ramp.stages:
        yield about("ramp.stages", ramp.stages, "must name a stage; no ramp is None instead")
    if ramp.treatment is not None and ramp.treatment not in names[1:]:
        yield about("ramp.treatment", ramp.treatment, "must be a variant that is not the default one")
    yield from _figures(use_case, ramp)
    yield from _steps(use_case, ramp)
    yield from _limits(use_case, ramp)
    yield from _guardrails(use_case, ramp)


def ramp_estate_problems(
    stages: Sequence[StageConfig], use_cases: Sequence[UseCase], elsewhere: Sequence[str]
) -> Iterator[Problem]:
    """elsewhere: further stages that may be named."""
    known = {stage.name for stage in stages} | set(elsewhere)
    for use_case in use_cases:
        if use_case.ramp is None:
            continue
        about = partial(Problem, f"use case {use_case.name}")
        for name in use_case.ramp.stages:
            if name not in known:
                yield about("ramp.stages", name, f"must be one of the stages: {', '.join(sorted(known))}")
        for stage in stages:
            hours, interval = use_case.ramp.limits.stale_hours, stage.schedule.interval_hours
            if stage.name in use_case.ramp.stages and hours <= interval:
                rule = f"must be more than the {interval} hours between two runs in {stage.name}"
                yield about("ramp.limits.stale_hours", hours, rule)


def _figures(use_case: UseCase, ramp: Ramp) -> Iterator[Problem]:
    about = partial(Problem, f"use case {use_case.name}")
    for name in ("people", "days", "look_every"):
        if getattr(ramp, name) < 1:
            yield about(f"ramp.{name}", getattr(ramp, name), "must be at least 1")
    if ramp.effect <= 0:
        yield about("ramp.effect", ramp.effect, "must be above 0: 0.05 is a twentieth more")
    if ramp.slower_ms is not None and ramp.slower_ms < 1:
        yield about("ramp.slower_ms", ramp.slower_ms, "must be at least 1; None does not look at it")
    if ramp.more_errors is not None and not 0 < ramp.more_errors < 1:
        rule = "must be a share between 0 and 1; None does not look at it"
        yield about("ramp.more_errors", ramp.more_errors, rule)
    low, high = _POLLS
    if not low <= ramp.poll_minutes <= high:
        yield about("ramp.poll_minutes", ramp.poll_minutes, f"must be from {low} to {high}")


def _steps(use_case: UseCase, ramp: Ramp) -> Iterator[Problem]:
    about = partial(Problem, f"use case {use_case.name}")
    phases = [step.phase for step in ramp.steps]
    in_order = sorted(phases, key=_ORDER.index)
    if phases != in_order or [phases.count(phase) for phase in (Phase.SHADOW, Phase.AA, Phase.FULL)] != [
        1,
        1,
        1,
    ]:
        rule = "must be one of shadow, one of aa, then those of running, and one of full"
        yield about("ramp.steps", [str(phase) for phase in phases], rule)
    for number, step in enumerate(ramp.steps):
        where = f"ramp.steps[{number}]"
        if not 0 <= step.hours <= _LONGEST_HOURS:
            yield about(f"{where}.hours", step.hours, f"must be from 0 to {_LONGEST_HOURS:,}")
        if step.phase is Phase.RUNNING and not 0 < step.treated_percent <= 50:
            rule = "must be above 0, and 50 at most: the others are the control"
            yield about(f"{where}.treated_percent", step.treated_percent, rule)
        low, high = _HELD_BACK
        if step.phase is Phase.FULL and not low <= step.held_back_percent <= high:
            yield about(f"{where}.held_back_percent", step.held_back_percent, f"must be from {low} to {high}")
        for name, phase in (("treated_percent", Phase.RUNNING), ("held_back_percent", Phase.FULL)):
            if step.phase is not phase and getattr(step, name):
                yield about(f"{where}.{name}", getattr(step, name), f"is of steps that are {phase}")
    treated = [step.treated_percent for step in ramp.steps if step.phase is Phase.RUNNING]
    if any(one >= other for one, other in pairwise(treated)):
        yield about("ramp.steps", treated, "must treat more and more people: nobody is taken back")


def _limits(use_case: UseCase, ramp: Ramp) -> Iterator[Problem]:
    about = partial(Problem, f"use case {use_case.name}")
    limits = ramp.limits
    for name in _SHARES:
        if not 0 < getattr(limits, name) < 1:
            yield about(f"ramp.limits.{name}", getattr(limits, name), "must be a share between 0 and 1")
    if not 0 <= limits.audience_share <= 1:
        yield about("ramp.limits.audience_share", limits.audience_share, "must be a share, from 0 to 1")
    for name in ("least_answers", "stale_hours"):
        if getattr(limits, name) < 1:
            yield about(f"ramp.limits.{name}", getattr(limits, name), "must be at least 1")
    if not 5 <= limits.window_minutes <= 120:
        yield about("ramp.limits.window_minutes", limits.window_minutes, "must be from 5 to 120")
    if limits.p95_margin < 0:
        yield about("ramp.limits.p95_margin", limits.p95_margin, "must be a share, 0 or more")
    if limits.p95_ms is not None and limits.p95_ms < 1:
        yield about("ramp.limits.p95_ms", limits.p95_ms, "must be at least 1; None does not look at it")


def _guardrails(use_case: UseCase, ramp: Ramp) -> Iterator[Problem]:
    about = partial(Problem, f"use case {use_case.name}")
    known = {IMPRESSION, *(event.name for event in use_case.event_types)}
    names = [guardrail.name for guardrail in ramp.guardrails]
    for number, guardrail in enumerate(ramp.guardrails):
        where = f"ramp.guardrails[{number}]"
        if not guardrail.name.strip() or names.count(guardrail.name) > 1:
            yield about(f"{where}.name", guardrail.name, "must be a name of its own")
        if not guardrail.events or not set(guardrail.events) <= known:
            yield about(f"{where}.events", guardrail.events, f"must be of {', '.join(sorted(known))}")
        if not 0 < guardrail.margin < 1:
            yield about(f"{where}.margin", guardrail.margin, "must be a share between 0 and 1")
