"""What a ramp did, as an e-mail that can be read."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.experiments.experiment import CONTROL, FULL, RETURNED, RUNNING, Experiment
from pipeline.ramping.decide import Action, Decision
from pipeline.ramping.plan import percent

_LONGEST_SUBJECT = 100
"""Characters of ASCII that SNS takes."""
_HEADINGS = {
    Action.STAY: "the ramp waits",
    Action.ADVANCE: "the ramp goes on",
    Action.ASK: "the ramp asks for approval",
    Action.RETURN: "RETURNED to the default variant",
    Action.PAUSE: "the experiment is paused",
}
_TODO = {
    Action.STAY: "Nothing was changed. The ramp looks again by itself.",
    Action.ADVANCE: "Nothing is to be done. To bring everybody back: experiment back",
    Action.ASK: "To go on: experiment approve. Nothing changes before that.",
    Action.RETURN: "Everybody gets the default variant's lists within seconds, and keeps their arm. "
    "Find the cause; then: experiment resume, or experiment stop",
    Action.PAUSE: "Nobody new takes part; who was treated still is. Find out who is missing; then: "
    "experiment resume, or experiment back",
}


@dataclass(frozen=True)
class Mail:
    subject: str
    text: str


def mail(stage: str, use_case: str, decision: Decision, after: Experiment, *, by: str) -> Mail:
    """after: the experiment as it is now."""
    where = f": {decision.step.words}" if decision.step else ""
    subject = f"{stage} {use_case}: {_HEADINGS[decision.action]}{where}"
    command = f"python -m operations experiment show --stage {stage} --use-case {use_case}"
    lines = (
        f"{use_case} in {stage}: {_HEADINGS[decision.action]}{where}",
        "",
        f"Why:  {decision.words}",
        f"Now:  {state_in_words(after)}",
        f"By:   {by}, as version {after.version}",
        "",
        _TODO[decision.action],
        f"To look: {command}",
    )
    return Mail(subject.encode("ascii", "replace").decode()[:_LONGEST_SUBJECT], "\n".join(lines))


def state_in_words(experiment: Experiment) -> str:
    treatment = experiment.arms[0]
    if experiment.state == FULL:
        return f"full: {treatment.variant} for all but {percent(experiment.held_back)} of the people"
    treated = (
        sum(arm.weight for arm in experiment.arms if arm.name != CONTROL) * experiment.exposure // 10_000
    )
    if experiment.state == RUNNING:
        return f"running: {percent(treated)} of the people get the lists of {treatment.variant}"
    if experiment.state == RETURNED:
        return f"returned: nobody gets the lists of {treatment.variant}"
    return f"{experiment.words}, since {experiment.changed_at}"
