"""The states of a notification workflow: export, plan, notify shard by shard, report.

People's data stay in S3 and in the functions: executions, their histories and their logs name shards only.
"""

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from constructs.notifications.shards import TRANSIENT, notify_shards
from constructs.notifications.states_props import NotificationStatesProps
from constructs.workflow.beginning import RUN, find_earlier, finished
from constructs.workflow.dataset_source import DatasetSource
from constructs.workflow.language import Task, expression, invoke, literal, retry


def notification_states(
    scope: Construct,
    props: NotificationStatesProps,
    *,
    label: str,
    bucket: s3.IBucket,
    extract: lambda_.IFunction,
    plan: lambda_.IFunction,
    notify: lambda_.IFunction,
    report: lambda_.IFunction,
) -> sfn.IChainable:
    """Input: dryRun, and resendUncertain, which sends again what may have been sent by a call that died."""
    name = sfn.Pass.jsonata(
        scope,
        "Name the run",
        assign={
            "run": expression(RUN),
            "dryRun": expression(
                f"$exists($states.input.dryRun) ? $states.input.dryRun = true : {str(props.dry_run).lower()}"
            ),
            "resendUncertain": expression("$states.input.resendUncertain = true"),
        },
        outputs={},
    )
    work = (
        _extract(scope, props, props.recipients, extract)
        .next(_extract(scope, props, props.items, extract))
        .next(_plan(scope, props, plan))
        .next(notify_shards(scope, props, label=label, bucket=bucket, function=notify))
        .next(_report(scope, props, report))
        .next(
            finished(
                scope,
                "Notified",
                props.use_case,
                "notified",
                notification=literal(props.notification),
                week="$plan.week",
                generation="$plan.generation",
                report="$report",
            )
        )
    )
    skipped = finished(
        scope, "Skipped", props.use_case, "skipped", reason=f"{literal('running already: ')} & $earlier"
    )
    decide = (
        sfn.Choice.jsonata(scope, "Is another one running?", outputs={})
        .when(sfn.Condition.jsonata(expression("$earlier != ''")), skipped)
        .otherwise(work)
    )
    return name.next(find_earlier(scope)).next(decide)


def _extract(
    scope: Construct, props: NotificationStatesProps, source: DatasetSource, function: lambda_.IFunction
) -> Task:
    """Assigns <name>Key. The SQL stands in the definition."""
    task = invoke(
        scope,
        f"Extract {source.name}",
        function,
        {
            "useCase": props.notification,
            "run": expression("$run"),
            "dataset": source.name,
            **source.origin,
            "columns": [dict(column) for column in source.columns],
        },
        assign={f"{source.name}Key": expression("$states.result.Payload.key")},
        outputs={},
    )
    # A database that fails over is back within minutes.
    return retry(task, ("DatabaseUnavailable",), first_seconds=60, longest_seconds=120, attempts=2)


def _plan(scope: Construct, props: NotificationStatesProps, function: lambda_.IFunction) -> Task:
    """Assigns plan: what plan_notifications answers."""
    task = invoke(
        scope,
        "Plan the notifications",
        function,
        {
            "notification": props.notification,
            "useCase": props.use_case,
            "variant": props.variant,
            "run": expression("$run"),
            "timeZone": props.time_zone,
            "recipientsKey": expression("$recipientsKey"),
            "itemsKey": expression("$itemsKey"),
            "usersPerShard": props.users_per_shard,
            "sendsEmails": props.email is not None,
            "others": list(props.others),
        },
        assign={"plan": expression("$states.result.Payload")},
        outputs={},
    )
    return retry(task, (*TRANSIENT, "ProviderUnavailable"), first_seconds=10, longest_seconds=60, attempts=4)


def _report(scope: Construct, props: NotificationStatesProps, function: lambda_.IFunction) -> Task:
    task = invoke(
        scope,
        "Report",
        function,
        {
            "notification": props.notification,
            "useCase": props.use_case,
            "run": expression("$run"),
            "dryRun": expression("$dryRun"),
            "plan": expression("$plan"),
        },
        assign={"report": expression("$states.result.Payload")},
        outputs={},
    )
    return retry(task, TRANSIENT, first_seconds=5, longest_seconds=60, attempts=4)
