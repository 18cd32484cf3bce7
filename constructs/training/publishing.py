"""Batch output becomes a generation: every shard into the serving table, then the pointer moves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from constructs.training.batch import output_of
from constructs.workflow.beginning import finished
from constructs.workflow.failure import FailureRoute
from constructs.workflow.language import NULL, Task, expression, invoke
from constructs.workflow.shards import ShardsProps, each_shard, label_of, outcome_of, prefix_of

MAP_LABEL = "load"
"""Part of the ARNs of the map's own executions."""

_COUNTS = ("users", "errors", "trimmed", "units")


@dataclass(frozen=True, kw_only=True)
class PublishingProps:
    """recommendations: stored per user at most. list_bytes: that a list may have. minimum_share: of the
    audience that must have a list (0-1).
    model: what names the model in the record of the run, by member.
    with_catalogue: the items dataset is served as a directory. concurrency: shards loaded at a time.
    side_by_side: other variants load and publish too. budget: of the run, see ComparisonProps: what it has
    cost is told, too. caps, fatigue: of the lists, see AudienceProps.
    """

    use_case: str
    variant: str
    recommendations: int
    list_bytes: int
    minimum_share: float
    generation_days: int
    bucket: s3.IBucket
    load: lambda_.IFunction
    publish: lambda_.IFunction
    model: Mapping[str, str]
    with_catalogue: bool = False
    concurrency: int = 10
    side_by_side: bool = False
    budget: Mapping[str, float | bool] | None = None
    caps: tuple[Mapping[str, str | int], ...] = ()
    fatigue: Mapping[str, int] | None = None

    @property
    def map_label(self) -> str:
        return label_of(MAP_LABEL, self.variant, side_by_side=self.side_by_side)


def publish_recommendations(
    scope: Construct, props: PublishingProps, *, then: sfn.IChainable, failures: FailureRoute
) -> sfn.IChainable:
    """Reads the variables run, expires, datasets, judgement, batchInput and those in props.model."""
    publish = _publish(scope, props, then=then, failures=failures)
    shards = ShardsProps(
        title="Load recommendations",
        label=props.map_label,
        prefix=prefix_of(props.variant) if props.side_by_side else "",
        done="Are all shards loaded?",
        variable="loaded",
        counts=_COUNTS,
        selected={
            "generation": expression("$run"),
            "expires": expression("$expires"),
            "popularKey": expression("$batchInput.popularKey"),
            **({"valuesKey": expression("$batchInput.valuesKey")} if props.caps else {}),
        },
        failed="Report the failed shard",
        bucket=props.bucket,
        concurrency=props.concurrency,
    )
    return each_shard(scope, shards, _load(scope, props), then=publish, failures=failures)


def _load(scope: Construct, props: PublishingProps) -> Task:
    return invoke(
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
            "listBytes": props.list_bytes,
            "expires": expression("$states.input.expires"),
            **({"sideBySide": True} if props.side_by_side else {}),
            **_capped(props, "$states.input.valuesKey"),
            **({"fatigue": dict(props.fatigue)} if props.fatigue else {}),
        },
        outputs=outcome_of(_COUNTS),
    )


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
                "trimmed": expression("$loaded.trimmed"),
                "writeUnits": expression("$loaded.units"),
                "minimumShare": props.minimum_share,
                "popularKey": expression("$batchInput.popularKey"),
                "generationDays": props.generation_days,
                "catalogueKey": expression("$datasets[dataset = 'items'].key")
                if props.with_catalogue
                else NULL,
                "record": {
                    "datasets": expression("$datasets"),
                    **props.model,
                    "metrics": expression("$judgement.metrics"),
                    **({"output": expression(output_of(props.variant))} if props.side_by_side else {}),
                },
                **(_spent(props.budget) if props.budget else {}),
                **_capped(props, "$batchInput.valuesKey"),
            },
            assign={"published": expression("$states.result.Payload")},
            outputs={},
        )
    )
    return publish.next(then)


def _capped(props: PublishingProps, values: str) -> dict[str, Any]:
    """values: JSONata of the key of what caps go by."""
    if not props.caps:
        return {}
    return {"caps": [dict(cap) for cap in props.caps], "valuesKey": expression(values)}


def _spent(budget: Mapping[str, float | bool]) -> dict[str, Any]:
    """Reads the variables comparison and, of a training that is paid by the hour, trainingHours."""
    hours = {"trainingHours": expression("$trainingHours")} if budget["hourUsd"] else {}
    return {
        "budget": dict(budget),
        "estimatedUsd": expression("$comparison.estimatedUsd"),
        **hours,
    }


def published(scope: Construct, *, use_case: str, **details: str) -> sfn.Succeed:
    """Reads the variables published, loaded and judgement. details: JSONata."""
    return finished(
        scope,
        "Published",
        use_case,
        "published",
        generation="$published.generation",
        users="$published.users",
        errors="$loaded.errors",
        verdict="$judgement.verdict",
        **details,
    )
