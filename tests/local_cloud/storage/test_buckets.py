"""Bucket policies of the local cloud hold, conditions included."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.support.local_aws import LocalAws


@pytest.fixture
def bucket(aws: LocalAws) -> Iterator[str]:
    name = aws.bucket({"kept": "text"})
    yield name
    s3 = aws.client("s3")
    s3.delete_bucket_policy(Bucket=name)
    for item in s3.list_objects_v2(Bucket=name).get("Contents", []):
        s3.delete_object(Bucket=name, Key=item["Key"])
    s3.delete_bucket(Bucket=name)


def deny(aws: LocalAws, bucket: str, **statement: Any) -> None:
    standard = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
    }
    policy = {"Version": "2012-10-17", "Statement": [standard | statement]}
    aws.client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))


def read(aws: LocalAws, bucket: str) -> bytes:
    body: bytes = aws.client("s3").get_object(Bucket=bucket, Key="kept")["Body"].read()
    return body


@pytest.mark.parametrize(
    "condition",
    [
        {"Bool": {"aws:SecureTransport": "false"}},
        {"Bool": {"aws:SecureTransport": False}},
        {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
        {"StringNotEquals": {"aws:PrincipalAccount": "123456789012"}},
        {"StringNotLike": {"s3:ResourceAccount": ["1234*", "9*"]}},
        {"StringEquals": {"aws:SourceArn": "arn:aws:s3:::x"}},
        {"Null": {"aws:SecureTransport": "true"}},
        {"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:PrincipalAccount": "0"}},
    ],
)
def test_a_denial_whose_condition_is_not_met_denies_nothing(
    aws: LocalAws, bucket: str, condition: dict[str, Any]
) -> None:
    deny(aws, bucket, Condition=condition)

    assert read(aws, bucket) == b"text"


@pytest.mark.parametrize(
    "condition",
    [
        {},
        {"Bool": {"aws:SecureTransport": "true"}},
        {"StringEquals": {"AWS:PrincipalAccount": ["0", "123456789012"]}},
        {"StringNotEquals": {"aws:SourceArn": "arn:aws:s3:::x"}},
        {"StringEqualsIfExists": {"aws:SourceArn": "arn:aws:s3:::x"}},
    ],
)
def test_a_denial_whose_condition_is_met_denies_and_says_so(
    aws: LocalAws, bucket: str, condition: dict[str, Any]
) -> None:
    deny(aws, bucket, Condition=condition)

    with pytest.raises(
        ClientError, match=r"s3:GetObject on .* is denied by the policy of the bucket"
    ) as problem:
        read(aws, bucket)
    assert problem.value.response["Error"]["Code"] == "AccessDenied"


@pytest.mark.parametrize(
    "condition", [{"StringEquals": {"aws:username": "x"}}, {"IpAddress": {"aws:SourceArn": "10.0.0.0/8"}}]
)
def test_a_condition_that_cannot_be_evaluated_is_named(
    aws: LocalAws, bucket: str, condition: dict[str, Any]
) -> None:
    deny(aws, bucket, Condition=condition)

    with pytest.raises(ClientError, match=r"cannot evaluate the policy .*(aws:username|IpAddress)"):
        read(aws, bucket)


def test_only_the_named_actions_and_objects_are_denied(aws: LocalAws, bucket: str) -> None:
    deny(aws, bucket, Action="s3:Put*", Resource=f"arn:aws:s3:::{bucket}/locked/*")
    s3 = aws.client("s3")

    s3.put_object(Bucket=bucket, Key="open", Body=b"")
    assert read(aws, bucket) == b"text"
    s3.delete_bucket_policy(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="locked/a", Body=b"")
    deny(aws, bucket, Action="s3:Put*", Resource=f"arn:aws:s3:::{bucket}/locked/*")
    with pytest.raises(ClientError, match=r"s3:PutObject on .* is denied"):
        s3.put_object(Bucket=bucket, Key="locked/a", Body=b"")


def test_a_statement_for_a_service_concerns_no_one_else(aws: LocalAws, bucket: str) -> None:
    deny(aws, bucket, Principal={"Service": "personalize.amazonaws.com"})

    assert read(aws, bucket) == b"text"


def test_a_log_bucket_gets_no_objects_that_would_hinder_its_deletion(aws: LocalAws, bucket: str) -> None:
    logs, s3 = aws.bucket({}), aws.client("s3")
    enabled = {"LoggingEnabled": {"TargetBucket": logs, "TargetPrefix": ""}}

    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus=enabled)
    read(aws, bucket)

    assert s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"]["TargetBucket"] == logs
    s3.delete_bucket(Bucket=logs)
