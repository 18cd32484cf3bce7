"""The states of a notification workflow: export, plan, notify shard by shard, report.

People's data stay in S3 and in the functions: executions, their histories and their logs name shards only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from constructs.workflow.beginning import RUN, find_earlier, finished
from constructs.workflow.dataset_source import DatasetSource
from constructs.workflow.language import NULL, Task, expression, invoke, literal, retry

_TRANSIENT = ("Lambda.Unknown", "Runtime.ExitError", "Sandbox.Timedout", "TableBusy", "StorageFailed")


@dataclass(frozen=True, kw_only=True)
class EmailProps:
    """sender: name and address. templates: names in SES by language."""

    sender: str
    configuration_set: str
    templates: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class NotificationStatesProps:
    """time_zone: whose weeks count. dry_run: unless an execution's input says otherwise by `dryRun`.

    recipients, items: queries with their columns. languages: texts by language, as the function notify reads
    them. email: none sends no e-mails. Other members: see config/types/notification.py.
    """

    notification: str
    use_case: str
    variant: str
    time_zone: str
    dry_run: bool
    recipients: DatasetSource
    items: DatasetSource
    languages: Mapping[str, Mapping[str, str]]
    default_language: str
    has_push: bool
    email: EmailProps | None
    email_items: int
    item_url: str
    users_per_shard: int
    concurrency: int
    inbox_days: int


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
        .next(_notify(scope, props, label=label, bucket=bucket, function=notify))
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
            "query": source.query,
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
        },
        assign={"plan": expression("$states.result.Payload")},
        outputs={},
    )
    return retry(task, (*_TRANSIENT, "ProviderUnavailable"), first_seconds=10, longest_seconds=60, attempts=4)


def _notify(
    scope: Construct,
    props: NotificationStatesProps,
    *,
    label: str,
    bucket: s3.IBucket,
    function: lambda_.IFunction,
) -> sfn.DistributedMap:
    """A shard is notified by one call after the other, each of which stops before its time is up."""
    shards = sfn.DistributedMap.jsonata(
        scope,
        "Notify everybody",
        label=label,
        map_execution_type=sfn.StateMachineType.STANDARD,
        max_concurrency=props.concurrency,
        item_reader=sfn.S3JsonItemReader(bucket=bucket, key=expression("$plan.shardsKey")),
        # The executions of a distributed map do not see variables.
        item_selector={
            "shard": expression("$states.context.Map.Item.Value"),
            "run": expression("$run"),
            "dryRun": expression("$dryRun"),
            "resendUncertain": expression("$resendUncertain"),
            "week": expression("$plan.week"),
            "generation": expression("$plan.generation"),
            "folder": expression("$plan.folder"),
            "next": 0,
        },
        outputs={},
    )
    shared = ("run", "dryRun", "resendUncertain", "week", "generation", "folder", "shard")
    call = invoke(
        scope,
        "Notify a shard",
        function,
        {
            "notification": props.notification,
            "useCase": props.use_case,
            "variant": props.variant,
            **{member: expression(f"$states.input.{member}") for member in shared},
            "first": expression("$states.input.next"),
            "hasPush": props.has_push,
            "email": _email(props),
            "emailItems": props.email_items,
            "inboxDays": props.inbox_days,
            "itemUrl": props.item_url,
            "languages": _languages(props),
            "defaultLanguage": props.default_language,
        },
        outputs=expression("$merge([$states.input, $states.result.Payload])"),
    )
    # Who was told already is not told again, so that a function that died may simply be called again.
    retry(call, _TRANSIENT, first_seconds=5, longest_seconds=60, attempts=6)
    retry(call, ("ProviderUnavailable",), first_seconds=60, longest_seconds=900, attempts=5)
    # The map's result is a list of these, and may have 256 KiB.
    done = sfn.Succeed.jsonata(scope, "Shard notified", outputs={})
    decide = (
        sfn.Choice.jsonata(scope, "Is the shard done?")
        .when(sfn.Condition.jsonata(expression("$states.input.done")), done)
        .otherwise(call)
    )
    shards.item_processor(call.next(decide))
    return shards


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
    return retry(task, _TRANSIENT, first_seconds=5, longest_seconds=60, attempts=4)


def _email(props: NotificationStatesProps) -> dict[str, str] | str:
    if props.email is None:
        return NULL
    return {"sender": props.email.sender, "configurationSet": props.email.configuration_set}


def _languages(props: NotificationStatesProps) -> dict[str, dict[str, Any]]:
    templates = props.email.templates if props.email else {}
    return {
        code: {**words, **({"template": templates[code]} if code in templates else {})}
        for code, words in props.languages.items()
    }
