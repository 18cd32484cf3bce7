"""A use case's ramp of the configuration, as its steps take it."""

from collections.abc import Mapping, Sequence
from typing import Any

from config.derived.names import name_in
from config.schema import Ramp, RampStep, StageConfig, UseCase

_BUCKETS_OF_A_PERCENT = 100


def ramp_name(stage: StageConfig, use_case: UseCase) -> str:
    """Of the state machine."""
    return f"{name_in(stage.name, use_case.name)}-ramp"


def measurement_name(stage: StageConfig, use_case: UseCase) -> str:
    return f"{name_in(stage.name, use_case.name)}-measurement"


def ramped_use_cases(stage: StageConfig, use_cases: Sequence[UseCase]) -> dict[str, tuple[UseCase, Ramp]]:
    """Those that have a ramp in the stage, by name."""
    found = ((use_case, use_case.ramp_in(stage.name)) for use_case in use_cases)
    return {use_case.name: (use_case, ramp) for use_case, ramp in found if ramp}


def ramp_request(use_case: UseCase, ramp: Ramp, api_id: str) -> dict[str, Any]:
    """Of the step ramp_experiment."""
    plan = {
        "default": use_case.default_variant,
        "treatment": _treatment(use_case, ramp),
        "steps": [_step(step) for step in ramp.steps],
        "limits": _limits(ramp),
        "withComparison": ramp.with_comparison,
    }
    return {"useCase": use_case.name, "plan": plan, **_place(use_case, api_id)}


def watch_request(use_case: UseCase, ramp: Ramp, api_id: str) -> dict[str, Any]:
    """Of the step watch_experiment."""
    return {"useCase": use_case.name, "limits": _limits(ramp), **_place(use_case, api_id)}


def measurement_request(use_case: UseCase, ramp: Ramp) -> dict[str, Any]:
    """Of the step plan_measurement."""
    assert use_case.tracking
    measuring = {
        "actions": list(use_case.tracking.actions),
        "people": ramp.people,
        "effect": ramp.effect,
        "days": ramp.days,
        "lookEvery": ramp.look_every,
        "guardrails": [
            {
                "name": guardrail.name,
                "events": list(guardrail.events),
                "margin": guardrail.margin,
                "moreIsWorse": guardrail.more_is_worse,
                "perPerson": guardrail.per_person,
            }
            for guardrail in ramp.guardrails
        ],
        "slowerMs": ramp.slower_ms,
        "moreErrors": ramp.more_errors,
    }
    return {"useCase": use_case.name, "measuring": measuring}


def _treatment(use_case: UseCase, ramp: Ramp) -> str:
    return ramp.treatment or use_case.variants[1].name


def _step(step: RampStep) -> Mapping[str, object]:
    return {
        "phase": step.phase.value,
        "hours": step.hours,
        "treated": round(step.treated_percent * _BUCKETS_OF_A_PERCENT),
        "heldBack": round(step.held_back_percent * _BUCKETS_OF_A_PERCENT),
        "approval": step.approval,
        "decided": step.decided,
    }


def _limits(ramp: Ramp) -> Mapping[str, object]:
    limits = ramp.limits
    found: dict[str, object] = {
        "windowMinutes": limits.window_minutes,
        "leastAnswers": limits.least_answers,
        "errorMargin": limits.error_margin,
        "failedMargin": limits.failed_margin,
        "fallbackMargin": limits.fallback_margin,
        "emptyMargin": limits.empty_margin,
        "apiErrors": limits.api_errors,
        "p95Ms": limits.p95_ms,
        "p95Margin": limits.p95_margin,
        "staleHours": limits.stale_hours,
        "audienceShare": limits.audience_share,
    }
    return found


def _place(use_case: UseCase, api_id: str) -> Mapping[str, object]:
    """The API whose answers are looked at."""
    return {"apiId": api_id} if use_case.endpoint else {}
