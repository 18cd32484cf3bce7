"""Buckets, tables, repositories, logs, alarms: properties that come and go.

Defaults are those of the API references: S3, DynamoDB CreateTable and DescribeContinuousBackups, CloudWatch
PutMetricAlarm, and of the user guides where those are silent.
"""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from tests.local_cloud.support.property_case import PropertyCase, tags_of
from tests.local_cloud.support.resource_case import ALLOW, TAGS
from tests.local_cloud.support.resource_cases_workloads import ALARM, TABLE, lifecycle_text
from tests.local_cloud.support.stacks import ref, resource


def _unless_absent(ask: Callable[..., Any], **arguments: Any) -> Any:
    try:
        return {name: value for name, value in ask(**arguments).items() if name != "ResponseMetadata"}
    except ClientError as problem:
        return problem.response["Error"]["Code"]


def bucket(client: Any, name: str) -> dict[str, Any]:
    looks = {
        "AccessControl": client.get_bucket_acl,
        "BucketEncryption": client.get_bucket_encryption,
        "CorsConfiguration": client.get_bucket_cors,
        "LifecycleConfiguration": client.get_bucket_lifecycle_configuration,
        "LoggingConfiguration": client.get_bucket_logging,
        "OwnershipControls": client.get_bucket_ownership_controls,
        "PublicAccessBlockConfiguration": client.get_public_access_block,
        "Tags": client.get_bucket_tagging,
    }
    return {prop: _unless_absent(look, Bucket=name) for prop, look in looks.items()}


def table(client: Any, name: str) -> dict[str, Any]:
    described = client.describe_table(TableName=name)["Table"]
    backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    lifetime = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["TimeToLiveStatus"]
    return {
        "DeletionProtectionEnabled": described.get("DeletionProtectionEnabled"),
        "PointInTimeRecoverySpecification": recovery,
        "StreamSpecification": described.get("StreamSpecification"),
        "Tags": tags_of(client.list_tags_of_resource(ResourceArn=described["TableArn"])["Tags"]),
        "TimeToLiveSpecification": lifetime,
    }


def repository(client: Any, name: str) -> dict[str, Any]:
    return {
        "LifecyclePolicy": _unless_absent(client.get_lifecycle_policy, repositoryName=name),
        "RepositoryPolicyText": _unless_absent(client.get_repository_policy, repositoryName=name),
    }


def log_group(client: Any, name: str) -> dict[str, Any]:
    [described] = client.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    tags = client.list_tags_log_group(logGroupName=name)["tags"]
    return {
        "RetentionInDays": described.get("retentionInDays"),
        "Tags": tags,
    }


def alarm(client: Any, name: str) -> dict[str, Any]:
    [described] = client.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return {**described, "Tags": client.list_tags_for_resource(ResourceARN=described["AlarmArn"])["Tags"]}


def composite(client: Any, name: str) -> dict[str, Any]:
    answer = client.describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])
    [described] = answer["CompositeAlarms"]
    return {**described, "Tags": client.list_tags_for_resource(ResourceARN=described["AlarmArn"])["Tags"]}


TOPIC = {"Topic": resource("AWS::SNS::Topic")}
COMMON = {
    "DeletionProtectionEnabled": False,
    "PointInTimeRecoverySpecification": "DISABLED",
    "TimeToLiveSpecification": "DISABLED",
}
OWN = {"Region": ref("AWS::Region")}

CASES = [
    PropertyCase(
        "AWS::S3::Bucket",
        "s3",
        bucket,
        {},
        {
            "AccessControl": "LogDeliveryWrite",
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
                ]
            },
            "CorsConfiguration": {"CorsRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]},
            "LifecycleConfiguration": {
                "Rules": [{"Id": "a", "Status": "Enabled", "Prefix": "b/", "ExpirationInDays": 30}]
            },
            "LoggingConfiguration": {"DestinationBucketName": ref("Logs"), "LogFilePrefix": "data/"},
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]},
            "PublicAccessBlockConfiguration": {"BlockPublicAcls": False},
            "Tags": TAGS,
        },
        {"CorsConfiguration": "NoSuchCORSConfiguration", "LoggingConfiguration": {}},
        {"Logs": resource("AWS::S3::Bucket")},
    ),
    PropertyCase(
        "AWS::DynamoDB::Table",
        "dynamodb",
        table,
        TABLE,
        {
            "DeletionProtectionEnabled": True,
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
            "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
            "Tags": TAGS,
            "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True},
        },
        COMMON,
    ),
    PropertyCase(
        "AWS::DynamoDB::GlobalTable",
        "dynamodb",
        table,
        TABLE | {"Replicas": [OWN]},
        {
            "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
            "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True},
        },
        {"TimeToLiveSpecification": "DISABLED"},
    ),
    PropertyCase(
        "AWS::ECR::Repository",
        "ecr",
        repository,
        {},
        {"LifecyclePolicy": lifecycle_text(1), "RepositoryPolicyText": ALLOW},
        {
            "LifecyclePolicy": "LifecyclePolicyNotFoundException",
            "RepositoryPolicyText": "RepositoryPolicyNotFoundException",
        },
    ),
    PropertyCase(
        "AWS::Logs::LogGroup",
        "logs",
        log_group,
        {},
        {"RetentionInDays": 7, "Tags": TAGS},
        {"RetentionInDays": None},
    ),
    PropertyCase(
        "AWS::CloudWatch::Alarm",
        "cloudwatch",
        alarm,
        ALARM | {"Threshold": 1},
        {
            "ActionsEnabled": False,
            "AlarmActions": [ref("Topic")],
            "AlarmDescription": "one",
            "DatapointsToAlarm": 1,
            "InsufficientDataActions": [ref("Topic")],
            "OKActions": [ref("Topic")],
            "Tags": TAGS,
            "TreatMissingData": "breaching",
            "Unit": "Count",
        },
        {"ActionsEnabled": True},
        TOPIC,
    ),
    PropertyCase(
        "AWS::CloudWatch::CompositeAlarm",
        "cloudwatch",
        composite,
        {"AlarmRule": {"Fn::Sub": "ALARM(${One})"}},
        {
            "ActionsEnabled": False,
            "AlarmActions": [ref("Topic")],
            "AlarmDescription": "one",
            "InsufficientDataActions": [ref("Topic")],
            "OKActions": [ref("Topic")],
            "Tags": TAGS,
        },
        {"ActionsEnabled": True},
        {**TOPIC, "One": resource("AWS::CloudWatch::Alarm", **ALARM, Threshold=1)},
    ),
]
