"""Properties that a template gains and loses: without one, a resource is as if it had never had it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cfnlint
import pytest

from local_cloud.cloudformation.registry import TYPES
from tests.local_cloud.support import (
    property_cases_access,
    property_cases_compute,
    property_cases_messages,
    property_cases_stores,
)
from tests.local_cloud.support.property_case import PropertyCase
from tests.local_cloud.support.resource_case import ALLOW
from tests.local_cloud.support.stacks import Stack, Stacks, ref, resource

CASES = [
    *property_cases_access.CASES,
    *property_cases_compute.CASES,
    *property_cases_messages.CASES,
    *property_cases_stores.CASES,
]
# As much as nothing, said in other words.
EMPTY: tuple[Any, ...] = (None, "", {}, [], "{}")
BROKEN = resource("AWS::SNS::Subscription", Protocol="sqs", TopicArn="arn:aws:sns:eu-west-1:1:absent")


def ids(case: PropertyCase) -> str:
    return f"{case.kind}, {next(iter(case.more))}"


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_a_property_that_is_taken_away_or_rolled_back_is_as_it_never_was(
    stacks: Stacks, case: PropertyCase
) -> None:
    client = stacks.aws.client(case.service)
    least = {"Tested": resource(case.kind, **case.least), **case.others}
    full = least | {"Tested": resource(case.kind, **case.least, **case.more)}

    stack = stacks.create(least)
    assert stack.status == "CREATE_COMPLETE", failures(stack)

    def seen() -> dict[str, Any]:
        look: Mapping[str, Any] = case.look(client, stack.id_of("Tested"))
        return {name: None if look.get(name) in EMPTY else look[name] for name in case.more}

    never = seen()
    documented = {name: None if value in EMPTY else value for name, value in case.documented.items()}
    assert {name: never[name] for name in documented} == documented

    stack.update(full)
    assert stack.status == "UPDATE_COMPLETE", failures(stack)
    assert {name for name, value in seen().items() if value == never[name]} == set()

    stack.update(least)
    assert stack.status == "UPDATE_COMPLETE", failures(stack)
    assert seen() == never

    stack.update(full | {"Broken": {**BROKEN, "DependsOn": "Tested"}})
    assert stack.status == "UPDATE_ROLLBACK_COMPLETE", failures(stack)
    assert seen() == never


@pytest.mark.parametrize(
    ("kind", "properties", "problem"),
    [
        ("AWS::SQS::Queue", {"QueueName": "orders", "FifoQueue": True}, "must end with .fifo"),
        ("AWS::SQS::Queue", {"QueueName": "orders.fifo"}, "without FifoQueue cannot end with .fifo"),
        ("AWS::SQS::Queue", {"QueueName": "orders.fifo", "FifoQueue": "false"}, "cannot end with .fifo"),
        ("AWS::SNS::Topic", {"TopicName": "orders", "FifoTopic": "true"}, "must end with .fifo"),
        ("AWS::SNS::Topic", {"TopicName": "orders.fifo"}, "without FifoTopic cannot end with .fifo"),
    ],
)
def test_a_name_tells_whether_order_is_kept(
    stacks: Stacks, kind: str, properties: dict[str, Any], problem: str
) -> None:
    stack = stacks.create({"Tested": resource(kind, **properties)})

    assert stack.status == "ROLLBACK_COMPLETE"
    assert problem in stack.reason("Tested")


def test_a_queue_keeps_its_policy_when_something_else_of_it_changes(stacks: Stacks) -> None:
    policy = resource("AWS::SQS::QueuePolicy", Queues=[ref("Queue")], PolicyDocument=ALLOW)
    stack = stacks.create({"Queue": resource("AWS::SQS::Queue"), "Policy": policy})

    stack.update({"Queue": resource("AWS::SQS::Queue", VisibilityTimeout=40), "Policy": policy})

    attributes = stacks.aws.client("sqs").get_queue_attributes(
        QueueUrl=stack.id_of("Queue"), AttributeNames=["All"]
    )["Attributes"]
    assert (attributes["VisibilityTimeout"], json.loads(attributes["Policy"])) == ("40", ALLOW)


def failures(stack: Stack) -> list[tuple[str, str, str]]:
    return [event for event in stack.events if "FAILED" in event[1]]


# No look shows these, because moto does not keep them or does not tell; what they are without is in the code.
UNSEEN = {
    "AWS::CDK::Metadata": "Analytics",
    "AWS::DynamoDB::GlobalTable": "SSESpecification",
    "AWS::DynamoDB::Table": "SSESpecification TableClass",
    "AWS::ECR::Repository": "EmptyOnDelete",
    "AWS::KMS::Key": "PendingWindowInDays RotationPeriodInDays",
    "AWS::Lambda::EventSourceMapping": "MetricsConfig",
    "AWS::Lambda::Function": "Architectures KmsKeyArn",
    "AWS::Logs::MetricFilter": "ApplyOnTransformedLogs",
    "AWS::SecretsManager::Secret": "Description",
    "AWS::SNS::Subscription": "DeliveryPolicy ReplayPolicy SubscriptionRoleArn",
    "AWS::SNS::Topic": "ArchivePolicy SignatureVersion TracingConfig",
    "AWS::SSM::Parameter": "DataType Policies Tier",
}
# Taken away in tests of their own: test_resource_types.py, test_personalize_types.py, regions/.
ELSEWHERE = {
    "AWS::Lambda::Function": "Layers VpcConfig",
    "AWS::S3::Bucket": "NotificationConfiguration ReplicationConfiguration VersioningConfiguration",
    "AWS::SecretsManager::Secret": "ReplicaRegions",
    "AWS::Personalize::EventTracker": "Tags",
    "AWS::Personalize::Filter": "Tags",
}
# Tried nowhere: a campaign needs a trained solution version, which no template makes.
UNTRIED = {"AWS::Personalize::Campaign": "CampaignConfig MinProvisionedTPS Tags"}
# Not optional in truth, or refused by name when it changes.
NEEDED = {
    "AWS::ApiGatewayV2::Api": "Name RouteSelectionExpression",
    "AWS::ApiGatewayV2::Authorizer": "IdentitySource JwtConfiguration",
    "AWS::ApiGatewayV2::Integration": "ConnectionType IntegrationMethod IntegrationUri PayloadFormatVersion",
    "AWS::ApiGatewayV2::Stage": "Tags",
    "AWS::CloudFormation::CustomResource": "ServiceTimeout ServiceToken",
    "AWS::CloudWatch::Alarm": "ComparisonOperator Dimensions EvaluateLowSampleCountPercentile "
    "EvaluationPeriods ExtendedStatistic MetricName Metrics Namespace Period Statistic Threshold "
    "ThresholdMetricId",
    "AWS::CloudWatch::CompositeAlarm": "ActionsSuppressor ActionsSuppressorExtensionPeriod "
    "ActionsSuppressorWaitPeriod",
    "AWS::DynamoDB::GlobalTable": "AttributeDefinitions BillingMode GlobalSecondaryIndexes",
    "AWS::DynamoDB::Table": "AttributeDefinitions BillingMode GlobalSecondaryIndexes ProvisionedThroughput",
    "AWS::IAM::ManagedPolicy": "Groups Users",
    "AWS::IAM::Policy": "Groups Roles Users",
    "AWS::Lambda::Function": "Handler Runtime",
    "AWS::Logs::LogGroup": "KmsKeyId LogGroupClass",
    "AWS::SecretsManager::Secret": "GenerateSecretString SecretString",
    "AWS::SES::Template": "Template",
    "AWS::StepFunctions::StateMachine": "Definition DefinitionS3Location DefinitionString",
}


def updatable(kind: str) -> set[str]:
    """What may come and go, after the schema of the type's provider."""
    data = Path(cfnlint.__file__).parent / "data" / "schemas"
    file = json.loads((data / "providers" / "eu-west-1.json").read_text())[kind]
    schema = json.loads((data / "resources" / f"{file}.json").read_text())
    fixed = {path.split("/")[2] for path in schema.get("createOnlyProperties", [])}
    return set(TYPES[kind].properties) - fixed - set(schema.get("required", []))


@pytest.mark.parametrize("kind", sorted(name for name, row in TYPES.items() if row.update))
def test_every_property_that_can_come_and_go_does_in_a_test_or_has_a_reason(kind: str) -> None:
    tried = {name for case in CASES if case.kind == kind for name in case.more}
    excused = {name for table in (UNSEEN, ELSEWHERE, UNTRIED, NEEDED) for name in table.get(kind, "").split()}

    assert updatable(kind) - tried - excused == set()
    assert tried & excused == set()
