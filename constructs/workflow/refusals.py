"""Calls that Amazon Personalize refuses: which are made again, how soon, and how often.

Its API declares no error for haste, nor for a caller without the right. Step Functions reports both by the
service's general name, and a retrier knows names only: what is said in the cause decides.
"""

from typing import cast

from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from constructs.workflow.failure import FailureRoute
from constructs.workflow.language import Task, expression, or_empty, retry

_GENERAL = "Personalize.PersonalizeException"
_ATTEMPTS = 20
_LASTING = (
    "not authorized|access ?denied|explicit deny|needs a subscription|validation error|validationexception"
    "|failed to satisfy constraint"
)
"""What no repetition mends: rights, and what the request says."""


def persist(task: Task, failures: FailureRoute) -> Task:
    """Repeats what may pass, ten minutes on average; all else, and what does not pass, goes to the failures.

    Personalize allows one request per second and operation in a region, for all workflows together. Catches
    that are to come before that of the failures must have been added.
    """
    retry(
        task,
        ("Personalize.ThrottlingException", "Personalize.SdkClientException"),
        first_seconds=5,
        longest_seconds=60,
        attempts=_ATTEMPTS,
    )
    scope, name = cast(Construct, task.node.scope), task.state_id
    pause = sfn.Wait.jsonata(
        scope,
        f"Pause before: {name}",
        time=sfn.WaitTime.seconds(
            expression("1 + $floor($random() * $min([60, 5 * $power(2, $states.input.refusals)]))")
        ),
    )
    lasting = f"$contains($states.input.cause, /{_LASTING}/i)"
    again = f"$states.input.refusals <= {_ATTEMPTS} and $not({lasting})"
    decide = (
        sfn.Choice.jsonata(
            scope,
            f"Try again: {name}?",
            assign=failures.details(step=name, error="$states.input.error", cause="$states.input.cause"),
            outputs={},
        )
        .when(sfn.Condition.jsonata(expression(again)), pause, outputs=expression("$states.input"))
        .otherwise(failures.state)
    )
    task.add_catch(
        decide,
        errors=[_GENERAL],
        outputs={
            "refusals": expression("$exists($states.input.refusals) ? $states.input.refusals + 1 : 1"),
            "error": expression("$states.errorOutput.Error"),
            "cause": expression(or_empty("$states.errorOutput.Cause")),
        },
    )
    pause.next(task)
    return failures.catch(task)


def retry_when_full(task: Task) -> Task:
    """Waits for a place, four hours on average: a region has five for imports and five for batch jobs."""
    return retry(
        task,
        ("Personalize.LimitExceededException",),
        first_seconds=60,
        longest_seconds=900,
        attempts=36,
    )


def retry_while_in_use(task: Task) -> Task:
    """Waits, half an hour on average, for what else is under way with the same resource.

    Every creation and update declares the error; of what it speaks is not documented.
    """
    return retry(
        task,
        ("Personalize.ResourceInUseException",),
        first_seconds=60,
        longest_seconds=300,
        attempts=12,
    )
