"""How a run begins: it gets its name, and gives way to a run that is already under way."""

from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from constructs.workflow.failure import FailureRoute
from constructs.workflow.language import Task, call, expression, literal, retry

RUN = "$substring($pad($replace($states.context.Execution.StartTime, /[^0-9T]/, ''), 18, '0'), 0, 18)"
"""The start as 20261121T195012345: sorts by time, and fits into names and keys."""

_EARLIER = """(
  $me := $states.context.Execution.Id;
  $running := $states.result.Executions;
  $listed := $running[ExecutionArn = $me].StartDate;
  $since := $exists($listed) ? $listed : $states.context.Execution.StartTime;
  $others := $running[ExecutionArn != $me];
  $before := $others[StartDate < $since or (StartDate = $since and ExecutionArn < $me)];
  $exists($before) ? $before[0].ExecutionArn : ''
)"""
"""Of two that start together, both see the same order: the one with the smaller ARN goes on."""


def beginning(
    scope: Construct, *, use_case: str, generation_days: int, then: sfn.IChainable, failures: FailureRoute
) -> sfn.IChainable:
    """Assigns run, force, acceptData, acceptModel, expires (seconds); ends as skipped if another one runs."""
    start = "$toMillis($states.context.Execution.StartTime)"
    name = sfn.Pass.jsonata(
        scope,
        "Name the run",
        assign={
            "run": expression(RUN),
            "force": expression("$states.input.force = true"),
            "acceptData": expression("$states.input.acceptData = true"),
            "acceptModel": expression("$states.input.acceptModel = true"),
            "expires": expression(f"$floor({start} / 1000) + {generation_days * 86400}"),
        },
        outputs={},
    )
    find = find_earlier(scope)
    failures.catch(find)
    skipped = finished(
        scope, "Skipped", use_case, "skipped", reason=f"{literal('running already: ')} & $earlier"
    )
    decide = (
        sfn.Choice.jsonata(scope, "Is another one running?", outputs={})
        .when(sfn.Condition.jsonata(expression("$earlier != ''")), skipped)
        .otherwise(then)
    )
    return name.next(find).next(decide)


def find_earlier(scope: Construct) -> Task:
    """Assigns earlier: the ARN of another execution that runs already, or an empty text."""
    find = call(
        scope,
        "Find other executions",
        "sfn",
        "listExecutions",
        {
            "StateMachineArn": expression("$states.context.StateMachine.Id"),
            "StatusFilter": "RUNNING",
            "MaxResults": 100,
        },
        assign={"earlier": expression(" ".join(_EARLIER.split()))},
        outputs={},
    )
    return retry(find, ("States.TaskFailed",), first_seconds=2, longest_seconds=30, attempts=5)


def finished(scope: Construct, name: str, use_case: str, outcome: str, **details: str) -> sfn.Succeed:
    """A good end; the details (JSONata) join the execution's output."""
    return sfn.Succeed.jsonata(
        scope,
        name,
        outputs={
            "useCase": use_case,
            "run": expression("$run"),
            "outcome": outcome,
            **{key: expression(value) for key, value in details.items()},
        },
    )
