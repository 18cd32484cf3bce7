"""Requests as boto3 sends them are read as what was called, with what rights depend on."""

import io
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest

from local_cloud.judge.actions.requests import read, signature_of
from local_cloud.judge.actions.services import needs_of

ACCOUNT = "123456789012"
MODELS = f"arn:aws:personalize:eu-west-1:{ACCOUNT}:"
NOW = datetime(2026, 1, 1)


class _Sent(Exception):
    """Far enough."""


def environ(service: str, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """What a WSGI server makes of the request."""
    client = boto3.client(
        service,
        region_name="eu-west-1",
        aws_access_key_id="ASIA",
        aws_secret_access_key="x",
        endpoint_url="http://localhost:1",
    )
    sent: list[Any] = []

    def stop(request: Any, **_: Any) -> None:
        sent.append(request)
        raise _Sent

    client.meta.events.register("before-send.*.*", stop)
    with pytest.raises(_Sent):
        getattr(client, operation)(**arguments)
    [request] = sent
    url, body = urlsplit(request.url), request.body or b""
    body = body.read() if hasattr(body, "read") else body.encode() if isinstance(body, str) else body
    made = {
        "REQUEST_METHOD": request.method, "PATH_INFO": url.path or "/", "QUERY_STRING": url.query,
        "RAW_URI": f"{url.path}?{url.query}", "SERVER_NAME": "localhost", "SERVER_PORT": "1",
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body)),
    }  # fmt: skip
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        if key != "CONTENT_LENGTH":
            text = value.decode() if isinstance(value, bytes) else str(value)
            made[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = text
    return made


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "needed"),
    [
        ("s3", "get_object", {"Bucket": "b", "Key": "a/b c+d"}, [("s3:GetObject", "arn:aws:s3:::b/a/b c+d")]),
        ("s3", "list_objects_v2", {"Bucket": "b", "Prefix": "a"}, [("s3:ListBucket", "arn:aws:s3:::b")]),
        ("s3", "list_object_versions", {"Bucket": "b"}, [("s3:ListBucketVersions", "arn:aws:s3:::b")]),
        (
            "s3",
            "upload_part",
            {"Bucket": "b", "Key": "a", "PartNumber": 1, "UploadId": "x"},
            [("s3:PutObject", "arn:aws:s3:::b/a")],
        ),
        (
            "s3",
            "abort_multipart_upload",
            {"Bucket": "b", "Key": "a", "UploadId": "x"},
            [("s3:AbortMultipartUpload", "arn:aws:s3:::b/a")],
        ),
        (
            "s3",
            "delete_objects",
            {"Bucket": "b", "Delete": {"Objects": [{"Key": "a"}, {"Key": "c", "VersionId": "1"}]}},
            [("s3:DeleteObject", "arn:aws:s3:::b/a"), ("s3:DeleteObjectVersion", "arn:aws:s3:::b/c")],
        ),
        (
            "sns",
            "publish",
            {"TopicArn": f"arn:aws:sns:eu-west-1:{ACCOUNT}:t", "Message": "1"},
            [("sns:Publish", f"arn:aws:sns:eu-west-1:{ACCOUNT}:t")],
        ),
        (
            "sqs",
            "send_message",
            {"QueueUrl": f"http://localhost:1/{ACCOUNT}/q", "MessageBody": "1"},
            [("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q")],
        ),
        (
            "ssm",
            "get_parameter",
            {"Name": "/a/b"},
            [("ssm:GetParameter", f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/a/b")],
        ),
        (
            "sesv2",
            "send_email",
            {"FromEmailAddress": "A <a@x.org>", "Content": {}},
            [("ses:SendEmail", f"arn:aws:ses:eu-west-1:{ACCOUNT}:identity/x.org")],
        ),
        (
            "lambda",
            "invoke",
            {"FunctionName": "f", "Payload": b"1"},
            [("lambda:InvokeFunction", f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f")],
        ),
        (
            "scheduler",
            "update_schedule",
            {
                "Name": "s",
                "ScheduleExpression": "rate(1 day)",
                "FlexibleTimeWindow": {"Mode": "OFF"},
                "Target": {"Arn": "a", "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/r"},
            },
            [
                ("scheduler:UpdateSchedule", f"arn:aws:scheduler:eu-west-1:{ACCOUNT}:schedule/default/s"),
                ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/r"),
            ],
        ),
        (
            "scheduler",
            "get_schedule",
            {"Name": "s", "GroupName": "g"},
            [("scheduler:GetSchedule", f"arn:aws:scheduler:eu-west-1:{ACCOUNT}:schedule/g/s")],
        ),
        (
            "cloudwatch",
            "get_metric_data",
            {"MetricDataQueries": [], "StartTime": NOW, "EndTime": NOW},
            [("cloudwatch:GetMetricData", "*")],
        ),
        (
            "personalize",
            "describe_campaign",
            {"campaignArn": f"{MODELS}campaign/c"},
            [("personalize:DescribeCampaign", f"{MODELS}campaign/c")],
        ),
        (
            "personalize-runtime",
            "get_recommendations",
            {"campaignArn": f"{MODELS}campaign/c", "filterArn": f"{MODELS}filter/f"},
            [
                ("personalize:GetRecommendations", f"{MODELS}campaign/c"),
                ("personalize:GetRecommendations", f"{MODELS}filter/f"),
            ],
        ),
        (
            "personalize-events",
            "put_users",
            {"datasetArn": f"{MODELS}dataset/d/USERS", "users": [{"userId": "1"}]},
            [("personalize:PutUsers", f"{MODELS}dataset/d/USERS")],
        ),
        (
            "personalize-events",
            "put_events",
            {"trackingId": "x", "sessionId": "s", "eventList": [{"eventType": "a", "sentAt": NOW}]},
            [("personalize:PutEvents", "*")],
        ),
    ],
)
def test_what_is_called_is_what_is_judged(
    service: str, operation: str, arguments: dict[str, Any], needed: list[tuple[str, str]]
) -> None:
    made = environ(service, operation, arguments)
    body = made["wsgi.input"].getvalue()
    signature = signature_of(made)
    assert signature is not None

    asked = read(made, signature, ACCOUNT)

    assert [(need.action, need.resource) for need in needs_of(asked)] == needed
    assert made["wsgi.input"].read() == body
