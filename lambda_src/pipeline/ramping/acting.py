"""Does what was decided: one version of the experiment more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from pipeline.errors import ChangeRefused
from pipeline.experiments import changes
from pipeline.experiments.changes import Note
from pipeline.experiments.experiment import FULL, LONGEST_WORDS, Experiment
from pipeline.experiments.store import ExperimentStore, Past
from pipeline.ramping.decide import Action, Decision
from pipeline.ramping.plan import Plan
from pipeline.times import iso


def acted(
    store: ExperimentStore,
    experiment: Experiment,
    decision: Decision,
    *,
    by: str,
    now: datetime,
    plan: Plan | None = None,
) -> Experiment | None:
    """What the experiment became; None if it stays. plan: where it may advance.

    Raises: ExperimentChanged, if somebody else changed it meanwhile; ChangeRefused, if its rules forbid it.
    """
    if decision.action == Action.STAY:
        return None
    note = Note(by=by, why=decision.words[:LONGEST_WORDS], at=iso(now.timestamp()))
    after = changed(experiment, decision, note, plan)
    store.change(experiment, after)
    return after


def since(experiment: Experiment, history: Iterable[Past]) -> datetime:
    """When it got where it is. history: oldest first; without it, the last change counts."""
    begun = experiment.changed_at
    for past in sorted(history, key=lambda one: one.number, reverse=True):
        if past.number > experiment.version:
            continue
        if past.experiment is None or _place(past.experiment) != _place(experiment):
            break
        begun = past.experiment.changed_at
    return moment(begun)


def moment(text: str) -> datetime:
    """ISO 8601; without an offset, UTC."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _place(experiment: Experiment) -> tuple[object, ...]:
    state = experiment.state, experiment.held
    return experiment.salt, *state, experiment.exposure, experiment.held_back, experiment.arms


def changed(experiment: Experiment, decision: Decision, note: Note, plan: Plan | None) -> Experiment:
    """The version that follows. Raises: ChangeRefused, if the rules of experiments forbid it."""
    if decision.action == Action.RETURN:
        return changes.returned(experiment, note)
    if decision.action == Action.PAUSE:
        return changes.paused(experiment, note)
    if decision.action == Action.ASK:
        return changes.asked(experiment, note)
    step = decision.step
    if step is None or plan is None:
        raise ChangeRefused("where to was not decided")
    if step.phase == FULL:
        return changes.filled(experiment, note, held_back=step.held_back)
    exposure = max(experiment.exposure, plan.exposure(step, experiment))
    return changes.stepped(experiment, note, phase=step.phase, exposure=exposure)
