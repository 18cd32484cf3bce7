"""What a role may do in the local cloud: policies as deployed, refusals in AWS's words."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from local_cloud.judge.recording import recorded
from tests.local_cloud.support.local_aws import LocalAws
from tests.local_cloud.support.roles import ACCOUNT, allow, clients_of, refusal


@pytest.fixture
def acting(strict: LocalAws) -> Callable[..., Callable[[str], Any]]:
    """Clients of a session of a new role that has these statements."""
    return partial(clients_of, strict)


@pytest.fixture(scope="module")
def table(strict: LocalAws) -> str:
    name = f"test-{uuid4().hex[:10]}"
    strict.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )
    return name


def arn_of(table: str) -> str:
    return f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/{table}"


def test_leading_keys_are_the_partition_keys_of_every_kind_of_call(
    strict: LocalAws, table: str, acting: Any
) -> None:
    keys: dict[str, Any] = {"Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["user#*"]}}}
    client = acting(allow("dynamodb:*", arn_of(table), **keys))("dynamodb")

    def calls(key: str) -> Iterator[tuple[Callable[..., Any], dict[str, Any]]]:
        item, name = {"pk": {"S": key}}, {"TableName": table}
        yield client.put_item, {**name, "Item": item}
        yield client.get_item, {**name, "Key": item}
        changed = {"UpdateExpression": "SET a = :a", "ExpressionAttributeValues": {":a": {"S": "b"}}}
        yield client.update_item, {**name, **changed, "Key": item}
        yield client.batch_write_item, {"RequestItems": {table: [{"PutRequest": {"Item": item}}]}}
        yield client.batch_get_item, {"RequestItems": {table: {"Keys": [item, {"pk": {"S": "user#2"}}]}}}
        values = {":k": {"S": key}}
        query = {"KeyConditionExpression": "#k = :k", "ExpressionAttributeNames": {"#k": "pk"}}
        yield client.query, {**name, **query, "ExpressionAttributeValues": values}
        yield client.transact_write_items, {"TransactItems": [{"Put": {**name, "Item": item}}]}
        yield client.transact_get_items, {"TransactItems": [{"Get": {**name, "Key": item}}]}
        yield client.delete_item, {**name, "Key": item}

    for call, arguments in calls("user#1"):
        call(**arguments)
    for call, arguments in calls("pointer#1"):
        assert refusal(call, **arguments)[0] == "AccessDeniedException"


def test_an_absent_object_is_seen_to_be_absent_by_who_may_list(strict: LocalAws, acting: Any) -> None:
    bucket = strict.bucket({"a": "1"})
    objects, whole = f"arn:aws:s3:::{bucket}/*", f"arn:aws:s3:::{bucket}"
    reader = acting(allow("s3:GetObject", objects))("s3")
    lister = acting(allow("s3:GetObject", objects), allow("s3:ListBucket", whole))("s3")

    assert reader.get_object(Bucket=bucket, Key="a")["Body"].read() == b"1"
    code, message = refusal(reader.get_object, Bucket=bucket, Key="b")
    assert (code, f"s3:ListBucket on resource: {whole}" in message) == ("AccessDenied", True)
    assert refusal(lister.get_object, Bucket=bucket, Key="b")[0] == "NoSuchKey"
    assert refusal(reader.put_object, Bucket=bucket, Key="a", Body=b"2")[0] == "AccessDenied"


def test_objects_of_a_bucket_with_a_key_need_the_key_too(strict: LocalAws, acting: Any) -> None:
    bucket, s3 = strict.bucket({}), strict.client("s3")
    key = strict.client("kms").create_key()["KeyMetadata"]["Arn"]
    encrypted = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": encrypted}]}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=rules)
    objects = allow(["s3:PutObject", "s3:GetObject"], f"arn:aws:s3:::{bucket}/*")

    writer = acting(objects, allow("kms:GenerateDataKey", key))("s3")

    writer.put_object(Bucket=bucket, Key="a", Body=b"1")
    code, message = refusal(writer.get_object, Bucket=bucket, Key="a")
    assert code == "AccessDenied"
    assert f"kms:Decrypt on resource: {key} because no identity-based policy allows" in message


def test_a_bucket_s_policy_is_judged_for_who_asks(strict: LocalAws, acting: Any) -> None:
    bucket, s3 = strict.bucket({"a": "1"}), strict.client("s3")
    nobody, somebody = acting(), acting(allow("s3:*"))
    named = nobody("sts").get_caller_identity()["Arn"]
    denied = {"Effect": "Deny", "Principal": {"AWS": somebody("sts").get_caller_identity()["Arn"]}}
    policy = [
        {"Effect": "Allow", "Principal": {"AWS": named}, "Action": "s3:GetObject"},
        {**denied, "Action": "s3:GetObject"},
    ]
    statements = [{**each, "Resource": f"arn:aws:s3:::{bucket}/*"} for each in policy]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    s3.put_bucket_policy(Bucket=bucket, Policy=document)

    assert nobody("s3").get_object(Bucket=bucket, Key="a")
    code, message = refusal(somebody("s3").get_object, Bucket=bucket, Key="a")
    assert code == "AccessDenied"
    assert message.endswith("with an explicit deny in a resource-based policy")


@pytest.mark.parametrize(
    "passes",
    [[], [allow("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "x"}})]],
)
def test_a_role_is_passed_on_by_who_may_pass_it_to_that_service(
    acting: Any, passes: list[dict[str, Any]]
) -> None:
    job = f"arn:aws:personalize:eu-west-1:{ACCOUNT}:"
    personalize = acting(allow("personalize:*", f"{job}*"), *passes)("personalize")

    code, message = refusal(
        personalize.create_dataset_import_job,
        jobName="one",
        datasetArn=f"{job}dataset/a/INTERACTIONS",
        dataSource={"dataLocation": "s3://a/b"},
        roleArn=f"arn:aws:iam::{ACCOUNT}:role/import",
    )

    assert code == "AccessDeniedException"
    assert f"iam:PassRole on resource: arn:aws:iam::{ACCOUNT}:role/import" in message


def test_a_condition_key_that_is_not_known_fails_by_name(acting: Any, table: str) -> None:
    unknown: dict[str, Any] = {"Condition": {"StringEquals": {"dynamodb:Select": "COUNT"}}}

    _, message = refusal(
        acting(allow("dynamodb:GetItem", **unknown))("dynamodb").get_item,
        TableName=table,
        Key={"pk": {"S": "a"}},
    )

    assert "cannot judge dynamodb:GetItem" in message
    assert "condition key dynamodb:Select" in message


def test_an_operation_of_which_nobody_wrote_down_the_rights_fails_by_name(acting: Any) -> None:
    code, message = refusal(acting(allow("*"))("dynamodb").list_backups)

    assert code == "NotImplemented"
    assert "does not know which rights dynamodb ListBackups needs" in message


def test_the_cloud_s_own_user_may_do_everything(strict: LocalAws, table: str) -> None:
    assert strict.client("dynamodb").list_backups()["BackupSummaries"] == []
    assert strict.client("dynamodb").scan(TableName=table)["Count"] >= 0


def test_a_call_is_recorded_with_the_statement_that_allowed_it(strict: LocalAws, acting: Any) -> None:
    bucket = strict.bucket({"a": "1"})
    client = acting(allow("sqs:*"), {**allow("s3:GetObject"), "Sid": "Reads"})

    client("s3").get_object(Bucket=bucket, Key="a")

    me = client("sts").get_caller_identity()["Arn"]
    [call] = [each for each in recorded(strict.settings.state_dir) if each.call.principal.arn == me]
    assert call.call.resource == f"arn:aws:s3:::{bucket}/a"
    assert call.statements == (f"{me.split('/')[1]}/Own#Reads",)
