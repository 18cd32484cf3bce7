"""What is to be measured of an experiment: the request of a measurement, from the item and its history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.experiments.experiment import AA, CONTROL, FULL, PAUSED, RETURNED, RUNNING, Experiment
from pipeline.experiments.store import Past
from pipeline.ramping.acting import moment
from pipeline.tracking.event import IMPRESSION

FOLDER = "measured"
_SPLIT = (RUNNING, PAUSED, FULL, RETURNED)


@dataclass(frozen=True, kw_only=True)
class Guarded:
    """Events per person, or per impression, that must not get worse by more than the margin (a share)."""

    name: str
    events: tuple[str, ...]
    margin: float
    more_is_worse: bool = False
    per_person: bool = True


@dataclass(frozen=True, kw_only=True)
class Measuring:
    """actions: of the metric, per impression. people: planned, of each arm. effect: the least lift worth
    having. days, look_every: planned length, and days between two looks. slower_ms, more_errors: by which the
    API may answer the treated worse, of the 95th percentile and of the share of errors; None: not looked at.
    """

    actions: tuple[str, ...]
    people: int
    effect: float
    days: int = 28
    look_every: int = 7
    guardrails: tuple[Guarded, ...] = ()
    slower_ms: float | None = None
    more_errors: float | None = None


@dataclass(frozen=True, kw_only=True)
class Measured:
    """name: part of the keys of its reports. start: the day of its first version."""

    name: str
    start: datetime
    first_version: int


def measured(experiment: Experiment, history: Iterable[Past]) -> Measured | None:
    """Since the arms have different lists; before, of the A/A phase. None: there are no arms yet."""
    running = experiment.state in _SPLIT
    if not running and experiment.state != AA:
        return None
    first = experiment
    for past in sorted(history, key=lambda one: one.number, reverse=True):
        known = past.experiment
        if past.number > experiment.version or known is None:
            continue
        if (
            known.salt != experiment.salt
            or (known.state in _SPLIT) != running
            or (not running and known.state != AA)
        ):
            break
        first = known
    started = "".join(sign for sign in experiment.started_at if sign.isalnum())
    name = f"{started}{'' if running else '-aa'}"
    return Measured(name=name, start=moment(first.changed_at), first_version=first.version)


def report_key(use_case: str, of: Measured) -> str:
    """Of the newest report."""
    return f"{FOLDER}/use_case={use_case}/reports/{of.name}/newest.json"


def request(
    use_case: str, experiment: Experiment, of: Measured, plan: Measuring, history: Iterable[Past]
) -> dict[str, Any]:
    """What the step `measure_experiment` takes."""
    control = experiment.arms[-1]
    treatment = experiment.arms[0]
    changes = [
        {
            "at": one.changed_at,
            "by": one.changed_by,
            "why": one.why,
            "what": f"version {one.version}: {one.words}",
        }
        for past in history
        if (one := past.experiment) and one.salt == experiment.salt and one.version >= of.first_version
    ]
    return {
        "useCase": use_case,
        "name": of.name,
        "hypothesis": experiment.hypothesis,
        "metric": {"name": experiment.metric, "of": _events(plan.actions), "per": _events((IMPRESSION,))},
        "start": of.start.date().isoformat(),
        "firstVersion": of.first_version,
        "people": plan.people,
        "effect": plan.effect,
        "control": CONTROL,
        "treatment": treatment.name,
        "shares": [control.weight, treatment.weight],
        "days": plan.days,
        "lookEvery": plan.look_every,
        "guardrails": [_guardrail(one) for one in plan.guardrails],
        "answers": {"slowerMs": plan.slower_ms, "moreErrors": plan.more_errors},
        "changes": changes,
    }


def _guardrail(one: Guarded) -> dict[str, Any]:
    per = None if one.per_person else _events((IMPRESSION,))
    return {
        "metric": {"name": one.name, "of": _events(one.events), "per": per},
        "margin": one.margin,
        "moreIsWorse": one.more_is_worse,
    }


def _events(types: tuple[str, ...]) -> dict[str, Any]:
    return {"types": list(types), "sources": []}
