"""What the judge knows of operations' rights, held against the authorisation reference and templates."""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import boto3
import pytest

from local_cloud.judge import reasons
from local_cloud.judge.actions.need import Need, arn
from local_cloud.judge.actions.requests import Asked
from local_cloud.judge.actions.services import SERVICES, needs_of
from rights.patterns import matches
from rights.statements import statements_of
from tests.support.authorisation_reference import actions_of, is_of, types_of

ACCOUNT, REGION = "123456789012", "eu-west-1"
SNAPSHOTS = Path(__file__).parents[1] / "app" / "synth" / "snapshots"
OPERATIONS = sorted((service, name) for service, table in SERVICES.items() for name in table)
# What the reference does not say of resources, and who does.
BEYOND = {
    # "SNS names the application when it denies these"; the reference has no resource for them.
    *("sns:CreatePlatformEndpoint", "sns:SetEndpointAttributes"),
    *("sns:DeleteEndpoint", "sns:GetEndpointAttributes"),
    # https://docs.aws.amazon.com/personalize/latest/dg/filter-real-time.html: a filter needs the right, too.
    *("personalize:GetRecommendations", "personalize:GetPersonalizedRanking"),
    "personalize:CreateBatchInferenceJob",
    # A queue is named by its name where it is looked for.
    "sqs:GetQueueUrl",
}  # fmt: skip


def personalize(name: str) -> str:
    return f"arn:aws:personalize:{REGION}:{ACCOUNT}:{name}"


MEMBERS: dict[str, Any] = {
    "Bucket": "data", "Key": "a/b", "CopySource": "data/a", "VersionId": "1",
    "Delete": {"Objects": [{"Key": "a"}, {"Key": "a", "VersionId": "1"}]},
    "QueueUrl": f"http://localhost/{ACCOUNT}/queue", "QueueName": "queue",
    "TopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:topic",
    "PlatformApplicationArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:app/GCM/a",
    "EndpointArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:endpoint/GCM/a/b",
    "FromEmailAddress": "A <a@example.com>", "ConfigurationSetName": "set",
    "Content": {"Template": {"TemplateName": "template"}},
    "TableName": "table", "Item": {"pk": {"S": "a"}},
    "RequestItems": {"table": []}, "TransactItems": [],
    "FunctionName": "function", "SecretId": "secret", "Name": "/a/b", "KeyId": "key",
    "logGroupName": "group", "logStreamName": "stream",
    "stateMachineArn": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:m",
    "executionArn": f"arn:aws:states:{REGION}:{ACCOUNT}:execution:m:e",
    "Entries": [{}], "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/r", "roleArn": f"arn:aws:iam::{ACCOUNT}:role/r",
    "jobName": "job", "name": "name",
    "datasetArn": personalize("dataset/g/USERS"), "datasetImportJobArn": personalize("dataset-import-job/j"),
    "solutionArn": personalize("solution/s"), "solutionVersionArn": personalize("solution/s/1"),
    "batchInferenceJobArn": personalize("batch-inference-job/j"), "campaignArn": personalize("campaign/c"),
    "filterArn": personalize("filter/f"),
}  # fmt: skip
# What an item's and a batch's members have inside differs.
_TRANSACTED = {"Put": "Item", "Update": "Key", "Delete": "Key", "ConditionCheck": "Key"}
PER_OPERATION: dict[str, dict[str, Any]] = {
    **{name: {"Key": {"pk": {"S": "a"}}} for name in ("GetItem", "UpdateItem", "DeleteItem")},
    "BatchGetItem": {"RequestItems": {"table": {"Keys": [{"pk": {"S": "a"}}]}}},
    "BatchWriteItem": {"RequestItems": {"table": [{"PutRequest": {"Item": {"pk": {"S": "a"}}}}]}},
    "TransactGetItems": {"TransactItems": [{"Get": {"TableName": "table", "Key": {"pk": {"S": "a"}}}}]},
    "TransactWriteItems": {
        "TransactItems": [
            {kind: {"TableName": "table", member: {"pk": {"S": "a"}}}}
            for kind, member in _TRANSACTED.items()
        ]
    },
}  # fmt: skip


def example(service: str, operation: str) -> Asked:
    """A call with every member that the service model has for it."""
    model = boto3.client(service, region_name=REGION).meta.service_model.operation_model(operation)
    shape = model.input_shape
    members = {name: MEMBERS[name] for name in (shape.members if shape else ()) if name in MEMBERS}
    members |= PER_OPERATION.get(operation, {}) if service == "dynamodb" else {}
    if service == "scheduler":
        members |= {"Name": "posts", "Target": {"RoleArn": MEMBERS["RoleArn"]}}
    return Asked(
        service=service, operation=operation, region=REGION, account=ACCOUNT, members=members, headers={}
    )


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
def test_an_operation_needs_actions_that_exist_on_resources_that_they_take(
    service: str, operation: str
) -> None:
    for need in needs_of(example(service, operation)):
        prefix, _, action = need.action.partition(":")
        assert action in actions_of(prefix), f"the reference has no {need.action}"
        types = types_of(need.action)
        if need.resource == "*":
            assert not any(types.values()), f"{need.action} takes a resource: {types}"
        elif need.action not in BEYOND:
            assert any(is_of(each, need.action, need.resource) for each in types), need


def granted() -> Iterator[str]:
    """Actions of all roles' own policies, in all stages."""

    def found(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            if isinstance(value.get("PolicyDocument"), dict) and "Roles" in value:
                listed = [each["Action"] for each in value["PolicyDocument"]["Statement"]]
                named = (one for each in listed for one in ([each] if isinstance(each, str) else each))
                yield from (one for one in named if ":" in one)
            for inner in value.values():
                yield from found(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from found(inner)

    for path in sorted(SNAPSHOTS.glob("*/*.json")):
        yield from found(json.loads(path.read_text()))


def test_every_action_that_a_template_grants_is_needed_by_a_call_or_has_a_reason() -> None:
    needed = {
        need.action for service, operation in OPERATIONS for need in needs_of(example(service, operation))
    }
    # The keys of buckets and topics come in where there are such buckets and topics.
    needed |= {"kms:Decrypt", "kms:GenerateDataKey"}
    actions = set(granted())

    def explained(action: str) -> bool:
        [statement] = statements_of({"Statement": {"Effect": "Allow", "Action": action}}, "own")
        known = any(fnmatchcase(each.lower(), action.lower()) for each in needed)
        acting = ("personalize.amazonaws.com",)
        return known or (reasons.why(statement) or reasons.why(statement, acting)) is not None

    assert {"dynamodb:BatchWriteItem", "kms:Decrypt", "s3:PutObject", "states:StartExecution"} <= actions
    assert not sorted(action for action in actions if not explained(action))


def test_no_reason_is_left_of_an_action_that_no_template_grants() -> None:
    actions = set(granted())

    for pattern in reasons.ACTIONS:
        assert any(matches(pattern, action, {}, any_case=True) for action in actions), pattern


def test_a_resource_is_in_the_caller_s_region_and_account() -> None:
    asked = example("sqs", "SendMessage")

    assert needs_of(asked) == [Need(action="sqs:SendMessage", resource=arn(asked, "sqs", "queue"))]
