"""Stay, go on, ask, come back or pause: what becomes of an experiment now, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from pipeline.experiments.experiment import (
    APPROVED,
    ASKED,
    CONTROL,
    FULL,
    PAUSED,
    RETURNED,
    RUNNING,
    SHADOW,
    STOPPED,
    Experiment,
)
from pipeline.ramping.dangers import dangers, measured_dangers
from pipeline.ramping.evidence import NOTHING_BIGGER, SHIP, Evidence, Health
from pipeline.ramping.plan import Limits, Plan, Step

SHOWN = (RUNNING, PAUSED, FULL)
"""States in which people see the treatment's lists, and from which they can be brought back."""
_OLDEST_REPORT = timedelta(days=3)


class Action(StrEnum):
    STAY = "stay"
    ADVANCE = "advance"
    ASK = "ask"
    RETURN = "return"
    PAUSE = "pause"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """until: before which nothing changes by itself. step: to which it advances, or asks to.
    told: whether somebody must hear of it.
    """

    action: Action
    words: str
    until: datetime | None = None
    step: Step | None = None
    told: bool = False


def watched(experiment: Experiment | None, health: Health, limits: Limits, now: datetime) -> Decision:
    """By figures of answers and lists alone: whether people must be brought back."""
    if experiment is None or experiment.state not in SHOWN:
        return _stay("nobody sees the treatment's lists")
    found = list(dangers(health, limits, _variants(experiment), now))
    if found:
        return _back(found)
    blind = f"; not seen: {', '.join(health.unread)}" if health.unread else ""
    return _stay(f"nothing speaks against the treatment{blind}")


def decide(
    plan: Plan, experiment: Experiment | None, *, since: datetime, now: datetime, evidence: Evidence
) -> Decision:
    """since: when the experiment got where it is."""
    if experiment is None:
        return _stay("there is no experiment; start one in shadow, and the ramp goes on with it")
    if experiment.state == STOPPED:
        return _stay(f"the experiment is stopped since {experiment.changed_at}: {experiment.why}")
    if experiment.state == RETURNED:
        words = f"returned since {experiment.changed_at} ({experiment.changed_by}: {experiment.why}); "
        return _stay(f"{words}nobody is treated again before somebody resumes it")
    if experiment.state in SHOWN:
        found = [
            *dangers(evidence.health, plan.limits, _variants(experiment), now),
            *measured_dangers(evidence.report),
        ]
        if found:
            return _back(found)
    if experiment.state == PAUSED or experiment.held:
        words = f"paused since {experiment.changed_at} ({experiment.changed_by}: {experiment.why}); "
        remedy = "somebody must resume it" + ("" if experiment.held else " or bring it back")
        return _stay(f"{words}{remedy}")
    if _split_is_wrong(evidence) and experiment.state == RUNNING:
        return Decision(action=Action.PAUSE, words=_words(evidence), told=True)
    if _variants(experiment) != (plan.default, plan.treatment):
        arms = ", ".join(f"{arm.name} {arm.variant}" for arm in experiment.arms)
        words = f"the arms are {arms}, and the ramp is of {plan.treatment} against {plan.default}"
        return _stay(f"{words}: it goes on by hand only", told=True)
    return _onward(plan, experiment, since, now, evidence)


def _onward(
    plan: Plan, experiment: Experiment, since: datetime, now: datetime, evidence: Evidence
) -> Decision:
    number = plan.reached(experiment)
    here = plan.steps[number]
    if number + 1 == len(plan.steps):
        return _stay(f"the ramp is over: {here.words}")
    following = plan.steps[number + 1]
    until = since + timedelta(hours=here.hours)
    if now < until:
        lasting = f"lasts {here.hours:g} hours at least, until {_text(until)}"
        return _stay(f"{here.words} since {_text(since)}, and {lasting}", until=until)
    stand_against = list(_gates(plan, experiment, following, now, evidence))
    if stand_against:
        words = f"{following.words} could begin since {_text(until)}, and cannot: {'; '.join(stand_against)}"
        return _stay(words, told=True)
    if _must_be_approved(following, evidence) and experiment.approval != APPROVED:
        if experiment.approval == ASKED:
            return _stay(f"{following.words} waits for somebody's approval since {experiment.changed_at}")
        words = f"nothing speaks against {following.words}, and somebody must approve it{_found(evidence)}"
        return Decision(action=Action.ASK, words=words, step=following, told=True)
    allowed = " and was approved" if experiment.approval == APPROVED else ""
    words = (
        f"{here.words} has lasted {here.hours:g} hours, and nothing speaks against {following.words}{allowed}"
    )
    return Decision(action=Action.ADVANCE, words=words + _found(evidence), step=following, told=True)


def _gates(
    plan: Plan, experiment: Experiment, following: Step, now: datetime, evidence: Evidence
) -> Iterator[str]:
    """What must be seen before more people are shown the treatment, and is not."""
    yield from dangers(evidence.health, plan.limits, _variants(experiment), now)
    for unread in dict.fromkeys((*evidence.health.unread, *evidence.unread)):
        yield f"not known: {unread}"
    if plan.with_comparison:
        if evidence.compared is None:
            yield "the variants' lists have not been compared yet"
        else:
            yield from (
                f"the comparison of {evidence.compared.run} found: {b}" for b in evidence.compared.blocks
            )
    if experiment.state != SHADOW:
        yield from _measured(following, now.date(), evidence)


def _measured(following: Step, today: date, evidence: Evidence) -> Iterator[str]:
    report = evidence.report
    if report is None:
        yield "nothing has been measured yet"
        return
    if today - date.fromisoformat(report.day) > _OLDEST_REPORT:
        yield f"the last measurement is of {report.day}"
    if not report.split_is_right:
        yield _words(evidence)
    if following.decided and report.verdict not in (SHIP, NOTHING_BIGGER):
        yield f"the measurement has not come to a decision: {report.words}"


def _must_be_approved(following: Step, evidence: Evidence) -> bool:
    """Lists that are not better are for people to choose: they may be cheaper."""
    better = evidence.report is not None and evidence.report.verdict == SHIP
    return following.approval or (following.decided and not better)


def _variants(experiment: Experiment) -> tuple[str, str]:
    """Of control, and of the first arm."""
    control = experiment.arm(CONTROL)
    return (control.variant if control else "", experiment.arms[0].variant)


def _split_is_wrong(evidence: Evidence) -> bool:
    return evidence.report is not None and not evidence.report.split_is_right


def _words(evidence: Evidence) -> str:
    assert evidence.report
    return (
        f"as measured until {evidence.report.day}, the arms do not have the people that were planned: "
        "somebody is lost on the way, and no figure can be trusted"
    )


def _found(evidence: Evidence) -> str:
    return f" (measured until {evidence.report.day}: {evidence.report.words})" if evidence.report else ""


def _back(found: Sequence[str]) -> Decision:
    return Decision(action=Action.RETURN, words="; ".join(found), told=True)


def _stay(words: str, *, until: datetime | None = None, told: bool = False) -> Decision:
    return Decision(action=Action.STAY, words=words, until=until, told=told)


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes").replace("+00:00", "Z")
