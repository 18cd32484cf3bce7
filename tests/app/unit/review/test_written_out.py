"""What a template may say or leave out is quiet either way; what is not so by default is said."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cfnlint
import pytest

from review.changes.written_out import DEFAULTS
from review.reading.assemblies import Stack
from review.reading.templates import Template
from tests.support.reviewing import reports, said

OWN, REGION = "1" * 12, "eu-west-1"
NAME = f"Shop-{REGION}-Data"
SCHEMAS = Path(cfnlint.__file__).parent / "data/schemas/resources"


def thing(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def variable(value: Any) -> dict[str, Any]:
    return thing("Lambda::Function", Environment={"Variables": {"WHERE": value}})


def rule(**target: Any) -> dict[str, Any]:
    return thing("Events::Rule", EventPattern={"source": ["a"]}, Targets=[{"Arn": "arn:a", **target}])


def bucket(**named: Any) -> dict[str, Any]:
    rules = [{"Status": "Enabled", "ExpirationInDays": 14, **named}]
    return thing("S3::Bucket", LifecycleConfiguration={"Rules": rules})


def allowing(**policy: Any) -> dict[str, Any]:
    return thing("SQS::Queue", RedriveAllowPolicy=policy)


def layer(**content: Any) -> dict[str, Any]:
    return thing("Lambda::LayerVersion", Content={"S3Bucket": "ours", "S3Key": "1.zip", **content})


def table(**replica: Any) -> dict[str, Any]:
    return thing("DynamoDB::GlobalTable", TableName="t", Replicas=[{"Region": REGION, **replica}])


def versions(**more: Any) -> dict[str, Any]:
    return bucket(NoncurrentVersionExpiration={"NoncurrentDays": 14, **more})


def told(protocol: str) -> dict[str, Any]:
    return thing("SNS::Subscription", Protocol=protocol, Endpoint="e", TopicArn="arn:t")


BOTH = {"redrivePermission": "byQueue", "sourceQueueArns": ["arn:a", "arn:b"]}
QUEUE = thing("SQS::Queue")
SAME: dict[str, tuple[Template, Template]] = {
    "the region by its name": (variable(REGION), variable({"Ref": "AWS::Region"})),
    "the account within a text": (variable(f"a-{OWN}"), variable({"Fn::Sub": "a-${AWS::AccountId}"})),
    "the partition within a text": (
        variable("arn:aws:s3:::a"),
        variable({"Fn::Join": [":", ["arn", {"Ref": "AWS::Partition"}, "s3:::a"]]}),
    ),
    "no value": (thing("Lambda::Function"), thing("Lambda::Function", Layers={"Ref": "AWS::NoValue"})),
    "targets by other ids": (rule(Id="a"), rule(Id="b")),
    "rules by other names": (bucket(Id="a"), bucket(Id="b")),
    **{
        f"{type_}.{name}": ({"Type": type_}, {"Type": type_, "Properties": {name: value}})
        for type_, usual in DEFAULTS.items()
        for name, value in usual.items()
    },
}  # fmt: skip
OTHERWISE: dict[str, tuple[Template | None, Template, str]] = {
    "another region": (variable(REGION), variable("eu-west-2"), "FLOW-012"),
    "queues of all": (allowing(**BOTH), allowing(redrivePermission="allowAll"), "ACCESS-006"),
    "queues of one more": (allowing(redrivePermission="denyAll"), allowing(**BOTH), "ACCESS-006"),
    "queues of one less": (
        allowing(**BOTH), allowing(redrivePermission="byQueue", sourceQueueArns=["arn:a"]), "WATCH-010"
    ),
    "queues of none": (QUEUE, allowing(redrivePermission="denyAll"), "WATCH-010"),
    "a layer from elsewhere": (layer(), layer(S3Bucket="theirs"), "FLOW-012"),
    "only a layer's code": (layer(), layer(S3Key="2.zip"), "FLOW-014"),
    "told by the web": (None, told("https"), "ACCESS-025"),
    "told by e-mail": (None, told("email"), "WATCH-011"),
    "changes of a table are passed on": (
        table(), table(KinesisStreamSpecification={"StreamArn": "arn:s"}), "ACCESS-025"
    ),
    "lines of a log are passed on": (
        None, thing("Logs::SubscriptionFilter", LogGroupName="l", DestinationArn="arn:d"), "ACCESS-025"
    ),
    "an address that asks": (None, thing("Lambda::Url", AuthType="AWS_IAM"), "ACCESS-019"),
    "a stack within": (None, thing("CloudFormation::Stack", TemplateURL="https://e.example/t"), "ACCESS-026"),
    "fewer old versions": (versions(NewerNoncurrentVersions=3), versions(), "DATA-009"),
    "more old versions": (versions(), versions(NewerNoncurrentVersions=1), "DATA-018"),
    "a mapping that is off": (
        thing("Lambda::EventSourceMapping"), thing("Lambda::EventSourceMapping", Enabled=False), "FLOW-011"
    ),
}  # fmt: skip


def stack(resource: Template | None) -> dict[str, Stack]:
    template = {"Resources": {"One": resource} if resource else {}}
    return {NAME: Stack(name=NAME, id=f"Shop-{REGION}/Data", account=OWN, region=REGION, template=template)}


@pytest.fixture(scope="module")
def found() -> Mapping[str, dict[str, list[str]]]:
    """What is said, by rule, of each case."""
    estates = {name: (stack(before), stack(after)) for name, (before, after) in SAME.items()}
    estates |= {name: (stack(before), stack(after)) for name, (before, after, _) in OTHERWISE.items()}
    return {name: said(report) for name, report in reports(estates).items()}


@pytest.mark.parametrize("case", SAME)
def test_what_is_so_anyway_is_quiet(case: str, found: Mapping[str, dict[str, list[str]]]) -> None:
    assert found[case].keys() <= {"REST-002", "REST-008"}


@pytest.mark.parametrize("case", OTHERWISE)
def test_what_is_not_so_anyway_is_said(case: str, found: Mapping[str, dict[str, list[str]]]) -> None:
    assert OTHERWISE[case][2] in found[case]


def test_defaults_are_values_that_the_schemas_of_resource_types_know() -> None:
    files = (json.loads(file.read_text(encoding="utf-8")) for file in SCHEMAS.glob("*.json"))
    schemas = {one["typeName"]: one["properties"] for one in files if one.get("typeName") in DEFAULTS}

    for type_, usual in DEFAULTS.items():
        for name, value in usual.items():
            known = schemas[type_][name]
            assert known.get("default", value) == value, f"{type_}.{name}"
            assert value in known.get("enum", [value]), f"{type_}.{name}"


def test_a_stack_that_moves_is_compared_with_its_references() -> None:
    before, after = stack(variable({"Ref": "AWS::Region"})), stack(variable({"Ref": "AWS::Region"}))
    moved = {NAME: Stack(**{**vars(after[NAME]), "region": "eu-west-2"})}

    (report,) = reports({"": (before, moved)}).values()

    assert said(report).keys() == {"PLAN-006"}
