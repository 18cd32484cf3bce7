"""Batch output becomes a generation: every shard into the serving table, then the pointer moves."""

from dataclasses import dataclass

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from constructs.workflow.beginning import finished
from constructs.workflow.failure import FailureRoute, reason_in
from constructs.workflow.language import NULL, expression, invoke, literal, retry

MAP_LABEL = "load"
"""Part of the ARNs of the map's own executions."""

_FAILURE_LENGTH = 120
"""So that the answers of 1,000 failed shards fit into the 256 KB of a state's result."""


@dataclass(frozen=True, kw_only=True)
class PublishingProps:
    """recommendations: stored per user at most. minimum_share: of the audience that must have a list (0-1).
    with_catalogue: the items dataset is served as a directory. concurrency: shards loaded at a time.
    """

    use_case: str
    variant: str
    recommendations: int
    minimum_share: float
    generation_days: int
    bucket: s3.IBucket
    load: lambda_.IFunction
    publish: lambda_.IFunction
    with_catalogue: bool = False
    concurrency: int = 10


def publish_recommendations(
    scope: Construct, props: PublishingProps, *, then: sfn.IChainable, failures: FailureRoute
) -> sfn.IChainable:
    """Reads the variables run, expires, datasets, solutionVersionArn, judgement and batchInput."""
    load = _load(scope, props, failures=failures)
    publish = _publish(scope, props, then=then, failures=failures)
    loaded = (
        sfn.Choice.jsonata(
            scope,
            "Are all shards loaded?",
            outputs={},
            assign=failures.details(
                step=load.state_id, error="$loaded.error", cause=f"{literal('A shard: ')} & $loaded.cause"
            ),
        )
        .when(sfn.Condition.jsonata(expression("$loaded.error = ''")), publish)
        .otherwise(failures.state)
    )
    return load.next(loaded)


def _load(scope: Construct, props: PublishingProps, *, failures: FailureRoute) -> sfn.DistributedMap:
    """A failed shard answers with its failure, since a failed map tells only how many have failed."""
    load = sfn.DistributedMap.jsonata(
        scope,
        "Load recommendations",
        label=MAP_LABEL,
        map_execution_type=sfn.StateMachineType.STANDARD,
        max_concurrency=props.concurrency,
        item_reader=sfn.S3JsonItemReader(bucket=props.bucket, key=expression("$batchInput.shardsKey")),
        # The executions of a distributed map do not see variables.
        item_selector={
            "shard": expression("$states.context.Map.Item.Value"),
            "generation": expression("$run"),
            "expires": expression("$expires"),
            "popularKey": expression("$batchInput.popularKey"),
        },
        assign={"loaded": expression(" ".join(_SUMMARY.split()))},
        outputs={},
    )
    shard = invoke(
        scope,
        "Load a shard",
        props.load,
        {
            "useCase": props.use_case,
            "variant": props.variant,
            "generation": expression("$states.input.generation"),
            "shard": expression("$states.input.shard"),
            "popularKey": expression("$states.input.popularKey"),
            "limit": props.recommendations,
            "expires": expression("$states.input.expires"),
        },
        outputs={
            "users": expression("$states.result.Payload.users"),
            "errors": expression("$states.result.Payload.errors"),
            "error": "",
            "cause": "",
        },
    )
    # Loading a shard again writes the same, so that a function that died may simply be called again.
    retry(
        shard,
        ("Lambda.Unknown", "Runtime.ExitError", "Sandbox.Timedout", "TableBusy", "StorageFailed"),
        first_seconds=5,
        longest_seconds=60,
        attempts=2,
    )
    cause = reason_in("$states.errorOutput.Cause")
    shard.add_catch(
        sfn.Succeed.jsonata(scope, "Report the failed shard"),
        errors=["States.ALL"],
        outputs={
            "users": 0,
            "errors": 0,
            "error": expression("$states.errorOutput.Error"),
            "cause": expression(f"$substring({cause}, 0, {_FAILURE_LENGTH})"),
        },
    )
    load.item_processor(shard)
    return failures.catch(load)


_SUMMARY = """(
  $failed := $states.result[error != ''];
  {
    "users": $sum($states.result.users),
    "errors": $sum($states.result.errors),
    "error": $exists($failed) ? $failed[0].error : '',
    "cause": $exists($failed) ? $failed[0].cause : ''
  }
)"""


def _publish(
    scope: Construct, props: PublishingProps, *, then: sfn.IChainable, failures: FailureRoute
) -> sfn.IChainable:
    publish = failures.catch(
        invoke(
            scope,
            "Publish the generation",
            props.publish,
            {
                "useCase": props.use_case,
                "variant": props.variant,
                "generation": expression("$run"),
                "audience": expression("$batchInput.users"),
                "loaded": expression("$loaded.users"),
                "errors": expression("$loaded.errors"),
                "minimumShare": props.minimum_share,
                "popularKey": expression("$batchInput.popularKey"),
                "generationDays": props.generation_days,
                "catalogueKey": expression("$datasets[dataset = 'items'].key")
                if props.with_catalogue
                else NULL,
                "record": {
                    "datasets": expression("$datasets"),
                    "solutionVersionArn": expression("$solutionVersionArn"),
                    "metrics": expression("$judgement.metrics"),
                },
            },
            assign={"published": expression("$states.result.Payload")},
            outputs={},
        )
    )
    return publish.next(then)


def published(scope: Construct, *, use_case: str) -> sfn.Succeed:
    """Reads the variables published, loaded and judgement."""
    return finished(
        scope,
        "Published",
        use_case,
        "published",
        generation="$published.generation",
        users="$published.users",
        errors="$loaded.errors",
        verdict="$judgement.verdict",
    )
