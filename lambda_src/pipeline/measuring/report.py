"""What an experiment has shown so far, as one JSON object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from pipeline import formats
from pipeline.measuring.answers import Figures, answer_guardrails
from pipeline.measuring.experiment import Experiment, Guardrail
from pipeline.statistics.cuped import adjusted
from pipeline.statistics.decision import Guard, decide, guard
from pipeline.statistics.ratio import Estimate, Interval, design_effect, lift, ratio
from pipeline.statistics.sequential import Design, bounds, looks, shares
from pipeline.statistics.split import sequential
from pipeline.statistics.sums import Sums, SumsWithPast

GUARD_ALPHA = 0.05
_LEAST_GROWTH = 1.001


@dataclass(frozen=True)
class Seen:
    """counts: people of both arms by the day (its ordinal) of their first exposure. in_both: of them, seen in
    both arms. metric, guardrails: sums of both arms at the look; None before the first. phases: (days since
    the first exposure, sums of both arms). unreadable: lines of events. information: of the metric at each
    look so far, see `Design`. answers: of the API to the arms, at the look; None: not known.
    """

    counts: dict[int, tuple[int, int]]
    in_both: int
    metric: tuple[SumsWithPast, SumsWithPast] | None
    guardrails: Sequence[tuple[SumsWithPast, SumsWithPast] | None]
    phases: Sequence[tuple[int, Sums, Sums]]
    unreadable: int
    information: tuple[float, ...] = ()
    answers: Figures | None = None


def information(so_far: tuple[float, ...], metric: tuple[SumsWithPast, SumsWithPast]) -> tuple[float, ...]:
    """With that of the newest look, 1 / variance of the difference; never less than before: new people can
    make a metric vary more. Nothing from a look on at which there is no value.
    """
    both = adjusted(*metric)
    variance = both.control.variance + both.treatment.variance if both else 0.0
    newest = 1 / variance if variance > 0 else 0.0
    least = so_far[-1] * _LEAST_GROWTH if so_far else newest
    return (*so_far, max(newest, least)) if max(newest, least) > 0 else ()


def look_of(experiment: Experiment, day: date) -> int | None:
    """The number of the newest look at the end of a day, from 0. None: none yet."""
    passed = (day - experiment.first_day).days + 1
    reached = [look for look in looks(experiment.days, experiment.look_every) if look <= passed]
    return len(reached) - 1 if reached else None


def report(experiment: Experiment, day: date, seen: Seen) -> dict[str, Any]:
    """day: the last one that was counted."""
    planned = looks(experiment.days, experiment.look_every)
    number = look_of(experiment, day)
    split, so_far = _split(experiment, seen)
    found = _metric(experiment, seen, number)
    guardrails = [
        _guardrail(experiment, each, sums, number)
        for each, sums in zip(experiment.guardrails, seen.guardrails, strict=True)
    ]
    bound = None if number is None else _bounds(experiment, one_sided=True)[number]
    guardrails += answer_guardrails(experiment, seen.answers, bound)
    decision = decide(
        found.pop("interval"),
        last=number == len(planned) - 1,
        wanted=experiment.effect,
        split_is_right=split["right"],
        broken=[g["name"] for g in guardrails if g["state"] == Guard.BROKEN],
        unknown=[g["name"] for g in guardrails if g["state"] == Guard.OPEN],
    )
    return {
        formats.FORMAT: formats.NEWEST,
        "useCase": experiment.use_case,
        "experiment": experiment.name,
        "hypothesis": experiment.hypothesis,
        "day": day.isoformat(),
        "days": {"soFar": max((day - experiment.first_day).days + 1, 0), "planned": experiment.days},
        "looks": {"planned": list(planned), "last": None if number is None else planned[number]},
        "people": {"soFar": so_far, "planned": experiment.people, "inBothArms": seen.in_both},
        "split": split,
        "decision": {"verdict": decision.verdict, "words": decision.words},
        "metric": found,
        "guardrails": guardrails,
        "byDaysSinceFirstExposure": [_phase(*phase) for phase in seen.phases],
        "changes": [asdict(change) for change in experiment.changes],
        "unreadableLines": seen.unreadable,
    }


def _split(experiment: Experiment, seen: Seen) -> tuple[dict[str, Any], dict[str, int]]:
    total = sum(experiment.shares)
    planned = [share / total for share in experiment.shares]
    control = treatment = 0
    every_day = []
    for _, (of_control, of_treatment) in sorted(seen.counts.items()):
        control, treatment = control + of_control, treatment + of_treatment
        every_day.append((control, treatment))
    found, people = sequential(every_day, planned), control + treatment
    real = [control / people, treatment / people] if people else None
    names = (experiment.control, experiment.treatment)
    return (
        {
            "planned": dict(zip(names, planned, strict=True)),
            "real": dict(zip(names, real, strict=True)) if real else None,
            "p": found.p,
            "right": found.right,
        },
        dict(zip(names, (control, treatment), strict=True)),
    )


def _metric(experiment: Experiment, seen: Seen, number: int | None) -> dict[str, Any]:
    """Besides, the interval itself."""
    found: dict[str, Any] = {"name": experiment.metric.name, "interval": None}
    both = adjusted(*seen.metric) if seen.metric else None
    if number is None or both is None or seen.metric is None:
        return found
    known = seen.information if len(seen.information) == number + 1 else ()
    bound = _bounds(experiment, one_sided=False, information=known)[number]
    interval = lift(both.control, both.treatment, bound)
    pooled = seen.metric[0] + seen.metric[1]
    return found | {
        "interval": interval,
        "control": _value(seen.metric[0]),
        "treatment": _value(seen.metric[1]),
        "lift": _lift(both.control, both.treatment, interval),
        "bound": bound,
        "varianceKeptByThePast": both.kept,
        "designEffect": design_effect(pooled),
    }


def _guardrail(
    experiment: Experiment, of: Guardrail, sums: tuple[SumsWithPast, SumsWithPast] | None, number: int | None
) -> dict[str, Any]:
    control, treatment = (ratio(sums[0]), ratio(sums[1])) if sums else (None, None)
    interval = None
    if number is not None and control and treatment:
        interval = lift(control, treatment, _bounds(experiment, one_sided=True)[number])
    shown = {"name": of.metric.name, "margin": of.margin, "moreIsWorse": of.more_is_worse}
    shown["state"] = guard(interval, of.margin, more_is_worse=of.more_is_worse)
    if interval is None or control is None or treatment is None:
        return shown
    return shown | {
        "control": control.value,
        "treatment": treatment.value,
        "lift": _lift(control, treatment, interval),
    }


def _phase(since: int, control: Sums, treatment: Sums) -> dict[str, Any]:
    """With intervals that hold for one look only."""
    one, other = ratio(control), ratio(treatment)
    shown: dict[str, Any] = {"from": since, "people": [control.n, treatment.n]}
    if one and other:
        shown["lift"] = _lift(one, other, lift(one, other, bounds(Design((1.0,)))[0]))
    return shown


def _bounds(
    experiment: Experiment, *, one_sided: bool, information: tuple[float, ...] = ()
) -> tuple[float, ...]:
    times = shares(looks(experiment.days, experiment.look_every))
    alpha = GUARD_ALPHA if one_sided else experiment.alpha
    return bounds(Design(times, alpha, experiment.rho, one_sided, information))


def _lift(control: Estimate, treatment: Estimate, interval: Interval) -> dict[str, float | None]:
    value = treatment.value / control.value - 1 if control.value > 0 else None
    return {"value": value, "low": interval.low, "high": interval.high}


def _value(sums: Sums) -> dict[str, float]:
    return {"value": sums.x / sums.y, "people": sums.n, "of": sums.x, "per": sums.y}
