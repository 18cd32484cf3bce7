"""Roles of tests, and what is done with them."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.local_cloud.support.local_aws import LocalAws

ACCOUNT = "123456789012"
CODE = """
import boto3, json

def handler(event, context):
    client = boto3.client(event["service"])
    answer = getattr(client, event["operation"])(**event["arguments"])
    print("done")
    return json.loads(json.dumps(answer, default=str))
"""


def trusting(*services: str, **condition: Any) -> dict[str, Any]:
    principal = {"Service": list(services)} if services else {"AWS": "*"}
    return {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **condition}


def role(aws: LocalAws, *statements: Mapping[str, Any], trust: dict[str, Any] | None = None) -> str:
    """The ARN of a new one."""
    iam, name = aws.client("iam"), f"test-{uuid4().hex[:10]}"
    document = {"Version": "2012-10-17", "Statement": [trust or trusting()]}
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document))["Role"]["Arn"]
    if statements:
        own = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        iam.put_role_policy(RoleName=name, PolicyName="Own", PolicyDocument=own)
    return str(arn)


def allow(actions: str | list[str], resource: str = "*", **condition: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource, **condition}


def clients_of(aws: LocalAws, *statements: Mapping[str, Any]) -> Callable[[str], Any]:
    """Clients of a session of a new role that has these statements."""
    arn = role(aws, *statements)
    keys = aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="one")["Credentials"]

    def client(service: str) -> Any:
        return boto3.client(
            service,
            region_name=aws.settings.region,
            endpoint_url=aws.settings.endpoint_url,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )

    return client


def refusal(call: Callable[..., Any], **arguments: Any) -> tuple[str, str]:
    """Code and message."""
    with pytest.raises(ClientError) as failed:
        call(**arguments)
    error = failed.value.response["Error"]
    return error["Code"], error["Message"]


def function(aws: LocalAws, role_arn: str) -> str:
    """The name of a new one that calls what it is told to, with this role."""
    arn = aws.function(CODE)
    aws.client("lambda").update_function_configuration(FunctionName=arn, Role=role_arn)
    return arn


def invoked(aws: LocalAws, arn: str, service: str, operation: str, **arguments: Any) -> Any:
    payload = json.dumps({"service": service, "operation": operation, "arguments": arguments})
    return json.load(aws.client("lambda").invoke(FunctionName=arn, Payload=payload)["Payload"])
