"""What means the same is quiet however it is written; what means something else is said, however small."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from review.reading.assemblies import Stack
from review.reading.templates import Template
from tests.support.reviewing import reports, said

OWN, OTHER = "1" * 12, "9" * 12
REGION = "eu-west-1"
NAME = f"Shop-{REGION}-Data"


def thing(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def document(**statement: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}


def role(**statement: Any) -> dict[str, Any]:
    return thing("IAM::Role", AssumeRolePolicyDocument=document(Action="sts:AssumeRole", **statement))


def policy(resource: Any) -> dict[str, Any]:
    asked = document(Action="s3:GetObject", Resource=resource)
    return thing("IAM::Policy", Roles=[{"Ref": "Role"}], PolicyDocument=asked)


def key(principal: str) -> dict[str, Any]:
    return thing("KMS::Key", KeyPolicy=document(Action="kms:*", Resource="*", Principal={"AWS": principal}))


def queue_policy(principal: str) -> dict[str, Any]:
    letting = document(Action="sqs:*", Resource=f"arn:aws:sqs:{REGION}:{OWN}:q", Principal={"AWS": principal})
    return thing("SQS::QueuePolicy", Queues=[{"Ref": "Queue"}], PolicyDocument=letting)


def machine(**output: Any) -> dict[str, Any]:
    states = {"One": {"Type": "Pass", "Output": output, "End": True}}
    return thing(
        "StepFunctions::StateMachine", DefinitionString=json.dumps({"StartAt": "One", "States": states})
    )


def rule(*words: str) -> dict[str, Any]:
    return thing("Events::Rule", EventPattern={"detail": {"status": list(words)}})


def schedule(**properties: Any) -> dict[str, Any]:
    return thing("Scheduler::Schedule", ScheduleExpression="rate(1 day)", **properties)


def calling(call: str) -> dict[str, Any]:
    """Whatever the role of a schedule may do."""
    role_arn = {"Fn::GetAtt": ["Role", "Arn"]}
    return schedule(Target={"Arn": f"arn:aws:scheduler:::aws-sdk:{call}", "RoleArn": role_arn})


def function(bucket: str) -> dict[str, Any]:
    return thing("Lambda::Function", Code={"S3Bucket": bucket, "S3Key": "a.zip"})


def bucket(days: int, **more: Any) -> dict[str, Any]:
    rules = [{"Prefix": "a/", "Status": "Enabled", "ExpirationInDays": days}]
    rules += [{"Prefix": "a/", "Status": "Enabled", **more}] if more else []
    return thing("S3::Bucket", LifecycleConfiguration={"Rules": rules})


def with_(resource: Template, **properties: Any) -> dict[str, Any]:
    return {**resource, "Properties": {**resource["Properties"], **properties}}


def logs(**statement: Any) -> dict[str, Any]:
    return thing("Logs::ResourcePolicy", PolicyName="a", PolicyDocument=json.dumps(document(**statement)))


LAMBDA = {"Service": "lambda.amazonaws.com"}
OWNER = {"Service": "delivery.logs.amazonaws.com"}
ROLE = role(Principal=LAMBDA)
JOINED = {"Fn::Join": ["", [{"Fn::GetAtt": ["Bucket", "Arn"]}, "/", {"Ref": "AWS::Region"}, "/${a}*"]]}
ALARM = thing("CloudWatch::Alarm", AlarmDescription="late", Threshold=1)
API = thing("ApiGatewayV2::Api", Name="a")
CONDITION = {"Condition": {"StringEquals": {"sts:ExternalId": OWN}}}
LONG = "x" * 200
WEIGHTS = [{"name": "like", "weight": 1}, {"name": "view", "weight": 0.3}]
SAME: dict[str, tuple[Template, Template]] = {
    "substituted": (
        {"Role": ROLE, "Policy": policy(JOINED)},
        {"Role": ROLE, "Policy": policy({"Fn::Sub": "${Bucket.Arn}/${AWS::Region}/${!a}*"})},
    ),
    "substituted by name": (
        {"Role": ROLE, "Policy": policy(JOINED)},
        {
            "Role": ROLE,
            "Policy": policy({"Fn::Sub": ["${It}/${AWS::Region}/${!a}*", {"It": JOINED["Fn::Join"][1][0]}]}),
        },
    ),
    "account by its number": ({"Key": key(f"arn:aws:iam::{OWN}:root")}, {"Key": key(OWN)}),
    "alternatives in another order": (
        {"Rule": rule("FAILED", "ABORTED")}, {"Rule": rule("ABORTED", "FAILED")}
    ),
    "default written out": ({"Schedule": schedule()}, {"Schedule": schedule(State="ENABLED")}),
    "another resource of an account": (
        {"Alarm": ALARM, "Api": with_(API, Description=f"arn:aws:sns:{REGION}:{OTHER}:t")},
        {"Alarm": ALARM, "Api": with_(API, Description=f"arn:aws:sns:{REGION}:{OTHER}:u")},
    ),
    "policy by default": ({"Api": API}, {"Api": {**API, "DeletionPolicy": "Delete"}}),
    "more spaces in a schedule": (
        {"Schedule": thing("Scheduler::Schedule", ScheduleExpression="cron(0 3 * * ? *)")},
        {"Schedule": thing("Scheduler::Schedule", ScheduleExpression="cron(0  3 * * ?  *)")},
    ),
    "weights in another order": (
        {"Settings": {"Type": "Custom::SolutionSettings", "Properties": {"EventTypes": WEIGHTS}}},
        {"Settings": {"Type": "Custom::SolutionSettings", "Properties": {"EventTypes": WEIGHTS[::-1]}}},
    ),
    "input in another order": (
        {"Schedule": schedule(Target={"Input": '{"a": 1, "b": 2}'})},
        {"Schedule": schedule(Target={"Input": '{"b":2,"a":1}'})},
    ),
}  # fmt: skip
OTHERWISE: dict[str, tuple[Template, Template, str]] = {
    "trusts a number": ({}, {"Role": role(Principal={"AWS": OTHER})}, "ACCESS-005"),
    "trusts a federation": ({}, {"Role": role(Principal={"Federated": "arn:aws:iam::1:saml"})}, "ACCESS-005"),
    "trusts all but one": ({}, {"Role": role(NotPrincipal={"AWS": OWN})}, "ACCESS-005"),
    "trusts, by an id of the account's number": (
        {}, {"Role": role(Principal={"AWS": f"arn:aws:iam::{OTHER}:root"}, **CONDITION)}, "ACCESS-005"
    ),
    "new and open": (
        {}, {"Queue": thing("SQS::Queue"), "Policy": queue_policy(f"arn:aws:iam::{OTHER}:root")}, "ACCESS-006"
    ),
    "layer for everybody": (
        {"Layer": thing("Lambda::LayerVersion", Content={})},
        {
            "Layer": thing("Lambda::LayerVersion", Content={}),
            "All": thing("Lambda::LayerVersionPermission", LayerVersionArn={"Ref": "Layer"}, Principal="*",
                         Action="lambda:GetLayerVersion"),
        },
        "ACCESS-006",
    ),
    "policy as text": (
        {"Logs": logs(Action="logs:PutLogEvents", Resource="*", Principal=OWNER)},
        {"Logs": logs(Action="logs:*", Resource="*", Principal="*")},
        "ACCESS-006",
    ),
    "role goes": ({"Role": ROLE, "Key": key(OWN)}, {"Key": key(OWN)}, "ACCESS-003"),
    "user comes": ({"Key": key(OWN)}, {"Key": key(OWN), "User": thing("IAM::User")}, "ACCESS-014"),
    "address goes": ({"Api": API}, {"Other": API}, "ACCESS-013"),
    "moved, and only sometimes there": (
        {"Alarm": ALARM}, {"Other": {**ALARM, "Condition": "Never"}}, "WATCH-001"
    ),
    "only sometimes there": ({"Api": API}, {"Api": {**API, "Condition": "Never"}}, "ACCESS-013"),
    "only sometimes watched": ({"Alarm": ALARM}, {"Alarm": {**ALARM, "Condition": "Never"}}, "WATCH-001"),
    "only sometimes kept": (
        {"Queue": thing("SQS::Queue")}, {"Queue": {**thing("SQS::Queue"), "Condition": "Never"}}, "DATA-001"
    ),
    "expires on a day": (
        {"Bucket": bucket(14)}, {"Bucket": bucket(14, ExpirationDate="2030-01-01")}, "DATA-009"
    ),
    "expires by a second rule": (
        {"Bucket": bucket(14)}, {"Bucket": bucket(14, ExpirationInDays=1)}, "DATA-009"
    ),
    "key of another kind": ({"Key": key(OWN)}, {"Key": with_(key(OWN), MultiRegion=True)}, "DATA-012"),
    "code of elsewhere": ({"Function": function("a")}, {"Function": function("b")}, "FLOW-012"),
    "rotation off, as text": (
        {"Key": thing("KMS::Key", EnableKeyRotation=True)},
        {"Key": thing("KMS::Key", EnableKeyRotation="false")},
        "DATA-010",
    ),
    "rotated later": (
        {"Key": thing("KMS::Key", EnableKeyRotation=True)},
        {"Key": thing("KMS::Key", EnableKeyRotation=True, RotationPeriodInDays=2560)},
        "DATA-010",
    ),
    "failures elsewhere": (
        {"Schedule": schedule(Target={"DeadLetterConfig": {"Arn": "a"}})},
        {"Schedule": schedule(Target={"DeadLetterConfig": {"Arn": "b"}})},
        "WATCH-010",
    ),
    "failed messages elsewhere": (
        {"Queue": thing("SQS::Queue", RedrivePolicy={"deadLetterTargetArn": "a", "maxReceiveCount": 3})},
        {"Queue": thing("SQS::Queue", RedrivePolicy={"deadLetterTargetArn": "b", "maxReceiveCount": 3})},
        "WATCH-010",
    ),
    "table of another type": (
        {"Table": {**thing("DynamoDB::GlobalTable", TableName="t"), "DeletionPolicy": "Retain"}},
        {"Table": thing("DynamoDB::Table", TableName="t")},
        "PLAN-003",
    ),
    "fewer writes at once": (
        {"Table": thing("DynamoDB::GlobalTable", TableName="t")},
        {
            "Table": thing("DynamoDB::GlobalTable", TableName="t",
                           WriteOnDemandThroughputSettings={"MaxWriteRequestUnits": 1})
        },
        "FLOW-015",
    ),
    "leads to another account": (
        {"Alarm": ALARM},
        {"Alarm": with_(ALARM, AlarmActions=[f"arn:aws:sns:{REGION}:{OTHER}:t"])},
        "ACCESS-015",
    ),
    "deletes at night": (
        {"Role": ROLE},
        {"Role": ROLE, "Night": calling("s3:deleteBucketPolicy")},
        "FLOW-019",
    ),
    "trains at night": (
        {"Role": ROLE},
        {"Role": ROLE, "Night": calling("personalize:createSolutionVersion")},
        "FLOW-019",
    ),
    "output named as a transition": ({"Flow": machine(Next="a")}, {"Flow": machine(Next="b")}, "FLOW-008"),
    "output named as a comment": ({"Flow": machine(Comment="a")}, {"Flow": machine(Comment="b")}, "FLOW-008"),
    "the end of a long text": ({"Flow": machine(a=f"{LONG}1")}, {"Flow": machine(a=f"{LONG}2")}, "FLOW-008"),
}  # fmt: skip


def stack(resources: Mapping[str, Any]) -> dict[str, Stack]:
    template = {"Resources": dict(resources)}
    found = Stack(name=NAME, id=f"Shop-{REGION}/Data", account=OWN, region=REGION, template=template)
    return {NAME: found}


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, list[str]]]:
    """What is said, by rule, of each case."""
    estates = {name: (stack(before), stack(after)) for name, (before, after) in SAME.items()}
    estates |= {name: (stack(before), stack(after)) for name, (before, after, _) in OTHERWISE.items()}
    return {name: said(report) for name, report in reports(estates).items()}


@pytest.mark.parametrize("case", SAME)
def test_what_means_the_same_is_quiet(case: str, found: dict[str, dict[str, list[str]]]) -> None:
    assert found[case].keys() <= {"REST-002", "REST-008"}


@pytest.mark.parametrize("case", OTHERWISE)
def test_what_means_something_else_is_said(case: str, found: dict[str, dict[str, list[str]]]) -> None:
    assert OTHERWISE[case][2] in found[case]


def test_calls_of_schedules_are_named_with_their_role(found: dict[str, dict[str, list[str]]]) -> None:
    (deletes,), (trains,) = (found[case]["FLOW-019"] for case in ("deletes at night", "trains at night"))

    assert "calls s3:deleteBucketPolicy" in deletes and "as <Role.Arn>" in deletes
    assert "takes something away or opens it" in deletes and "takes something away" not in trains


def test_what_the_assembly_has_may_be_started_also_by_another_stack() -> None:
    own = stack({"Flow": machine()})
    exported = {"Out": {"Value": {"Ref": "Flow"}, "Export": {"Name": "flow"}}}
    (flow,) = (replace(one, template={**one.template, "Outputs": exported}) for one in own.values())
    other, role_arn = f"Shop-{REGION}-Canary", {"Fn::GetAtt": ["Role", "Arn"]}

    def starting(arn: Any) -> Stack:
        night = schedule(Target={"Arn": arn, "RoleArn": role_arn})
        return replace(flow, name=other, id=other, template={"Resources": {"Role": ROLE, "Night": night}})

    cases = {
        export: ({NAME: flow}, {NAME: flow, other: starting({"Fn::ImportValue": export})})
        for export in ("flow", "another")
    }
    told = {export: said(report) for export, report in reports(cases).items()}

    assert "FLOW-017" in told["flow"] and "FLOW-019" not in told["flow"]
    assert "FLOW-019" in told["another"]


def test_long_texts_are_shown_where_they_differ(found: dict[str, dict[str, list[str]]]) -> None:
    (text,) = found["the end of a long text"]["FLOW-008"]

    assert text.endswith("x1 → …" + "x" * 20 + "2")


def test_parts_of_a_template_are_shown_with_their_values() -> None:
    def sides(value: str) -> dict[str, Stack]:
        return {
            name: replace(one, template={**one.template, "Outputs": {"Out": {"Value": value}}})
            for name, one in stack({"Api": API}).items()
        }

    (report,) = reports({"": (sides("a"), sides("b"))}).values()

    assert said(report)["REST-006"] == ["Data: outputs of the template: Outputs.Out.Value: a → b"]


def test_of_long_members_of_lists_is_shown_what_differs() -> None:
    def alarm(period: int) -> dict[str, Any]:
        return thing("CloudWatch::Alarm", Metrics=[{"Id": "a", "Expression": LONG, "Period": period}])

    (report,) = reports({"": (stack({"Alarm": alarm(1)}), stack({"Alarm": alarm(2)}))}).values()

    assert said(report)["WATCH-005"] == ["Alarm: Metrics[a].Period: 1 → 2"]
