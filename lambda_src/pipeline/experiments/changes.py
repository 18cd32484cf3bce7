"""Changes of an experiment: what may follow what, so that nobody moves from one arm to another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pipeline.errors import ChangeRefused
from pipeline.experiments.assignment import assigned
from pipeline.experiments.experiment import (
    AA,
    APPROVED,
    ASKED,
    BUCKETS,
    FULL,
    PAUSED,
    RETURNED,
    RUNNING,
    SHADOW,
    STOPPED,
    Arm,
    Experiment,
)

PHASES = (SHADOW, AA, RUNNING)
"""In the order in which an experiment goes through them."""
LEAST_HELD_BACK, MOST_HELD_BACK = 100, 500


@dataclass(frozen=True, kw_only=True)
class Note:
    """Who changes it, why, and when (ISO 8601)."""

    by: str
    why: str
    at: str


@dataclass(frozen=True, kw_only=True)
class Design:
    """What an experiment begins with. arms: the last one is `control`. Other members: see Experiment."""

    salt: str
    arms: tuple[Arm, ...]
    hypothesis: str
    metric: str
    phase: str = SHADOW
    exposure: int = 0
    overrides: Mapping[str, str]
    region: str | None = None


def started(before: Experiment | None, design: Design, note: Note, *, version: int) -> Experiment:
    """version: higher than any before, those of earlier experiments too. Raises: ChangeRefused."""
    after = Experiment(
        version=version,
        state=design.phase,
        salt=design.salt,
        exposure=design.exposure,
        arms=design.arms,
        hypothesis=design.hypothesis,
        metric=design.metric,
        overrides=design.overrides,
        started_at=note.at,
        changed_at=note.at,
        changed_by=note.by,
        why=note.why,
        region=design.region,
        epoch=before.epoch if before else None,
        more=before.more if before else {},
    )
    problems = []
    if before and before.state != STOPPED:
        problems.append(f"there is one already, {before.state} since {before.changed_at}: stop it first")
    if before and before.salt == design.salt:
        problems.append("salt must be a new one: with the old one people would be where they were")
    if design.phase not in PHASES:
        problems.append(f"phase must be one of {', '.join(PHASES)}, not {design.phase!r}")
    for name, words in (("hypothesis", design.hypothesis), ("metric", design.metric)):
        if not words.strip():
            problems.append(f"{name} must be said before anything is measured")
    return _checked(after, problems)


def stepped(
    before: Experiment,
    note: Note,
    *,
    phase: str | None = None,
    exposure: int | None = None,
    overrides: Mapping[str, str] | None = None,
) -> Experiment:
    """phase: a later one. exposure: a greater one. overrides: of further testers. Raises: ChangeRefused."""
    problems = list(_in_state(before, PHASES))
    if before.held and (phase is not None or exposure is not None):
        problems.append(f"it is {before.words}: {_REMEDIES[PAUSED]}")
    if phase is None and exposure is None and not overrides:
        problems.append("nothing was asked for: name a phase, an exposure or an override")
    if phase is not None and phase not in PHASES:
        problems.append(f"phase must be one of {', '.join(PHASES)}, not {phase!r}")
    elif phase is not None and before.state in PHASES and PHASES.index(phase) < PHASES.index(before.state):
        problems.append(f"phase must not go from {before.state} to {phase}: back shows everybody the default")
    if exposure is not None and exposure < before.exposure:
        problems.append(
            f"exposure only grows: it is {before.exposure:,} of {BUCKETS:,}, "
            f"and {exposure:,} would take people out of their arms"
        )
    problems += _moved(before, overrides or {})
    after = replace(
        _next(before, note),
        state=phase or before.state,
        exposure=before.exposure if exposure is None else exposure,
        overrides={**before.overrides, **(overrides or {})},
        approval=before.approval if phase is None and exposure is None else "",
    )
    return _checked(after, problems)


def paused(before: Experiment, note: Note) -> Experiment:
    """Where nobody sees other lists yet, the state stays: in `paused` each arm has its variant's.

    Raises: ChangeRefused.
    """
    if before.state in (SHADOW, AA):
        problems = [f"it is {before.words} already"] if before.held else []
        return _checked(replace(_next(before, note), held=True), problems)
    return _checked(replace(_next(before, note), state=PAUSED), _in_state(before, (RUNNING,)))


def resumed(before: Experiment, note: Note) -> Experiment:
    """From a pause or a return to what it was before. Raises: ChangeRefused."""
    if before.held:
        return _checked(replace(_next(before, note), held=False), ())
    state = FULL if before.held_back else RUNNING
    return _checked(replace(_next(before, note), state=state), _in_state(before, (PAUSED, RETURNED)))


def returned(before: Experiment, note: Note) -> Experiment:
    """Everybody gets the default variant, and keeps their arm. Raises: ChangeRefused."""
    allowed = (RUNNING, PAUSED, FULL)
    return _checked(replace(_next(before, note), state=RETURNED), _in_state(before, allowed))


def filled(before: Experiment, note: Note, *, held_back: int) -> Experiment:
    """Everybody but those who are held back gets the first arm's variant. Raises: ChangeRefused."""
    problems = list(_in_state(before, (RUNNING, FULL)))
    if not LEAST_HELD_BACK <= held_back <= MOST_HELD_BACK:
        problems.append(
            f"hold-back must be {LEAST_HELD_BACK} to {MOST_HELD_BACK} of {BUCKETS:,} (1 to 5 %), "
            f"not {held_back:,}"
        )
    if before.held_back and held_back >= before.held_back:
        problems.append(
            f"hold-back only shrinks: it is {before.held_back:,}, "
            f"and {held_back:,} would hold back nobody else, or people who have been released"
        )
    control = before.arms[-1]
    if held_back > control.weight:
        problems.append(
            f"hold-back must fit into {control.name}, which has {control.weight:,}: "
            "more would take people out of the other arm"
        )
    after = replace(_next(before, note), state=FULL, exposure=BUCKETS, held_back=held_back)
    return _checked(after, problems)


def stopped(before: Experiment, note: Note) -> Experiment:
    """No arms any more, and the default variant for all. Raises: ChangeRefused."""
    problems = ["it is stopped already"] if before.state == STOPPED else []
    return _checked(replace(_next(before, note), state=STOPPED, held=False), problems)


def asked(before: Experiment, note: Note) -> Experiment:
    """Somebody's approval of the next step. Raises: ChangeRefused."""
    problems = [*_in_state(before, PHASES)]
    if before.held:
        problems.append(f"it is {before.words}: {_REMEDIES[PAUSED]}")
    if before.approval:
        problems.append(f"approval is {before.approval} already")
    return _checked(replace(_next(before, note), approval=ASKED), problems)


def approved(before: Experiment, note: Note) -> Experiment:
    """The next step, whether it was asked for or not. Raises: ChangeRefused."""
    problems = [*_in_state(before, PHASES)]
    if before.approval == APPROVED:
        problems.append(f"the next step has been approved already, by {before.changed_by}")
    return _checked(replace(_next(before, note), approval=APPROVED), problems)


def _next(before: Experiment, note: Note) -> Experiment:
    changes: dict[str, Any] = {"changed_at": note.at, "changed_by": note.by, "why": note.why, "approval": ""}
    return replace(before, version=before.version + 1, **changes)


def _in_state(before: Experiment, allowed: tuple[str, ...]) -> Iterator[str]:
    if before.state not in allowed:
        yield f"it is {before.state}, and must be {' or '.join(allowed)}: {_REMEDIES[before.state]}"


_REMEDIES = {
    SHADOW: "step it to a later phase",
    AA: "step it to running; everybody has the default variant's lists meanwhile",
    RUNNING: "it goes on as it is",
    PAUSED: "resume it",
    RETURNED: "resume it, or stop it",
    FULL: "everybody has been reached; back returns, stop ends it",
    STOPPED: "start another one",
}


def _moved(before: Experiment, overrides: Mapping[str, str]) -> Iterator[str]:
    """Whoever has an arm keeps it; in a shadow only testers do, and they may look at the other one."""
    if before.state == SHADOW:
        return
    for user, arm in overrides.items():
        has = assigned(before, user).arm
        if has is not None and has != arm:
            yield f"overrides must not move anybody: {user!r} is in {has}, not in {arm}"


def _checked(after: Experiment, problems: Iterable[str]) -> Experiment:
    found = [*problems, *after.problems()]
    for name, words in (("by", after.changed_by), ("why", after.why)):
        if not words.strip():
            found.append(f"{name} must say who, or for which reason")
    if found:
        raise ChangeRefused("\n".join(dict.fromkeys(found)))
    return after
