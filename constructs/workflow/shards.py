"""Every shard of a run through one function: a distributed map over the list of shards in S3."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from constructs.workflow.failure import FailureRoute, reason_in
from constructs.workflow.language import Task, expression, literal, retry

_FAILURE_LENGTH = 120
"""So that the answers of 1,000 failed shards fit into the 256 KB of a state's result."""
_SUMMARY = """(
  $failed := $states.result[error != ''];
  {
    %s,
    "error": $exists($failed) ? $failed[0].error : '',
    "cause": $exists($failed) ? $failed[0].cause : ''
  }
)"""


@dataclass(frozen=True, kw_only=True)
class ShardsProps:
    """title: of the state. label: part of the ARNs of the map's own executions. done: the question of the
    state behind it. variable: is assigned the sums of the answers' members `counts`, and error and cause,
    empty if all shards succeeded. selected: what the states of a shard see, besides `shard`. failed: title of
    the state of a failed shard. concurrency: shards at a time. prefix: of the names of a shard's states.
    """

    title: str
    label: str
    done: str
    variable: str
    counts: tuple[str, ...]
    selected: Mapping[str, str]
    failed: str
    bucket: s3.IBucket
    concurrency: int
    prefix: str = ""


def label_of(label: str, variant: str, *, side_by_side: bool) -> str:
    """A state machine names no two of its maps alike."""
    return f"{label}-{variant}" if side_by_side else label


def prefix_of(variant: str) -> str:
    """Of the names of its states, where it has a branch of its own: they are unique in a state machine."""
    return f"{variant}: "


def outcome_of(counts: tuple[str, ...]) -> dict[str, str]:
    """What the task of a shard gives out: its counts, and no error."""
    return {
        **{name: expression(f"$states.result.Payload.{name}") for name in counts},
        "error": "",
        "cause": "",
    }


def each_shard(
    scope: Construct, props: ShardsProps, shard: Task, *, then: sfn.IChainable, failures: FailureRoute
) -> sfn.IChainable:
    """Reads the variable batchInput. A failed shard answers with its failure, since a failed map tells only
    how many have failed; `shard` gives out `outcome_of` the counts, and may be repeated.
    """
    sums = ",\n    ".join(f'"{name}": $sum($states.result.{name})' for name in props.counts)
    distributed = sfn.DistributedMap.jsonata(
        scope,
        props.title,
        label=props.label,
        map_execution_type=sfn.StateMachineType.STANDARD,
        max_concurrency=props.concurrency,
        item_reader=sfn.S3JsonItemReader(bucket=props.bucket, key=expression("$batchInput.shardsKey")),
        # The executions of a distributed map do not see variables.
        item_selector={"shard": expression("$states.context.Map.Item.Value"), **props.selected},
        assign={props.variable: expression(" ".join((_SUMMARY % sums).split()))},
        outputs={},
    )
    # Doing a shard again writes the same, so that a function that died may simply be called again.
    retry(
        shard,
        ("Lambda.Unknown", "Runtime.ExitError", "Sandbox.Timedout", "TableBusy", "StorageFailed"),
        first_seconds=5,
        longest_seconds=60,
        attempts=2,
    )
    cause = reason_in("$states.errorOutput.Cause")
    failed = sfn.Succeed.jsonata(scope, props.failed)
    shard.add_catch(
        failed,
        errors=["States.ALL"],
        outputs={
            **dict.fromkeys(props.counts, 0),
            "error": expression("$states.errorOutput.Error"),
            "cause": expression(f"$substring({cause}, 0, {_FAILURE_LENGTH})"),
        },
    )
    # A map takes the names that its states have now.
    shard.add_prefix(props.prefix)
    failed.add_prefix(props.prefix)
    distributed.item_processor(shard)
    failures.catch(distributed)
    done = (
        sfn.Choice.jsonata(
            scope,
            props.done,
            outputs={},
            assign=failures.details(
                step=distributed.state_id,
                error=f"${props.variable}.error",
                cause=f"{literal('A shard: ')} & ${props.variable}.cause",
            ),
        )
        .when(sfn.Condition.jsonata(expression(f"${props.variable}.error = ''")), then)
        .otherwise(failures.state)
    )
    return distributed.next(done)
