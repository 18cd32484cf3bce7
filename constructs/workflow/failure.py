"""The one place where a workflow's failures end: a message that names the cause, then a failed execution."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import aws_cdk as cdk
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct
from constructs.ground.alarm import in_runbook
from constructs.workflow.language import expression, literal, or_empty, retry

NOTIFIED = "Step "
"""How the cause of an execution begins whose failure has been told."""

TRAINING_FAILED = "A training run ended badly"
"""Heading of the runbook."""

_REASON_LENGTH = 2000
Catching = TypeVar("Catching", sfn.TaskStateBase, sfn.Parallel, sfn.DistributedMap)


@dataclass(frozen=True, kw_only=True)
class FailureRoute:
    """A state that failures go to, and its variables: <prefix>Step, <prefix>Error, <prefix>Cause."""

    state: sfn.IChainable
    prefix: str

    def details(self, *, step: str, error: str, cause: str) -> dict[str, str]:
        """step: a word; error and cause: JSONata."""
        return {
            f"{self.prefix}Step": step,
            f"{self.prefix}Error": expression(error),
            f"{self.prefix}Cause": expression(cause),
        }

    def catch(self, state: Catching) -> Catching:
        """Sends every failure of the state here, under the state's own name."""
        details = self.details(
            step=state.state_id,
            error="$states.errorOutput.Error",
            cause=or_empty("$states.errorOutput.Cause"),
        )
        state.add_catch(self.state, errors=["States.ALL"], assign=details)
        return state


def reason_in(cause: str) -> str:
    """JSONata for the readable part of a cause: a function's is JSON around its message.

    The first one, if there are several; and none that is no JSON text, such as one that was cut.
    """
    # \x5c is a backslash: before a bracket, a plain one would hide it from JSONata's scanner.
    plain, escaped = r'[^"\x5c\x00-\x1f]*', r'\x5c(?:["\x5c\/bfnrt]|u[0-9A-Fa-f]{4})'
    message = f'$match({cause}, /"errorMessage": *"({plain}(?:{escaped}{plain})*)"/, 1)'
    return f"($found := {message}; $exists($found) ? $parse('\"' & $found[0].groups[0] & '\"') : {cause})"


def failed_branch(scope: Construct, name: str) -> FailureRoute:
    """The end of a Parallel's branch: hands the failure to the Parallel, with the step's name before it."""
    state = sfn.Fail.jsonata(
        scope,
        name,
        error=expression("$branchError"),
        cause=expression(f"$branchStep & ': ' & {reason_in('$branchCause')}"),
    )
    return FailureRoute(state=state, prefix="branch")


@dataclass(frozen=True, kw_only=True)
class FailurePathProps:
    """title: of the workflow, for subject lines. consequences: of steps after which more has changed than
    after others, by their names. variant: what failed, where others go on.
    """

    title: str
    use_case: str
    topic: sns.ITopic
    consequences: Mapping[str, str] = field(default_factory=dict)
    variant: str | None = None


@dataclass(frozen=True, kw_only=True)
class Told:
    """What follows a failure that was told, and one that could not be."""

    told: sfn.IChainable
    untold: sfn.IChainable


def failure_path(scope: Construct, props: FailurePathProps) -> FailureRoute:
    """States: describe, notify, fail."""
    told = literal(NOTIFIED) + " & $failedStep & ': ' & $failureReason"
    fail = sfn.Fail.jsonata(scope, "Failed", error=expression("$failedError"), cause=expression(told))
    untold = sfn.Fail.jsonata(
        scope,
        "Failed, and nobody was told",
        error=expression("$failedError"),
        cause=expression(f"'Not notified. ' & {told}"),
    )
    return told_failure(
        scope, props, prefix="failed", reason="failureReason", then=Told(told=fail, untold=untold)
    )


def told_failure(
    scope: Construct, props: FailurePathProps, *, prefix: str, reason: str, then: Told
) -> FailureRoute:
    """States: describe, notify. prefix: of the route's variables. reason: the variable that is given it."""
    cause = reason_in(f"${prefix}Cause")
    describe = sfn.Pass.jsonata(
        scope,
        "Describe the failure",
        assign={reason: expression(f"$substring({cause}, 0, {_REASON_LENGTH})")},
    )
    variant = props.variant
    what = f"The variant {variant} in the training workflow" if variant else "The training workflow"
    others = " Other variants go on." if variant else ""
    notify = retry(
        tasks.SnsPublish.jsonata(
            scope,
            "Notify of the failure",
            topic=props.topic,
            subject=subject(
                f"{props.title}: {variant} failed at " if variant else f"{props.title} failed at ",
                f"${prefix}Step",
            ),
            message=message(
                scope,
                literal(f"{what} of {props.use_case} failed.{others}"),
                f"{literal('Step: ')} & ${prefix}Step",
                f"{literal('Error: ')} & ${prefix}Error",
                f"{literal('Reason: ')} & ${reason}",
                f"{literal('Run: ')} & $run",
                _consequence(props.consequences, f"${prefix}Step", variant),
                literal(f"What to do: {in_runbook(TRAINING_FAILED)}"),
            ),
            outputs={},
        ),
        ("States.TaskFailed",),
        first_seconds=2,
        longest_seconds=30,
        attempts=4,
    )
    notify.add_catch(then.untold, errors=["States.ALL"])
    describe.next(notify).next(then.told)
    return FailureRoute(state=describe, prefix=prefix)


def _consequence(others: Mapping[str, str], step: str, variant: str | None) -> str:
    """JSONata."""
    whose = f"The recommendations of {variant}" if variant else "The recommendations"
    usual = literal(f"{whose} being served stay as they are.")
    if not others:
        return usual
    return f"($other := $lookup({json.dumps(dict(others))}, {step}); $exists($other) ? $other : {usual})"


def subject(words: str, detail: str) -> str:
    """SNS takes up to 100 characters, of ASCII."""
    return expression(f"$substring({literal(words)} & {detail}, 0, 100)")


def message(scope: Construct, *lines: str) -> sfn.TaskInput:
    """The lines (JSONata) and a link to the execution in the console."""
    region = cdk.Stack.of(scope).region
    console = f"https://{region}.console.aws.amazon.com/states/home?region={region}#/v2/executions/details/"
    link = f"{literal(console)} & $states.context.Execution.Id"
    return sfn.TaskInput.from_text(expression(f"$join([{', '.join((*lines, link))}], {literal(chr(10))})"))
