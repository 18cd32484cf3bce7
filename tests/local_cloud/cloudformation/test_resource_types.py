"""Resource types of the local cloud: what a template says is what the services answer."""

import json
from typing import Any

import pytest

from tests.local_cloud.support import resource_cases_serving, resource_cases_stores, resource_cases_workloads
from tests.local_cloud.support.local_aws import LocalAws
from tests.local_cloud.support.property_case import own_tags
from tests.local_cloud.support.resource_case import NEW_TAGS, TAGS, Case
from tests.local_cloud.support.resource_cases_workloads import TABLE
from tests.local_cloud.support.stacks import Stack, Stacks, get, ref, resource, role

CASES = [
    *resource_cases_serving.CASES,
    *resource_cases_stores.CASES,
    *resource_cases_workloads.CASES,
]


@pytest.fixture(scope="module", autouse=True)
def layer_content(aws: LocalAws) -> None:
    s3 = aws.client("s3")
    location = {"LocationConstraint": aws.settings.region}
    s3.create_bucket(Bucket="layers-test", CreateBucketConfiguration=location)
    s3.put_object(Bucket="layers-test", Key="l", Body=b"PK\x05\x06" + bytes(18))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)
def test_a_resource_is_made_changed_and_removed_as_the_template_says(stacks: Stacks, case: Case) -> None:
    client = stacks.aws.client(case.service)
    outputs = {name: get("Tested", name) for name in case.attributes}
    others = dict(case.others or {})

    stack = stacks.create({"Tested": resource(case.kind, **case.first), **others}, outputs)
    assert stack.status == "CREATE_COMPLETE", stack.events
    identity = stack.id_of("Tested")
    assert case.look(client, identity) == case.first_seen
    assert set(stack.outputs) == set(case.attributes)
    assert all(stack.outputs.values())

    stack.update({"Tested": resource(case.kind, **case.second), **others}, outputs)
    assert stack.status == "UPDATE_COMPLETE", stack.events
    identity = stack.id_of("Tested")
    assert case.look(client, identity) == case.second_seen

    stack.delete()
    assert case.look(client, identity) is None


def test_names_come_from_stack_and_logical_id_within_the_service_limits(stacks: Stacks) -> None:
    long = "A" * 60
    stack = stacks.create({long: role(), "Bucket": resource("AWS::S3::Bucket")})

    assert stack.status == "CREATE_COMPLETE", stack.events
    assert len(stack.id_of(long)) == 64
    assert stack.id_of("Bucket").startswith(f"{stack.name}-bucket-")


def test_a_bucket_has_every_property_of_its_template(stacks: Stacks) -> None:
    properties: dict[str, Any] = {
        "VersioningConfiguration": {"Status": "Enabled"},
        "PublicAccessBlockConfiguration": {"BlockPublicAcls": True, "BlockPublicPolicy": "true"},
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [
                {
                    "ServerSideEncryptionByDefault": {
                        "SSEAlgorithm": "aws:kms",
                        "KMSMasterKeyID": get("Key", "Arn"),
                    }
                }
            ]
        },
        "LifecycleConfiguration": {
            "Rules": [
                {"Id": "a", "Status": "Enabled", "Prefix": "batch/", "ExpirationInDays": 30},
                {"Status": "Enabled", "NoncurrentVersionExpiration": {"NoncurrentDays": 3}},
                {"Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
            ]
        },
        "LoggingConfiguration": {"DestinationBucketName": ref("Logs"), "LogFilePrefix": "data/"},
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "Tags": TAGS,
    }
    others = {"Key": resource("AWS::KMS::Key"), "Logs": resource("AWS::S3::Bucket")}
    stack = stacks.create(
        {"Bucket": resource("AWS::S3::Bucket", **properties), **others}, {"Arn": get("Bucket", "Arn")}
    )
    assert stack.status == "CREATE_COMPLETE", stack.events
    s3, name = stacks.aws.client("s3"), stack.id_of("Bucket")

    assert stack.outputs == {"Arn": f"arn:aws:s3:::{name}"}
    assert s3.get_bucket_location(Bucket=name)["LocationConstraint"] == "eu-west-1"
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    block = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    assert block["BlockPublicAcls"] and block["BlockPublicPolicy"]
    rules = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    first, second, third = s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    assert (first["ID"], first["Filter"], first["Expiration"]) == ("a", {"Prefix": "batch/"}, {"Days": 30})
    assert second["NoncurrentVersionExpiration"] == {"NoncurrentDays": 3}
    assert third["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert s3.get_bucket_logging(Bucket=name)["LoggingEnabled"]["TargetPrefix"] == "data/"
    assert (
        s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"] == properties["OwnershipControls"]
    )

    stack.update({"Bucket": resource("AWS::S3::Bucket", Tags=NEW_TAGS), **others})

    assert stack.status == "UPDATE_COMPLETE", stack.events
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Suspended"
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=name)
    assert own_tags(s3.get_bucket_tagging(Bucket=name)["TagSet"]) == own_tags(NEW_TAGS)
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchLifecycleConfiguration"):
        s3.get_bucket_lifecycle_configuration(Bucket=name)
    stack.delete()
    assert s3.list_buckets(Prefix=name)["Buckets"] == []


def test_a_bucket_tells_the_event_bus_of_its_objects_while_the_template_says_so(stacks: Stacks) -> None:
    notifications = {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
    target = {"Id": "queue", "Arn": get("Queue", "Arn")}
    pattern = {"source": ["aws.s3"], "detail-type": ["Object Created"]}
    others = {
        "Queue": resource("AWS::SQS::Queue"),
        "Rule": resource("AWS::Events::Rule", EventPattern=pattern, Targets=[target]),
    }
    telling = {**others, "Bucket": resource("AWS::S3::Bucket", NotificationConfiguration=notifications)}
    stack = stacks.create(telling)
    s3, bucket = stacks.aws.client("s3"), stack.id_of("Bucket")

    s3.put_object(Bucket=bucket, Key="new", Body=b"")
    stack.update({**others, "Bucket": resource("AWS::S3::Bucket")})
    s3.put_object(Bucket=bucket, Key="silent", Body=b"")
    stack.update(telling)
    s3.put_object(Bucket=bucket, Key="last", Body=b"")

    events = [json.loads(body)["detail"] for body in stacks.aws.received(stack.id_of("Queue"), most=2)]
    told = sorted((event["bucket"]["name"], event["object"]["key"]) for event in events)
    assert told == [(bucket, "last"), (bucket, "new")]
    for key in ("new", "silent", "last"):
        s3.delete_object(Bucket=bucket, Key=key)


def test_a_global_table_has_a_replica_where_its_stack_is(stacks: Stacks) -> None:
    elsewhere = [{"Region": "eu-central-1"}]
    stack = stacks.create({"Table": resource("AWS::DynamoDB::GlobalTable", **TABLE, Replicas=elsewhere)})

    assert "must have a replica in the region of its stack, eu-west-1" in stack.reason("Table")


def test_a_protected_table_is_not_deleted(stacks: Stacks) -> None:
    def protected(protection: bool) -> dict[str, Any]:
        replica = {"Region": "eu-west-1", "DeletionProtectionEnabled": protection}
        return {"Table": resource("AWS::DynamoDB::GlobalTable", **TABLE, Replicas=[replica])}

    stack = stacks.create(protected(True))

    stack.delete()

    assert stack.status == "DELETE_FAILED"
    assert "DeletionProtectionEnabled is set to True" in stack.reason("Table")
    unprotect(stack)
    stack.delete()


def unprotect(stack: Stack) -> None:
    table_name = stack.id_of("Table")
    stack.stacks.aws.client("dynamodb").update_table(TableName=table_name, DeletionProtectionEnabled=False)


def test_metadata_of_the_cdk_makes_nothing(stacks: Stacks) -> None:
    stack = stacks.create({"CDKMetadata": resource("AWS::CDK::Metadata", Analytics="v2:x")})

    assert stack.status == "CREATE_COMPLETE"
