"""Recommendations for the whole audience: its list in shards, and one batch inference job over them."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from constructs.training.imports import already_created, arn_prefix
from constructs.workflow.failure import FailureRoute
from constructs.workflow.language import NULL, Task, call, expression, invoke, literal
from constructs.workflow.refusals import persist, retry_when_full, retry_while_in_use
from constructs.workflow.waiting import Job, Patience, await_job

RUNNING = ("PENDING", "IN PROGRESS", "CREATE PENDING", "CREATE IN_PROGRESS")
"""The API reference names the first two, the service has been seen to answer the others."""

OUTPUT = "$batchInput.outputLocation"
"""JSONata: the URL of the folder of a run's batch output, ending in a slash."""


@dataclass(frozen=True, kw_only=True)
class AudienceProps:
    """own_event_types: ("*",) for all. active_within_days: none means everyone known.
    subjects: users, or items, which then get a list each. caps: as `pipeline.lists.caps` reads them.
    fatigue: as `pipeline.lists.fatigue` reads it; None: nothing tires anybody.
    """

    own_event_types: tuple[str, ...]
    own_includes_user: bool
    active_within_days: int | None
    users_per_shard: int
    with_users_dataset: bool
    subjects: str = "users"
    caps: tuple[Mapping[str, str | int], ...] = ()
    fatigue: Mapping[str, int] | None = None


@dataclass(frozen=True, kw_only=True)
class BatchProps:
    """name_prefix: of the job, <prefix>-batch-<run>. results: per user. role_arn: of the job. write_input:
    None, where the batch input of all variants has been written. output: JSONata of the folder's URL.
    """

    use_case: str
    name_prefix: str
    audience: AudienceProps
    results: int
    filter_arn: str | None
    role_arn: str
    key_arn: str
    patience: Patience
    write_input: lambda_.IFunction | None
    output: str = OUTPUT


def infer(
    scope: Construct, props: BatchProps, *, then: sfn.IChainable, failures: FailureRoute
) -> sfn.IChainable:
    batch = _infer(scope, props, then=then, failures=failures)
    if props.write_input is None:
        return batch
    write = write_audience(
        scope,
        use_case=props.use_case,
        audience=props.audience,
        function=props.write_input,
        failures=failures,
    )
    return write.next(batch)


def output_of(variant: str) -> str:
    """JSONata: the URL of the folder of its batch output, where several variants have some."""
    return f"{OUTPUT} & {literal(f'{variant}/')}"


def write_audience(
    scope: Construct,
    *,
    use_case: str,
    audience: AudienceProps,
    function: lambda_.IFunction,
    failures: FailureRoute,
) -> Task:
    """Assigns batchInput: what write_batch_input answers."""
    return failures.catch(
        invoke(
            scope,
            "Write batch input",
            function,
            {
                "useCase": use_case,
                "run": expression("$run"),
                "interactionsKey": _key_of("interactions"),
                "usersKey": _key_of("users") if audience.with_users_dataset else NULL,
                "ownEventTypes": list(audience.own_event_types),
                "ownIncludesUser": audience.own_includes_user,
                "activeWithinDays": audience.active_within_days or NULL,
                "usersPerShard": audience.users_per_shard,
                "itemsKey": _key_of("items") if audience.subjects == "items" else NULL,
                **(
                    {"caps": [dict(cap) for cap in audience.caps], "cappedItemsKey": _key_of("items")}
                    if audience.caps
                    else {}
                ),
                **({"fatigue": dict(audience.fatigue)} if audience.fatigue else {}),
            },
            assign={"batchInput": expression("$states.result.Payload")},
            outputs={},
        )
    )


def _infer(
    scope: Construct, props: BatchProps, *, then: sfn.IChainable, failures: FailureRoute
) -> sfn.IChainable:
    job = Job(
        title="the batch inference job",
        variable="batchJob",
        action="describeBatchInferenceJob",
        argument="BatchInferenceJobArn",
        member="BatchInferenceJob",
        pending=RUNNING,
        error="BatchInference",
        patience=props.patience,
    )
    wait = await_job(scope, job, then=then, failures=failures)
    name = f"{literal(f'{props.name_prefix}-batch-')} & $run"

    def folder(url: str) -> dict[str, str]:
        return {"Path": expression(url), "KmsKeyArn": props.key_arn}

    create = call(
        scope,
        "Infer in a batch",
        "personalize",
        "createBatchInferenceJob",
        {
            "JobName": expression(name),
            "SolutionVersionArn": expression("$solutionVersionArn"),
            **({"FilterArn": props.filter_arn} if props.filter_arn else {}),
            "NumResults": props.results,
            "JobInput": {"S3DataSource": folder("$batchInput.inputLocation")},
            "JobOutput": {"S3DataDestination": folder(props.output)},
            "RoleArn": props.role_arn,
        },
        assign=job.started("$states.result.BatchInferenceJobArn"),
        outputs={},
    )
    retry_while_in_use(retry_when_full(create))
    already_created(create, job, f"{literal(arn_prefix(scope, 'batch-inference-job'))} & {name}", wait)
    return persist(create, failures).next(wait)


def _key_of(dataset: str) -> str:
    return expression(f"$datasets[dataset = {literal(dataset)}].key")
