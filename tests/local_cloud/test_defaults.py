"""What services answer of a resource that names nothing, and of one that does: their API references."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.support.local_aws import ROLE, LocalAws

CONNECTION = {"IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0"}
TARGET = {"Arn": "arn:aws:sqs:eu-west-1:123456789012:any", "RoleArn": ROLE}
SCHEDULE = {
    "FlexibleTimeWindow": {"Mode": "OFF"},
    "ScheduleExpression": "at(2099-01-01T00:00:00)",
    "Target": TARGET,
}


def named(prefix: str = "test") -> str:
    return f"{prefix}-{uuid4().hex[:12]}"


def key(client: Any, **more: Any) -> Mapping[str, Any]:
    made = client.create_key(**more)["KeyMetadata"]["KeyId"]
    described: Mapping[str, Any] = client.describe_key(KeyId=made)["KeyMetadata"]
    return described


def log_group(client: Any, **more: Any) -> Mapping[str, Any]:
    name = named()
    client.create_log_group(logGroupName=name, **more)
    [described] = client.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return dict(described)


def schedule(client: Any, **more: Any) -> Mapping[str, Any]:
    name = named()
    client.create_schedule(Name=name, **SCHEDULE, **more)
    described: Mapping[str, Any] = client.get_schedule(Name=name)
    return described


def changed_schedule(client: Any, **more: Any) -> Mapping[str, Any]:
    name = named()
    client.create_schedule(Name=name, **SCHEDULE, ActionAfterCompletion="DELETE")
    client.update_schedule(Name=name, **SCHEDULE, **more)
    described: Mapping[str, Any] = client.get_schedule(Name=name)
    return described


def integration(client: Any, **more: Any) -> Mapping[str, Any]:
    api = client.create_api(Name=named(), ProtocolType="HTTP")["ApiId"]
    made = client.create_integration(ApiId=api, **CONNECTION, **more)["IntegrationId"]
    described: Mapping[str, Any] = client.get_integration(ApiId=api, IntegrationId=made)
    return described


def identity(client: Any, **more: Any) -> Mapping[str, Any]:
    name = f"{named()}.example.com"
    client.create_email_identity(EmailIdentity=name, **more)
    described: Mapping[str, Any] = client.get_email_identity(EmailIdentity=name)
    return described


def queue(client: Any, **attributes: Any) -> Mapping[str, Any]:
    url = client.create_queue(QueueName=named(), Attributes=attributes)["QueueUrl"]
    asked = client.get_queue_attributes(QueueUrl=url, AttributeNames=["RedriveAllowPolicy"])
    told: Mapping[str, Any] = asked.get("Attributes", {})
    return told


def topic(client: Any, **attributes: Any) -> Mapping[str, Any]:
    arn = client.create_topic(Name=named(), Attributes=attributes)["TopicArn"]
    told = client.get_topic_attributes(TopicArn=arn)["Attributes"]
    return {**told, "EffectiveDeliveryPolicy": json.loads(told["EffectiveDeliveryPolicy"])}


@dataclass(frozen=True)
class Case:
    """`said` goes into the creation; of what the service tells, the members of `told`, None for none."""

    service: str
    made: Callable[..., Mapping[str, Any]]
    told: Mapping[str, Any]
    said: Mapping[str, Any] = field(default_factory=dict)


DENIED = json.dumps({"redrivePermission": "denyAll"})
SIGNING = {"KeyUsage": "SIGN_VERIFY", "KeySpec": "RSA_2048"}
VERIFIED = {
    "FeedbackForwardingStatus": True,
    "VerifiedForSendingStatus": True,
    "VerificationStatus": "SUCCESS",
}


def effective(retries: int) -> dict[str, Any]:
    """https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html"""
    backoff = {
        "minDelayTarget": 20,
        "maxDelayTarget": 20,
        "numRetries": retries,
        "numMaxDelayRetries": 0,
        "numNoDelayRetries": 0,
        "numMinDelayRetries": 0,
        "backoffFunction": "linear",
    }
    rest = {
        "disableSubscriptionOverrides": False,
        "defaultRequestPolicy": {"headerContentType": "text/plain; charset=UTF-8"},
    }
    return {"http": {"defaultHealthyRetryPolicy": backoff, **rest}}


RETRIES = json.dumps({"http": {"defaultHealthyRetryPolicy": {"numRetries": 9}}})
CASES = [
    Case("kms", key, {"KeyUsage": "ENCRYPT_DECRYPT", "MultiRegion": False}),
    Case("kms", key, {"KeyUsage": "SIGN_VERIFY", "MultiRegion": False}, SIGNING),
    Case("kms", key, {"KeyUsage": "ENCRYPT_DECRYPT", "MultiRegion": True}, {"MultiRegion": True}),
    Case("logs", log_group, {"logGroupClass": "STANDARD"}),
    Case("logs", log_group, {"logGroupClass": "INFREQUENT_ACCESS"}, {"logGroupClass": "INFREQUENT_ACCESS"}),
    Case("scheduler", schedule, {"ActionAfterCompletion": "NONE"}),
    Case("scheduler", schedule, {"ActionAfterCompletion": "DELETE"}, {"ActionAfterCompletion": "DELETE"}),
    Case("scheduler", changed_schedule, {"ActionAfterCompletion": "NONE"}),
    Case("apigatewayv2", integration, {"ConnectionType": "INTERNET"}),
    Case("sesv2", identity, VERIFIED),
    Case("sqs", queue, {"RedriveAllowPolicy": None}),
    Case("sqs", queue, {"RedriveAllowPolicy": DENIED}, {"RedriveAllowPolicy": DENIED}),
    Case("sns", topic, {"DeliveryPolicy": None, "EffectiveDeliveryPolicy": effective(3)}),
    Case(
        "sns",
        topic,
        {"DeliveryPolicy": RETRIES, "EffectiveDeliveryPolicy": effective(9)},
        {"DeliveryPolicy": RETRIES},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.made.__name__} {', '.join(case.said)}")
def test_a_service_tells_what_was_said_and_the_default_of_the_rest(aws: LocalAws, case: Case) -> None:
    told = case.made(aws.client(case.service), **case.said)

    assert {name: told.get(name) for name in case.told} == case.told


@pytest.mark.parametrize(
    ("service", "made", "said", "problem"),
    [
        ("logs", log_group, {"logGroupClass": "COLD"}, "InvalidParameterException"),
        ("sqs", queue, {"RedriveAllowPolicy": "denyAll"}, "no JSON object"),
        ("sqs", queue, {"RedriveAllowPolicy": "{\"redrivePermission\": \"all\"}"}, "must be one of"),
        ("sqs", queue, {"RedriveAllowPolicy": "{\"redrivePermission\": \"byQueue\"}"}, "sourceQueueArns"),
        ("sns", topic, {"DeliveryPolicy": "often"}, "DeliveryPolicy"),
    ],
)  # fmt: skip
def test_what_a_service_does_not_know_is_refused(
    aws: LocalAws, service: str, made: Callable[..., Any], said: Mapping[str, Any], problem: str
) -> None:
    with pytest.raises(ClientError, match=problem):
        made(aws.client(service), **said)


@pytest.mark.parametrize(
    ("permission", "allowed"),
    [
        (None, True),
        ({"redrivePermission": "allowAll"}, True),
        ({"redrivePermission": "denyAll"}, False),
        ({"redrivePermission": "byQueue", "sourceQueueArns": ["{source}"]}, True),
        ({"redrivePermission": "byQueue", "sourceQueueArns": ["{dead}"]}, False),
    ],
)
def test_a_queue_takes_dead_letters_of_those_that_it_allows(
    aws: LocalAws, permission: Any, allowed: bool
) -> None:
    sqs, (dead_url, dead), (url, source) = aws.client("sqs"), aws.queue(), aws.queue()
    if permission:
        text = json.dumps(permission).replace("{source}", source).replace("{dead}", dead)
        sqs.set_queue_attributes(QueueUrl=dead_url, Attributes={"RedriveAllowPolicy": text})

    def use() -> None:
        redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 3})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": redrive})

    if allowed:
        use()
    else:
        with pytest.raises(ClientError, match="RedriveAllowPolicy"):
            use()
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert ("RedrivePolicy" in told) is allowed
