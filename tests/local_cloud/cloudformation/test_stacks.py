"""Stacks of the local cloud: creation, failure, deletion."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.support.stacks import Stacks, get, parameter, ref, resource, stored, template


def test_resources_are_created_after_those_they_refer_to(stacks: Stacks) -> None:
    stack = stacks.create({"Copy": parameter(get("Source", "Value")), "Source": parameter("first")})

    assert stack.status == "CREATE_COMPLETE"
    assert stored(stacks.aws, stack.id_of("Copy")) == "first"
    completed = [name for name, status, _ in stack.events if status == "CREATE_COMPLETE"]
    assert completed == ["Source", "Copy", stack.name]


def test_an_unknown_resource_type_is_refused_by_name_before_anything_is_created(stacks: Stacks) -> None:
    with pytest.raises(ClientError, match=r"Unrecognized resource types: \[AWS::Nowhere::Thing\]"):
        stacks.create({"Known": parameter("x"), "Thing": resource("AWS::Nowhere::Thing")})

    with pytest.raises(ClientError, match="does not exist"):
        stacks.api.describe_stacks(StackName=stacks.names[-1])


def test_a_property_that_is_not_implemented_fails_the_stack_by_name(stacks: Stacks) -> None:
    stack = stacks.create({"Bucket": resource("AWS::S3::Bucket", ObjectLockEnabled=True)})

    assert stack.status == "ROLLBACK_COMPLETE"
    assert "ObjectLockEnabled of AWS::S3::Bucket" in stack.reason("Bucket")


def test_a_nested_property_that_the_api_does_not_have_fails_by_name(stacks: Stacks) -> None:
    stack = stacks.create(
        {"Bucket": resource("AWS::S3::Bucket", VersioningConfiguration={"Statsu": "Enabled"})}
    )

    assert "unknown property VersioningConfiguration.Statsu" in stack.reason("Bucket")
    assert stacks.aws.client("s3").list_buckets(Prefix=stack.name)["Buckets"] == []


def test_a_failed_creation_removes_what_was_created_and_says_why(stacks: Stacks) -> None:
    broken = resource(
        "AWS::S3::BucketPolicy", Bucket="no-such-bucket-at-all", PolicyDocument={"Statement": []}
    )
    stack = stacks.create(
        {"Kept": parameter("x", Name="/failed/creation"), "Policy": {**broken, "DependsOn": "Kept"}}
    )

    assert stack.status == "ROLLBACK_COMPLETE"
    assert "NoSuchBucket" in stack.reason("Policy")
    assert (stack.name, "ROLLBACK_IN_PROGRESS") in [event[:2] for event in stack.events]
    assert stored(stacks.aws, "/failed/creation") is None
    stack.delete()
    assert stack.name not in {each["StackName"] for each in stacks.api.describe_stacks()["Stacks"]}


def test_without_rollback_a_failed_creation_keeps_what_there_is(stacks: Stacks) -> None:
    name = "test-without-rollback"
    stacks.names.append(name)
    broken = resource(
        "AWS::S3::BucketPolicy", Bucket="no-such-bucket-at-all", PolicyDocument={"Statement": []}
    )
    body = template(
        {"Kept": parameter("x", Name="/kept/creation"), "Policy": {**broken, "DependsOn": "Kept"}}
    )

    stacks.api.create_stack(StackName=name, TemplateBody=body, DisableRollback=True)

    assert stacks.api.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] == "CREATE_FAILED"
    assert stored(stacks.aws, "/kept/creation") == "x"
    stacks.api.update_stack(
        StackName=name, TemplateBody=template({"Kept": parameter("y", Name="/kept/creation")})
    )
    assert stored(stacks.aws, "/kept/creation") == "y"


def test_events_say_which_operation_they_are_of(stacks: Stacks) -> None:
    broken = resource("AWS::SNS::Subscription", Protocol="sqs", TopicArn="arn:aws:sns:eu-west-1:1:absent")
    stack = stacks.create({"Kept": parameter("x")})
    stack.update({"Kept": parameter("x"), "Early": broken})
    stack.update({"Kept": parameter("y"), "Late": broken})
    api = stacks.api

    events = api.describe_events(StackName=stack.name)["OperationEvents"]
    operations = list(
        dict.fromkeys((each["OperationId"], each["OperationType"]) for each in reversed(events))
    )
    kinds = [kind for _, kind in operations]
    assert kinds == ["CREATE_STACK", "UPDATE_STACK", "ROLLBACK", "UPDATE_STACK", "ROLLBACK"]
    shown = api.describe_stack_events(StackName=stack.name)["StackEvents"]
    assert [each["OperationId"] for each in shown] == [each["OperationId"] for each in events]

    failed = api.describe_events(OperationId=operations[3][0], Filters={"FailedEvents": True})
    [event] = failed["OperationEvents"]
    assert (event["LogicalResourceId"], event["EventType"]) == ("Late", "PROVISIONING_ERROR")
    assert event["ResourceStatus"] == "CREATE_FAILED"
    with pytest.raises(ClientError, match="One of ChangeSetName, OperationId or StackName"):
        api.describe_events()


def test_deletion_goes_from_dependants_to_what_they_need(stacks: Stacks) -> None:
    stack = stacks.create(
        {
            "First": parameter("x"),
            "Second": parameter(ref("First")),
            "Third": {**parameter("y"), "DependsOn": "Second"},
        }
    )
    stack_id = stack.described["StackId"]

    stack.delete()

    events = stacks.api.describe_stack_events(StackName=stack_id)["StackEvents"][::-1]
    gone = [each["LogicalResourceId"] for each in events if each["ResourceStatus"] == "DELETE_COMPLETE"]
    assert gone == ["Third", "Second", "First", stack.name]
    assert stacks.api.describe_stacks(StackName=stack_id)["Stacks"][0]["StackStatus"] == "DELETE_COMPLETE"
    with pytest.raises(ClientError, match="does not exist"):
        _ = stack.status


def test_retained_resources_outlive_their_stack(stacks: Stacks) -> None:
    stack = stacks.create({"Kept": {**parameter("x", Name="/retained"), "DeletionPolicy": "Retain"}})

    stack.delete()

    assert stored(stacks.aws, "/retained") == "x"
    stacks.aws.client("ssm").delete_parameter(Name="/retained")


def test_a_failed_deletion_names_the_resource_and_can_be_tried_again(stacks: Stacks) -> None:
    s3 = stacks.aws.client("s3")
    stack = stacks.create({"Bucket": resource("AWS::S3::Bucket"), "Gone": parameter("x")})
    bucket = stack.id_of("Bucket")
    s3.put_object(Bucket=bucket, Key="in-the-way", Body=b"")

    stack.delete()

    assert stack.status == "DELETE_FAILED"
    assert "not empty" in stack.reason("Bucket")
    s3.delete_object(Bucket=bucket, Key="in-the-way")
    stack.delete()
    with pytest.raises(ClientError, match="does not exist"):
        _ = stack.status


def test_a_protected_stack_is_not_deleted(stacks: Stacks) -> None:
    stack = stacks.create({"Any": parameter("x")})
    stacks.api.update_termination_protection(StackName=stack.name, EnableTerminationProtection=True)

    with pytest.raises(ClientError, match="TerminationProtection is enabled"):
        stack.delete()

    stacks.api.update_termination_protection(StackName=stack.name, EnableTerminationProtection=False)
    stack.delete()


def test_exports_lead_from_stack_to_stack_and_hold_the_exporter(stacks: Stacks) -> None:
    outputs = {"Value": {"Value": "shared", "Export": {"Name": "test-export"}}}
    exporter = stacks.create({"Any": parameter("x")})
    exporter.update({"Any": parameter("x")}, Outputs=outputs)
    importer = stacks.create({"Copy": parameter({"Fn::ImportValue": "test-export"})})

    assert stored(stacks.aws, importer.id_of("Copy")) == "shared"
    assert stacks.api.list_imports(ExportName="test-export")["Imports"] == [importer.name]
    assert "test-export" in {each["Name"] for each in stacks.api.list_exports()["Exports"]}
    exporter.update({"Any": parameter("y")})
    assert exporter.status == "UPDATE_ROLLBACK_COMPLETE"
    exporter.delete()
    assert exporter.status == "DELETE_FAILED"
    importer.delete()
    exporter.delete()
    assert "test-export" not in {each["Name"] for each in stacks.api.list_exports()["Exports"]}


def test_a_second_stack_of_the_same_name_is_refused(stacks: Stacks) -> None:
    stack = stacks.create({"Any": parameter("x")})

    with pytest.raises(ClientError, match="already exists"):
        stacks.api.create_stack(StackName=stack.name, TemplateBody=template({"Any": parameter("x")}))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("not: [a template", "YAML not well-formed"),
        ("{", "JSON not well-formed"),
        (json.dumps({"Resources": {}}), "At least one Resources member"),
        (template({"A": parameter("x")}, Transform="AWS::Serverless-2016-10-31"), "transforms"),
        (template({"A": {"Properties": {}}}), "must contain a Type member"),
        (template({"A": parameter(ref("B")), "B": parameter(ref("A"))}), r"Circular dependency.*\[.*A.*\]"),
        (template({"A": parameter(ref("Absent"))}), r"Unresolved resource dependencies \[Absent\]"),
        (template({"A": {**parameter("x"), "DependsOn": "Absent"}}), r"dependencies \[Absent\]"),
        (template({"A": {**parameter("x"), "DeletionPolicy": "Snapshot"}}), "policy Snapshot of resource A"),
    ],
)
def test_a_faulty_template_is_refused_with_its_fault(stacks: Stacks, body: str, message: str) -> None:
    with pytest.raises(ClientError, match=message):
        stacks.api.create_stack(StackName="test-faulty", TemplateBody=body)
