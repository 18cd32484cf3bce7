"""Every service that roles of this repository call, and what is called by few words."""

from collections.abc import Iterator
from typing import Any

from moto.kms.models import kms_backends
from moto.secretsmanager.models import secretsmanager_backends

from local_cloud.judge.actions import messages, models, objects, tables
from local_cloud.judge.actions.need import (
    Need,
    Needs,
    NoMapping,
    Table,
    arn,
    everywhere,
    key_need,
    member,
    on,
)
from local_cloud.judge.actions.requests import Asked


def needs_of(asked: Asked) -> list[Need]:
    """What the call needs, all of it. Raises: NoMapping, if nobody has written that down."""
    needs: Needs | None = SERVICES.get(asked.service, {}).get(asked.operation)
    if needs is None:
        raise NoMapping(
            f"the local cloud does not know which rights {asked.service} {asked.operation} needs "
            "(local_cloud/judge/actions)"
        )
    return list(needs(asked))


def _function(asked: Asked) -> str:
    name = str(asked.members["FunctionName"])
    return name if name.startswith("arn:") else arn(asked, "lambda", f"function:{name}")


def _secret_read(asked: Asked) -> Iterator[Need]:
    wanted = str(asked.members["SecretId"])
    secrets: Any = secretsmanager_backends[asked.account][asked.region].secrets
    for secret in list(secrets.values()):
        if wanted in (secret.name, secret.arn):
            yield Need(action="secretsmanager:GetSecretValue", resource=secret.arn)
            if getattr(secret, "kms_key_id", None) and not str(secret.kms_key_id).startswith("alias/aws/"):
                yield key_need("Decrypt", _key(asked, str(secret.kms_key_id)))
            return
    named = wanted if wanted.startswith("arn:") else arn(asked, "secretsmanager", f"secret:{wanted}-??????")
    yield Need(action="secretsmanager:GetSecretValue", resource=named)


def _parameter(asked: Asked) -> str:
    return arn(asked, "ssm", f"parameter/{str(asked.members['Name']).lstrip('/')}")


def _of_key(action: str) -> Needs:
    return lambda asked: (key_need(action, _key(asked, str(asked.members["KeyId"]))),)


def _key(asked: Asked, named: str) -> str:
    if named.startswith("arn:") and ":key/" in named:
        return named
    try:
        key = kms_backends[asked.account][asked.region].get_key_id(named)
    except Exception:  # the call itself will tell
        key = named
    return arn(asked, "kms", f"key/{key}")


def _stream(asked: Asked) -> str:
    return arn(
        asked,
        "logs",
        f"log-group:{asked.members['logGroupName']}:log-stream:{asked.members['logStreamName']}",
    )


def _schedule(asked: Asked) -> str:
    group = asked.members.get("GroupName") or "default"
    return arn(asked, "scheduler", f"schedule/{group}/{asked.members['Name']}")


def _schedule_changed(asked: Asked) -> Iterator[Need]:
    """Whoever sets a schedule's target hands its role on."""
    yield Need(action="scheduler:UpdateSchedule", resource=_schedule(asked))
    passed = {"iam:PassedToService": "scheduler.amazonaws.com", "iam:AssociatedResourceArn": None}
    yield Need(action="iam:PassRole", resource=str(asked.members["Target"]["RoleArn"]), context=passed)


_LAMBDA: Table = {"Invoke": on("lambda:InvokeFunction", _function)}
_SECRETS: Table = {"GetSecretValue": _secret_read}
_PARAMETERS: Table = {"GetParameter": on("ssm:GetParameter", _parameter)}
_KEYS: Table = {
    "Decrypt": _of_key("Decrypt"),
    "GenerateDataKey": _of_key("GenerateDataKey"),
    "DescribeKey": _of_key("DescribeKey"),
}
_LOGS: Table = {
    "CreateLogStream": on("logs:CreateLogStream", _stream),
    "PutLogEvents": on("logs:PutLogEvents", _stream),
}
_STATES: Table = {
    "StartExecution": on("states:StartExecution", member("stateMachineArn")),
    "ListExecutions": on("states:ListExecutions", member("stateMachineArn")),
    "DescribeExecution": on("states:DescribeExecution", member("executionArn")),
    "StopExecution": on("states:StopExecution", member("executionArn")),
    "RedriveExecution": on("states:RedriveExecution", member("executionArn")),
}
_BUS: Table = {
    "PutEvents": lambda asked: [
        Need(
            action="events:PutEvents",
            resource=name if name.startswith("arn:") else arn(asked, "events", f"event-bus/{name}"),
        )
        for name in dict.fromkeys(entry.get("EventBusName", "default") for entry in asked.members["Entries"])
    ]
}
# No right is needed for it: AWS answers whoever signs.
_IDENTITY: Table = {
    "GetCallerIdentity": lambda _: (),
    "AssumeRole": lambda asked: [
        Need(
            action="sts:AssumeRole",
            resource=str(asked.members["RoleArn"]),
            context={"sts:ExternalId": asked.members.get("ExternalId")},
        )
    ],
}
_TRACES: Table = {
    name: everywhere(f"xray:{name}")
    for name in ("PutTraceSegments", "PutTelemetryRecords", "GetSamplingRules", "GetSamplingTargets")
}
_METRICS: Table = {"GetMetricData": everywhere("cloudwatch:GetMetricData")}
_SCHEDULES: Table = {
    "GetSchedule": on("scheduler:GetSchedule", _schedule),
    "UpdateSchedule": _schedule_changed,
}
SERVICES: dict[str, Table] = {
    "cloudwatch": _METRICS,
    "dynamodb": tables.OPERATIONS,
    "events": _BUS,
    "kms": _KEYS,
    "lambda": _LAMBDA,
    "logs": _LOGS,
    "personalize": models.CONTROL,
    "personalize-events": models.EVENTS,
    "personalize-runtime": models.RUNTIME,
    "s3": objects.OPERATIONS,
    "scheduler": _SCHEDULES,
    "secretsmanager": _SECRETS,
    "sesv2": messages.SES,
    "sns": messages.SNS,
    "sqs": messages.SQS,
    "ssm": _PARAMETERS,
    "stepfunctions": _STATES,
    "sts": _IDENTITY,
    "xray": _TRACES,
}
