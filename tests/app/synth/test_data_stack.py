"""Decisions about what holds data."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from config.schema import StageConfig, UseCase
from config.use_cases import USE_CASES
from stacks.data import DataStack
from tests.app.support.business.stages import DEV, PROD, STAGES

PRIMARIES = [f"{stage.id_in(stage.region)}-Data" for stage in STAGES]
KEEPS = {f"{PROD.id_in(PROD.region)}-Data"}
STATEFUL = (
    "AWS::DynamoDB::GlobalTable",
    "AWS::KMS::Key",
    "AWS::Personalize::Dataset",
    "AWS::Personalize::DatasetGroup",
    "AWS::Personalize::Filter",
    "AWS::Personalize::Schema",
    "AWS::Personalize::Solution",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
)
PERSONALIZE = "personalize.amazonaws.com"
ONLY_FOR_THIS_ACCOUNT = {"StringEquals", "ArnLike"}
every_primary = pytest.mark.parametrize("data_stack", PRIMARIES)


def data_of(stage: StageConfig) -> str:
    return f"{stage.id_in(stage.region)}-Data"


def statements(policy: dict[str, Any], principal: str) -> list[dict[str, Any]]:
    return [
        statement for statement in policy["Statement"] if statement.get("Principal") == {"Service": principal}
    ]


@every_primary
def test_only_production_data_outlives_its_stack(
    resources: Callable[..., dict[str, Any]], data_stack: str
) -> None:
    expected = "RetainExceptOnCreate" if data_stack in KEEPS else "Delete"

    for type_ in STATEFUL:
        found = resources(data_stack, type_)
        assert found
        assert {resource["DeletionPolicy"] for resource in found.values()} == {expected}, type_


@every_primary
def test_replaced_data_is_kept_in_production_only(
    resources: Callable[..., dict[str, Any]], data_stack: str
) -> None:
    expected = "Retain" if data_stack in KEEPS else "Delete"

    for resource in resources(data_stack, "AWS::S3::Bucket").values():
        assert resource["UpdateReplacePolicy"] == expected


@every_primary
def test_buckets_are_emptied_only_where_data_is_not_kept(
    resources: Callable[..., dict[str, Any]], data_stack: str
) -> None:
    assert len(resources(data_stack, "Custom::EmptyBucket")) == (0 if data_stack in KEEPS else 2)


def test_the_log_bucket_is_emptied_after_the_data_bucket_is_gone(
    resources: Callable[..., dict[str, Any]],
) -> None:
    buckets = resources(data_of(DEV), "AWS::S3::Bucket")
    emptied = {
        resource["Properties"]["BucketName"]["Ref"]: name
        for name, resource in resources(data_of(DEV), "Custom::EmptyBucket").items()
    }
    [data] = [name for name, bucket in buckets.items() if "LoggingConfiguration" in bucket["Properties"]]
    [logs] = [name for name in buckets if name != data]

    assert emptied[logs] in buckets[data]["DependsOn"]


@every_primary
def test_buckets_are_private_and_answer_over_tls_only(
    resources: Callable[..., dict[str, Any]], data_stack: str
) -> None:
    policies = {
        policy["Properties"]["Bucket"]["Ref"]: policy["Properties"]["PolicyDocument"]
        for policy in resources(data_stack, "AWS::S3::BucketPolicy").values()
    }
    for name, bucket in resources(data_stack, "AWS::S3::Bucket").items():
        denials = [s for s in policies[name]["Statement"] if s["Effect"] == "Deny"]
        assert {"Bool": {"aws:SecureTransport": "false"}} in [denial["Condition"] for denial in denials]
        assert set(bucket["Properties"]["PublicAccessBlockConfiguration"].values()) == {True}


@every_primary
def test_data_is_encrypted_with_a_key_that_is_rotated(
    resources: Callable[..., dict[str, Any]], data_stack: str
) -> None:
    [(name, key)] = resources(data_stack, "AWS::KMS::Key").items()
    encryptions = [
        bucket["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]
        for bucket in resources(data_stack, "AWS::S3::Bucket").values()
    ]

    assert key["Properties"]["EnableKeyRotation"] is True
    assert {"Fn::GetAtt": [name, "Arn"]} in [
        encryption["ServerSideEncryptionByDefault"].get("KMSMasterKeyID") for encryption in encryptions
    ]


@every_primary
def test_personalize_takes_on_roles_for_this_account_s_jobs_only(
    resources: Callable[..., dict[str, Any]], data_stack: str
) -> None:
    found = [
        statement
        for role in resources(data_stack, "AWS::IAM::Role").values()
        for statement in statements(role["Properties"]["AssumeRolePolicyDocument"], PERSONALIZE)
    ]

    assert len(found) == 2 * len(USE_CASES)
    assert all(statement["Condition"].keys() == ONLY_FOR_THIS_ACCOUNT for statement in found)


@every_primary
def test_the_key_is_used_as_personalize_s_developer_guide_has_it(
    resources: Callable[..., dict[str, Any]], data_stack: str
) -> None:
    """By the service and by each role that it takes on, without conditions: the example of "Giving Amazon
    Personalize permission to use your AWS KMS key", as of November 2026.
    """
    documented = [
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "kms:DescribeKey",
        "kms:CreateGrant",
        "kms:ListGrants",
    ]
    roles = {
        name
        for name, role in resources(data_stack, "AWS::IAM::Role").items()
        if statements(role["Properties"]["AssumeRolePolicyDocument"], PERSONALIZE)
    }
    [key] = resources(data_stack, "AWS::KMS::Key").values()
    [statement] = [
        statement
        for statement in key["Properties"]["KeyPolicy"]["Statement"]
        if statement["Principal"].get("Service") == PERSONALIZE
    ]

    assert sorted(statement["Action"]) == sorted(documented)
    assert {role["Fn::GetAtt"][0] for role in statement["Principal"]["AWS"]} == roles
    assert statement["Resource"] == "*"
    assert "Condition" not in statement


@every_primary
def test_the_bucket_lets_personalize_in_as_its_developer_guide_has_it(
    resources: Callable[..., dict[str, Any]], data_stack: str
) -> None:
    """The actions of the bucket policy for batch workflows in "Giving Amazon Personalize access to Amazon S3
    resources", as of November 2026, without conditions.
    """
    found = [
        statement
        for policy in resources(data_stack, "AWS::S3::BucketPolicy").values()
        for statement in statements(policy["Properties"]["PolicyDocument"], PERSONALIZE)
    ]

    assert {statement["Action"] for statement in found} == {"s3:GetObject", "s3:ListBucket", "s3:PutObject"}
    assert not any("Condition" in statement for statement in found)


def test_personalize_writes_below_batch_only(resources: Callable[..., dict[str, Any]]) -> None:
    [writing] = [
        statement
        for policy in resources(data_of(PROD), "AWS::S3::BucketPolicy").values()
        for statement in statements(policy["Properties"]["PolicyDocument"], PERSONALIZE)
        if statement["Action"] == "s3:PutObject"
    ]

    assert writing["Resource"]["Fn::Join"][1][-1] == "/batch/*"


@pytest.mark.parametrize("use_case", USE_CASES, ids=lambda use_case: use_case.name)
def test_the_roles_for_jobs_reach_their_use_case_only(
    resources: Callable[..., dict[str, Any]], use_case: UseCase
) -> None:
    name = "".join(word.capitalize() for word in use_case.name.split("_"))
    reached = {}
    for policy in resources(data_of(PROD), "AWS::IAM::Policy").values():
        [role] = [ref["Ref"] for ref in policy["Properties"]["Roles"]]
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            if role.startswith((f"{name}ImportRole", f"{name}BatchRole")) and "Object" in str(
                statement["Action"]
            ):
                kind = "import" if "Import" in role else "batch"
                reached[kind] = (statement["Action"], statement["Resource"]["Fn::Join"][1][-1])

    assert reached == {
        "import": ("s3:GetObject", f"/datasets/{use_case.name}/*"),
        "batch": (["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"], f"/batch/{use_case.name}/*"),
    }


@every_primary
def test_personal_data_in_the_bucket_expires(
    resources: Callable[..., dict[str, Any]], data_stack: str
) -> None:
    [rules] = [
        bucket["Properties"]["LifecycleConfiguration"]["Rules"]
        for bucket in resources(data_stack, "AWS::S3::Bucket").values()
        if "LoggingConfiguration" in bucket["Properties"]
    ]
    expiring = {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules if "Prefix" in rule}

    assert expiring == {
        "datasets/": 14,
        "batch/": 14,
        "events/": 400,
        "joined/": 400,
        "notifications/": 14,
    }


def test_old_versions_are_kept_for_a_while_except_in_development(
    resources: Callable[..., dict[str, Any]],
) -> None:
    versioned = {
        stage.name: any(
            bucket["Properties"].get("VersioningConfiguration")
            for bucket in resources(data_of(stage), "AWS::S3::Bucket").values()
        )
        for stage in STAGES
    }

    assert versioned.items() >= {"dev": False, "local": False, "staging": True, "prod": True}.items()


def test_the_serving_table_is_in_every_region_of_its_stage(resources: Callable[..., dict[str, Any]]) -> None:
    [table] = resources(data_of(PROD), "AWS::DynamoDB::GlobalTable").values()
    properties = table["Properties"]

    assert properties["TableName"] == "recs-prod-serving"
    assert {replica["Region"] for replica in properties["Replicas"]} == set(PROD.regions)
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}
    for replica in properties["Replicas"]:
        assert replica["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True


@pytest.mark.parametrize("protected", [False, True])
def test_a_table_is_protected_in_every_region_of_a_stage_that_is(protected: bool) -> None:
    stage = replace(PROD, protected=protected)
    region = cdk.Stage(cdk.App(), "Any", env=cdk.Environment(account=stage.account, region=stage.region))
    data = DataStack(region, "Data", stage=stage, use_cases=())

    [table] = Template.from_stack(data).find_resources("AWS::DynamoDB::GlobalTable").values()
    replicas = table["Properties"]["Replicas"]
    assert {replica["Region"] for replica in replicas} == set(PROD.regions)
    assert {replica["DeletionProtectionEnabled"] for replica in replicas} == {protected}
