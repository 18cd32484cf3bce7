"""Custom resources: the function is called, its answer decides."""

import json
from typing import Any

import pytest

from tests.local_cloud.support.stacks import Stack, Stacks, function, get, parameter, ref, resource, role

# Answers as told by its properties, and writes down every request it gets.
CODE = """
import json, os, urllib.request
import boto3

def handler(event, context):
    properties = event["ResourceProperties"]
    sqs = boto3.client("sqs")
    sqs.send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(event))
    kind = event["RequestType"]
    if properties.get("Raise") == kind:
        raise RuntimeError("lost my way")
    if properties.get("Silent") == kind:
        return
    answer = {
        "Status": "FAILED" if properties.get("Fail") == kind else "SUCCESS",
        "Reason": "because I was told to",
        "PhysicalResourceId": properties.get("Id", "the-id"),
        "StackId": event["StackId"], "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "Data": {"Echo": properties.get("Echo", "nothing")},
    }
    body = json.dumps(answer).encode()
    headers = {"content-type": ""}
    request = urllib.request.Request(event["ResponseURL"], data=body, method="PUT", headers=headers)
    urllib.request.urlopen(request).read()
"""


def with_custom(kind: str = "Custom::Thing", **properties: Any) -> dict[str, Any]:
    return {
        "Queue": resource("AWS::SQS::Queue"),
        "Role": role(),
        "Function": function(CODE, Environment={"Variables": {"QUEUE": ref("Queue")}}),
        "Thing": resource(kind, ServiceToken=get("Function", "Arn"), **properties),
    }


def requests(stack: Stack, url: str) -> list[dict[str, Any]]:
    answer = stack.stacks.aws.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in answer.get("Messages", [])]


@pytest.mark.parametrize("kind", ["Custom::Thing", "AWS::CloudFormation::CustomResource"])
def test_a_custom_resource_gives_its_id_and_data(stacks: Stacks, kind: str) -> None:
    stack = stacks.create(
        {
            **with_custom(kind, Echo="hello", Number=3, Nested={"Flag": True}),
            "Copy": parameter(get("Thing", "Echo")),
        },
        {"Id": ref("Thing"), "Echo": get("Copy", "Value")},
    )

    assert stack.outputs == {"Id": "the-id", "Echo": "hello"}
    (request,) = requests(stack, stack.id_of("Queue"))
    assert request["RequestType"] == "Create"
    assert request["ResourceType"] == kind
    assert request["LogicalResourceId"] == "Thing"
    assert request["StackId"] == stack.described["StackId"]
    assert request["ResourceProperties"] == {
        "ServiceToken": request["ServiceToken"], "Echo": "hello", "Number": "3", "Nested": {"Flag": "true"},
    }  # fmt: skip


def test_it_is_told_of_updates_and_of_its_end(stacks: Stacks) -> None:
    stack = stacks.create(with_custom(Echo="old"))
    url = stack.id_of("Queue")

    stack.update(with_custom(Echo="new"), {"Echo": get("Thing", "Echo")})
    _, updated = requests(stack, url)

    assert stack.outputs == {"Echo": "new"}
    assert updated["RequestType"] == "Update"
    assert updated["PhysicalResourceId"] == "the-id"
    assert updated["OldResourceProperties"]["Echo"] == "old"
    stack.update({name: body for name, body in with_custom().items() if name != "Thing"})
    (deleted,) = requests(stack, url)[-1:]
    assert (deleted["RequestType"], deleted["PhysicalResourceId"]) == ("Delete", "the-id")


def test_an_update_that_answers_another_id_replaces_and_deletes_the_old_one(stacks: Stacks) -> None:
    stack = stacks.create(with_custom(Id="first"))
    url = stack.id_of("Queue")

    stack.update(with_custom(Id="second"), {"Id": ref("Thing")})

    assert stack.outputs == {"Id": "second"}
    _, updated, deleted = requests(stack, url)
    assert (updated["RequestType"], updated["PhysicalResourceId"]) == ("Update", "first")
    assert (deleted["RequestType"], deleted["PhysicalResourceId"]) == ("Delete", "first")


def test_its_function_still_exists_when_the_stack_is_deleted(stacks: Stacks) -> None:
    outside = stacks.create({"Queue": resource("AWS::SQS::Queue")})
    url = outside.id_of("Queue")
    body = with_custom()
    del body["Queue"]
    body["Function"]["Properties"]["Environment"]["Variables"]["QUEUE"] = url
    stack = stacks.create(body)

    stack.delete()

    assert [each["RequestType"] for each in requests(outside, url)] == ["Create", "Delete"]


def test_a_failure_fails_the_stack_with_its_reason(stacks: Stacks) -> None:
    stack = stacks.create(with_custom(Fail="Create"))

    assert stack.status == "ROLLBACK_COMPLETE"
    assert "[FAILED] from custom resource. Message returned: because I was told to" in stack.reason("Thing")


def test_a_failed_update_is_undone(stacks: Stacks) -> None:
    stack = stacks.create(with_custom(Echo="old"))

    stack.update(with_custom(Echo="new", Fail="Update"))

    assert stack.status == "UPDATE_ROLLBACK_COMPLETE"
    last = requests(stack, stack.id_of("Queue"))[-1]
    assert (last["RequestType"], last["ResourceProperties"]["Echo"]) == ("Update", "old")


def test_a_function_that_raises_fails_the_stack_with_its_error(stacks: Stacks) -> None:
    stack = stacks.create(with_custom(Raise="Create"))

    assert "RuntimeError: lost my way" in stack.reason("Thing")


def test_a_function_that_never_answers_fails_the_stack(stacks: Stacks) -> None:
    stack = stacks.create(with_custom(Silent="Create", ServiceTimeout=1))

    assert "did not receive a response" in stack.reason("Thing")


def test_a_failed_deletion_keeps_the_stack(stacks: Stacks) -> None:
    stack = stacks.create(with_custom(Fail="Delete"))

    stack.delete()

    assert stack.status == "DELETE_FAILED"
    assert stack.id_of("Function")
    stacks.api.delete_stack(StackName=stack.name, RetainResources=["Thing"])
    assert stack.name not in {each["StackName"] for each in stacks.api.describe_stacks()["Stacks"]}


def test_an_unknown_service_token_fails_by_name(stacks: Stacks) -> None:
    token = "arn:aws:lambda:eu-west-1:123456789012:function:nobody"

    stack = stacks.create({"Thing": resource("Custom::Thing", ServiceToken=token)})

    assert f"Function not found: {token}" in stack.reason("Thing")
