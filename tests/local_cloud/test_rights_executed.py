"""What a recording says of the loss of statements is what happens when they are lost."""

import json
from collections.abc import Callable
from typing import Any
from urllib.request import urlopen
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from local_cloud.judge.losses import Deployed, losses
from local_cloud.judge.recording import PATH, recorded
from tests.local_cloud.support.local_aws import LocalAws
from tests.local_cloud.support.roles import allow, clients_of


def refused(call: Callable[[], Any]) -> bool:
    try:
        call()
    except ClientError as error:
        assert "is not authorized to perform" in str(error)
        return True
    return False


@pytest.mark.prove
def test_ten_statements_lost_for_real_are_noticed_as_the_recording_says(strict: LocalAws) -> None:
    name, bucket = f"test-{uuid4().hex[:10]}", strict.bucket({"a": "1"})
    objects = f"arn:aws:s3:::{bucket}/*"
    url, queue = strict.queue()
    topic = strict.client("sns").create_topic(Name=name)["TopicArn"]
    strict.client("ssm").put_parameter(Name=f"/{name}", Value="1", Type="String")
    secret = strict.client("secretsmanager").create_secret(Name=name, SecretString="1")["ARN"]
    key = strict.client("kms").create_key()["KeyMetadata"]["Arn"]
    statements = [
        {**allow(action, resource), "Sid": sid}
        for sid, action, resource in (
            ("Reads", "s3:GetObject", objects),
            ("Writes", "s3:PutObject", objects),
            ("Deletes", "s3:DeleteObject", objects),
            ("Lists", "s3:ListBucket", f"arn:aws:s3:::{bucket}"),
            ("Sends", "sqs:SendMessage", queue),
            ("Looks", "sqs:GetQueueAttributes", queue),
            ("Publishes", "sns:Publish", topic),
            ("Parameter", "ssm:GetParameter", f"arn:aws:ssm:*:*:parameter/{name}"),
            ("Secret", "secretsmanager:GetSecretValue", secret),
            ("Key", "kms:DescribeKey", key),
            # The first alone would do, and so would the second.
            ("Suppressed", "ses:ListSuppressedDestinations", "*"),
            ("SuppressedAgain", "ses:List*", "*"),
        )
    ]
    client = clients_of(strict, *statements)
    calls: dict[str, Callable[[], Any]] = {
        "Writes": lambda: client("s3").put_object(Bucket=bucket, Key="a", Body=b"1"),
        "Reads": lambda: client("s3").get_object(Bucket=bucket, Key="a"),
        "Deletes": lambda: client("s3").delete_object(Bucket=bucket, Key="b"),
        "Lists": lambda: client("s3").list_objects_v2(Bucket=bucket),
        "Sends": lambda: client("sqs").send_message(QueueUrl=url, MessageBody="1"),
        "Looks": lambda: client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"]),
        "Publishes": lambda: client("sns").publish(TopicArn=topic, Message="1"),
        "Parameter": lambda: client("ssm").get_parameter(Name=f"/{name}"),
        "Secret": lambda: client("secretsmanager").get_secret_value(SecretId=name),
        "Key": lambda: client("kms").describe_key(KeyId=key),
        "Suppressed": lambda: client("sesv2").list_suppressed_destinations(),
    }
    assert not [sid for sid, call in calls.items() if refused(call)]

    role = client("sts").get_caller_identity()["Arn"].split("/")[1]
    with urlopen(f"{strict.settings.endpoint_url}{PATH}", timeout=60) as answer:
        deployed = Deployed.from_json(json.load(answer))
    judged = {
        loss.statement.name: loss.noticed_by is not None
        for loss in losses(deployed, recorded(strict.settings.state_dir))
        if loss.owner.endswith(f":role/{role}") and loss.statement.policy == f"{role}/Own"
    }
    happened = {}
    for sid in judged:
        left = [each for each in statements if each["Sid"] != sid]
        document = json.dumps({"Version": "2012-10-17", "Statement": left})
        strict.client("iam").put_role_policy(RoleName=role, PolicyName="Own", PolicyDocument=document)
        happened[sid] = any(refused(call) for call in calls.values())

    assert judged == happened
    assert sorted(sid for sid, noticed in judged.items() if not noticed) == ["Suppressed", "SuppressedAgain"]
