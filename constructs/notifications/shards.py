"""Notifying everybody: a map over the shards of a run, in which call follows call until a shard is done."""

from typing import Any

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from constructs.notifications.states_props import NotificationStatesProps
from constructs.workflow.language import NULL, expression, invoke, retry

TRANSIENT = ("Lambda.Unknown", "Runtime.ExitError", "Sandbox.Timedout", "TableBusy", "StorageFailed")


def notify_shards(
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
            "epoch": expression("$plan.epoch"),
            "generation": expression("$plan.generation"),
            "folder": expression("$plan.folder"),
            "next": 0,
        },
        outputs={},
    )
    shared = ("run", "dryRun", "resendUncertain", "week", "epoch", "generation", "folder", "shard")
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
    retry(call, TRANSIENT, first_seconds=5, longest_seconds=60, attempts=6)
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
