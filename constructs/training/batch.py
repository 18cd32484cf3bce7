"""Recommendations for the whole audience: its list in shards, and one batch inference job over them."""

from dataclasses import dataclass

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from constructs.training.imports import already_created, arn_prefix
from constructs.training.waiting import Job, Patience, await_job
from constructs.workflow.failure import FailureRoute
from constructs.workflow.language import NULL, Task, call, expression, invoke, literal
from constructs.workflow.refusals import persist, retry_when_full, retry_while_in_use

RUNNING = ("PENDING", "IN PROGRESS", "CREATE PENDING", "CREATE IN_PROGRESS")
"""The API reference names the first two, the service has been seen to answer the others."""


@dataclass(frozen=True, kw_only=True)
class AudienceProps:
    """own_event_types: ("*",) for all. active_within_days: none means everyone known.
    subjects: users, or items, which then get a list each.
    """

    own_event_types: tuple[str, ...]
    own_includes_user: bool
    active_within_days: int | None
    users_per_shard: int
    with_users_dataset: bool
    subjects: str = "users"


@dataclass(frozen=True, kw_only=True)
class BatchProps:
    """name_prefix: of the job, <prefix>-batch-<run>. results: per user. role_arn: of the job."""

    use_case: str
    name_prefix: str
    audience: AudienceProps
    results: int
    filter_arn: str | None
    role_arn: str
    key_arn: str
    patience: Patience
    write_input: lambda_.IFunction


def infer(
    scope: Construct, props: BatchProps, *, then: sfn.IChainable, failures: FailureRoute
) -> sfn.IChainable:
    write = write_audience(
        scope,
        use_case=props.use_case,
        audience=props.audience,
        function=props.write_input,
        failures=failures,
    )
    return write.next(_infer(scope, props, then=then, failures=failures))


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

    def folder(of: str) -> dict[str, str]:
        return {"Path": expression(f"$batchInput.{of}"), "KmsKeyArn": props.key_arn}

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
            "JobInput": {"S3DataSource": folder("inputLocation")},
            "JobOutput": {"S3DataDestination": folder("outputLocation")},
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
