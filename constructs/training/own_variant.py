"""The variants `own` and `heuristic`: train, judge and recommend with the engine, in functions.

Dataset CSVs in S3 and the variables run and datasets in; batch output in S3 and the variables trained,
judgement and batchInput out.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from constructs.training.batch import AudienceProps, write_audience
from constructs.training.judging import JudgementProps, JudgingProps, judge_model
from constructs.training.own_functions import OwnFunctions
from constructs.workflow.failure import FailureRoute
from constructs.workflow.language import NULL, Task, expression, invoke, retry
from constructs.workflow.shards import ShardsProps, each_shard, label_of, outcome_of, prefix_of

VARIANT = "own"
MAP_LABEL = "recommend"
"""Part of the ARNs of the map's own executions."""
_COUNTS = ("lists", "short")


@dataclass(frozen=True, kw_only=True)
class OwnModelProps:
    """algorithm, seed: of the engine. configuration: of the engine too, as JSON on one line; None: the
    algorithm's defaults. event_weights: by EVENT_TYPE, how much each counts, and no others; None: all alike.
    columns: of the datasets `users` and `items`, as the extract checks them. relearn_days: how old kept
    weights of a blend may be; None: there are none to be kept. repeats: lists may hold what people have
    already, so it learns from all events what comes again.
    """

    algorithm: str
    seed: int
    configuration: str | None
    event_weights: Mapping[str, float] | None
    columns: Mapping[str, tuple[Mapping[str, Any], ...]]
    relearn_days: int | None = None
    repeats: bool = False

    @property
    def definition(self) -> str:
        """Tells models that are defined in another way apart; they are trained again, whatever the data."""
        parts = [self.algorithm, self.seed, self.configuration, dict(self.event_weights or {})]
        parts += ["repeats"] if self.repeats else []
        columns = {name: [dict(column) for column in columns] for name, columns in self.columns.items()}
        text = json.dumps([*parts, columns], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, kw_only=True)
class OwnVariantProps:
    """results: items of a list. concurrency: shards recommended at a time. write_input: None, where the batch
    input of all variants has been written. side_by_side, details: see JudgingProps.
    """

    use_case: str
    title: str
    model: OwnModelProps
    judgement: JudgementProps
    audience: AudienceProps
    results: int
    bucket: s3.IBucket
    functions: OwnFunctions
    judge: lambda_.IFunction
    write_input: lambda_.IFunction | None
    topic: sns.ITopic
    variant: str = VARIANT
    concurrency: int = 10
    side_by_side: bool = False
    details: Mapping[str, str] = field(default_factory=dict)


def own_variant(
    scope: Construct, props: OwnVariantProps, *, then: sfn.IChainable, failures: FailureRoute
) -> sfn.IChainable:
    """Ends as kept, and says so, when the new model is not to be used."""
    batch = _recommend(scope, props, then=then, failures=failures)
    if props.write_input:
        batch = write_audience(
            scope,
            use_case=props.use_case,
            audience=props.audience,
            function=props.write_input,
            failures=failures,
        ).next(batch)
    judging = JudgingProps(
        use_case=props.use_case,
        title=props.title,
        variant=props.variant,
        what="model",
        measured={"metrics": expression("$trained.metrics"), "modelKey": expression("$trained.modelKey")},
        model={"modelKey": "$trained.modelKey"},
        judgement=props.judgement,
        judge=props.judge,
        topic=props.topic,
        side_by_side=props.side_by_side,
        details=props.details,
    )
    return _train(scope, props, failures=failures).next(
        judge_model(scope, judging, then=batch, failures=failures)
    )


def _train(scope: Construct, props: OwnVariantProps, *, failures: FailureRoute) -> Task:
    """Assigns trained."""
    model = props.model
    train = invoke(
        scope,
        "Train the model",
        props.functions.train_model.function,
        {
            "useCase": props.use_case,
            "variant": props.variant,
            "run": expression("$run"),
            "datasets": expression("$datasets"),
            "algorithm": model.algorithm,
            "seed": model.seed,
            "configuration": model.configuration or NULL,
            "eventWeights": dict(model.event_weights) if model.event_weights else NULL,
            "userColumns": [dict(column) for column in model.columns.get("users", ())],
            "itemColumns": [dict(column) for column in model.columns.get("items", ())],
            "repeats": model.repeats,
            **({} if model.relearn_days is None else _relearning(model.relearn_days)),
        },
        assign={"trained": expression("$states.result.Payload")},
        outputs={},
    )
    # Training again writes the same model.
    retry(train, ("StorageFailed",), first_seconds=5, longest_seconds=60, attempts=2)
    return failures.catch(train)


def _relearning(days: int) -> dict[str, Any]:
    """By the run's input, `{"relearn": true}`, at once."""
    return {
        "relearnDays": days,
        "relearn": expression("$states.context.Execution.Input.relearn = true"),
    }


def _recommend(
    scope: Construct, props: OwnVariantProps, *, then: sfn.IChainable, failures: FailureRoute
) -> sfn.IChainable:
    recommend = invoke(
        scope,
        "Recommend for a shard",
        props.functions.recommend_shard.function,
        {
            "useCase": props.use_case,
            "run": expression("$states.input.run"),
            "modelKey": expression("$states.input.modelKey"),
            "modelDigest": expression("$states.input.modelDigest"),
            "shard": expression("$states.input.shard"),
            "results": props.results,
            **({"variant": props.variant, "sideBySide": True} if props.side_by_side else {}),
        },
        outputs=outcome_of(_COUNTS),
    )
    shards = ShardsProps(
        title="Recommend",
        label=label_of(MAP_LABEL, props.variant, side_by_side=props.side_by_side),
        prefix=prefix_of(props.variant) if props.side_by_side else "",
        done="Are all shards recommended?",
        variable="recommended",
        counts=_COUNTS,
        selected={
            "run": expression("$run"),
            "modelKey": expression("$trained.modelKey"),
            "modelDigest": expression("$trained.modelDigest"),
        },
        failed="Report the shard without recommendations",
        bucket=props.bucket,
        concurrency=props.concurrency,
    )
    return each_shard(scope, shards, recommend, then=then, failures=failures)
