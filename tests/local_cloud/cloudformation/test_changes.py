"""Changes of stacks of the local cloud: what is updated, replaced, restored, or refused."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.support.resource_cases_workloads import TABLE
from tests.local_cloud.support.stacks import Stacks, get, parameter, ref, resource, stored


def test_a_change_reaches_everything_that_depends_on_it(stacks: Stacks) -> None:
    copy = {"Copy": parameter(get("Source", "Value")), "Far": parameter({"Fn::Sub": "<${Copy.Value}>"})}
    stack = stacks.create({"Source": parameter("old"), **copy})
    before = stack.id_of("Far")

    stack.update({"Source": parameter("new"), **copy}, {"Far": get("Far", "Value")})

    assert stack.status == "UPDATE_COMPLETE"
    assert stack.id_of("Far") == before
    assert stored(stacks.aws, before) == "<new>"
    assert stack.outputs == {"Far": "<new>"}


def test_an_update_leaves_alone_what_has_not_changed(stacks: Stacks) -> None:
    stack = stacks.create({"Same": parameter("x"), "Other": parameter("old")})
    seen = len(stack.events)

    stack.update({"Same": parameter("x"), "Other": parameter("new"), "Added": parameter("z")})

    touched = {name for name, _, _ in stack.events[seen:]}
    assert touched == {"Other", "Added", stack.name}


def test_what_is_no_longer_declared_is_deleted_after_an_update(stacks: Stacks) -> None:
    stack = stacks.create({"Stays": parameter("x"), "Goes": parameter("x", Name="/no/longer/declared")})

    stack.update({"Stays": parameter("x")})

    assert stored(stacks.aws, "/no/longer/declared") is None
    assert [each[0] for each in stack.events if each[1] == "DELETE_COMPLETE"] == ["Goes"]


def test_a_replaced_resource_is_created_anew_before_the_old_one_goes(stacks: Stacks) -> None:
    copy = parameter(ref("Renamed"))
    stack = stacks.create({"Renamed": parameter("x", Name="/replaced/old"), "Copy": copy})

    stack.update({"Renamed": parameter("x", Name="/replaced/new"), "Copy": copy})

    assert stored(stacks.aws, "/replaced/old") is None
    assert stored(stacks.aws, "/replaced/new") == "x"
    assert stored(stacks.aws, stack.id_of("Copy")) == "/replaced/new"
    order = [each[:2] for each in stack.events]
    assert order.index(("Copy", "UPDATE_COMPLETE")) < order.index(("Renamed", "DELETE_COMPLETE"))


def test_a_failed_update_restores_what_was(stacks: Stacks) -> None:
    broken = resource(
        "AWS::S3::BucketPolicy", Bucket="no-such-bucket-at-all", PolicyDocument={"Statement": []}
    )
    first = {"Changed": parameter("old"), "Renamed": parameter("x", Name="/restored/old")}
    stack = stacks.create(first, {"Value": get("Changed", "Value")})
    changed = {
        "Changed": parameter("new"),
        "Renamed": parameter("x", Name="/restored/new"),
        "Added": parameter("a"),
    }

    stack.update(
        {**changed, "Policy": {**broken, "DependsOn": list(changed)}}, {"Value": get("Changed", "Value")}
    )

    assert stack.status == "UPDATE_ROLLBACK_COMPLETE"
    assert stored(stacks.aws, stack.id_of("Changed")) == "old"
    assert stack.id_of("Renamed") == "/restored/old"
    assert stored(stacks.aws, "/restored/new") is None
    assert stack.outputs == {"Value": "old"}
    stack.update({**first, "Changed": parameter("newer")})
    assert stack.status == "UPDATE_COMPLETE"


def test_what_a_failed_update_made_and_cannot_delete_is_left_and_named(stacks: Stacks) -> None:
    """As the status says on AWS: an "ongoing removal of new resources" follows what is rolled back."""
    protected = [{"Region": "eu-west-1", "DeletionProtectionEnabled": True}]
    table = resource("AWS::DynamoDB::GlobalTable", **TABLE, Replicas=protected)
    broken = resource("AWS::SNS::Subscription", Protocol="sqs", TopicArn="arn:aws:sns:eu-west-1:1:absent")
    stack = stacks.create({"Kept": parameter("old")})

    stack.update({"Kept": parameter("new"), "Table": table, "Late": {**broken, "DependsOn": "Table"}})

    assert stack.status == "UPDATE_ROLLBACK_COMPLETE"
    order = [each[:2] for each in stack.events]
    removal = order.index((stack.name, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"))
    assert order.index(("Kept", "UPDATE_COMPLETE"), order.index(("Table", "CREATE_COMPLETE"))) < removal
    assert ("Table", "DELETE_FAILED") in order[removal:]
    [left] = {
        each["PhysicalResourceId"]
        for each in stacks.api.describe_stack_events(StackName=stack.name)["StackEvents"]
        if each["LogicalResourceId"] == "Table" and each["PhysicalResourceId"]
    }
    stack.update({"Kept": parameter("newer")})
    assert stack.status == "UPDATE_COMPLETE"
    dynamodb = stacks.aws.client("dynamodb")
    dynamodb.update_table(TableName=left, DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName=left)


PROGRAM = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
NAMED = {
    "moved-machine": resource(
        "AWS::StepFunctions::StateMachine",
        StateMachineName="moved-machine",
        RoleArn="arn:aws:iam::123456789012:role/any",
        DefinitionString=PROGRAM,
    ),
    "moved.example.com": resource("AWS::SES::EmailIdentity", EmailIdentity="moved.example.com"),
}


@pytest.mark.parametrize("name", NAMED)
def test_a_name_that_moves_to_another_resource_is_refused_and_what_has_it_stays(
    stacks: Stacks, name: str
) -> None:
    stack = stacks.create({"First": NAMED[name]})
    assert stack.status == "CREATE_COMPLETE"

    stack.update({"Second": NAMED[name]})

    assert stack.status == "UPDATE_ROLLBACK_COMPLETE"
    assert "already exist" in stack.reason("Second").lower()
    assert name in stack.id_of("First")
    second = stacks.create({"Other": NAMED[name]})
    assert second.status == "ROLLBACK_COMPLETE"
    pages = stacks.aws.client("stepfunctions").get_paginator("list_state_machines").paginate()
    machines = [machine for page in pages for machine in page["stateMachines"]]
    identities = stacks.aws.client("sesv2").list_email_identities()["EmailIdentities"]
    assert name in [each["name"] for each in machines] + [each["IdentityName"] for each in identities]


def test_an_update_without_changes_says_so(stacks: Stacks) -> None:
    stack = stacks.create({"Same": parameter("x")})

    with pytest.raises(ClientError, match=r"No updates are to be performed\."):
        stack.update({"Same": parameter("x")})


def test_a_stack_that_was_rolled_back_cannot_be_updated(stacks: Stacks) -> None:
    stack = stacks.create({"Bucket": resource("AWS::S3::Bucket", ObjectLockEnabled=True)})

    with pytest.raises(ClientError, match="ROLLBACK_COMPLETE state and can not be updated"):
        stack.update({"Other": parameter("x")})
