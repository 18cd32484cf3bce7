"""Decisions that hold for every stack of every stage and region."""

import json
import re
from collections.abc import Callable
from typing import Any

NAMED_ON_PURPOSE = {
    # Other regions know the table by its name only.
    ("AWS::DynamoDB::GlobalTable", "TableName"),
    # The APIs of other regions send to it.
    ("AWS::SQS::Queue", "QueueName"),
    # People look for them by stage and use case.
    ("AWS::CloudWatch::Dashboard", "DashboardName"),
    ("AWS::StepFunctions::StateMachine", "StateMachineName"),
    # The API of other regions reads the secret's replica by its name.
    ("AWS::SecretsManager::Secret", "Name"),
    # A switch from region to region turns them on and off, from a stack of its own.
    ("AWS::Scheduler::Schedule", "Name"),
    # Functions of a stack that is deployed earlier look for it.
    ("AWS::SSM::Parameter", "Name"),
    # One line of the region's resource policy covers /aws/vendedlogs/; the name ends with the stack's id.
    ("AWS::Logs::LogGroup", "LogGroupName"),
    # Shown in the console; neither has to be unique.
    ("AWS::ApiGatewayV2::Api", "Name"),
    ("AWS::ApiGatewayV2::Authorizer", "Name"),
}
NAMED_BY_NEED = ("AWS::Personalize::", "AWS::IAM::Policy")
PHYSICAL_NAME = re.compile(
    r"(Alarm|Alias|Bucket|Dashboard|Function|Group|Layer|LogGroup|Queue|Role|Rule|Schedule|StateMachine|Table|"
    r"Topic)?Name"
)
NO_NAME_OF_ITSELF = {
    "BucketName": ("Custom::EmptyBucket",),
    "FunctionName": ("AWS::Lambda::EventSourceMapping", "AWS::Lambda::Permission"),
}
SECRET = re.compile(
    r"AKIA[0-9A-Z]{16}|(?i:password|secret_?key)\W{1,4}[A-Za-z0-9]|-----BEGIN|postgres(ql)?://"
)


def test_nothing_has_a_physical_name_that_could_do_without(
    resources: Callable[..., dict[str, Any]], stack_name: str
) -> None:
    named = {
        (resource["Type"], key)
        for resource in resources(stack_name).values()
        for key in resource.get("Properties", {})
        if PHYSICAL_NAME.fullmatch(key)
        and not resource["Type"].startswith(NAMED_BY_NEED)
        and resource["Type"] not in NO_NAME_OF_ITSELF.get(key, ())
    }

    assert named <= NAMED_ON_PURPOSE


def test_templates_hold_no_secrets(template: dict[str, Any]) -> None:
    assert not SECRET.search(json.dumps(template))


def test_outputs_say_what_they_are(template: dict[str, Any]) -> None:
    for name, output in template.get("Outputs", {}).items():
        assert "Export" in output or output.get("Description"), name


def test_stacks_say_what_they_are(template: dict[str, Any]) -> None:
    assert template["Description"].startswith("Recommendations, ")


def test_whatever_can_be_tagged_tells_stage_service_and_owner(
    resources: Callable[..., dict[str, Any]], stack_name: str
) -> None:
    for kind in ("AWS::S3::Bucket", "AWS::Lambda::Function", "AWS::IAM::Role", "AWS::KMS::Key"):
        for name, resource in resources(stack_name, kind).items():
            keys = [tag["Key"] for tag in resource["Properties"].get("Tags", [])]
            assert keys == ["owner", "service", "stage"], name


def test_templates_fit_into_cloudformation(template: dict[str, Any]) -> None:
    assert len(json.dumps(template)) < 1_000_000
    assert len(template["Resources"]) < 500


def test_no_template_reports_to_anybody(resources: Callable[..., dict[str, Any]], stack_name: str) -> None:
    assert not resources(stack_name, "AWS::CDK::Metadata")


def test_replicas_hold_nothing_that_trains_or_stores(templates: dict[str, dict[str, Any]]) -> None:
    replicas = [name for name in templates if name.startswith("Prod-eu-central-1-")]
    types = {resource["Type"] for name in replicas for resource in templates[name]["Resources"].values()}

    assert sorted(replicas) == [
        f"Prod-eu-central-1-{kind}" for kind in ("Canary", "Observability", "Serving")
    ]
    assert not [
        type_
        for type_ in types
        if type_.startswith(("AWS::Personalize", "AWS::StepFunctions", "AWS::S3", "AWS::DynamoDB"))
    ]


def test_no_function_of_the_cdk_itself_is_deployed(
    resources: Callable[..., dict[str, Any]], stack_name: str
) -> None:
    runtimes = {f["Properties"]["Runtime"] for f in resources(stack_name, "AWS::Lambda::Function").values()}

    assert runtimes <= {"python3.13"}
