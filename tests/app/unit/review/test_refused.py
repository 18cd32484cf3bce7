"""What loses a right that it needs is refused from now on; what loses it together with its need is not."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from review.reading.assemblies import Stack
from tests.support.reviewing import reports, said

Resources = dict[str, Any]
REGION, ACCOUNT = "eu-west-1", "1" * 12


def thing(kind: str, **properties: Any) -> Resources:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def role(service: str, *managed: str) -> Resources:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    return thing("IAM::Role", AssumeRolePolicyDocument={"Statement": statement}, ManagedPolicyArns=[*managed])


def grant(to: str, action: str, on: Any) -> Resources:
    statement = {"Effect": "Allow", "Action": action, "Resource": on}
    return thing("IAM::Policy", Roles=[{"Ref": to}], PolicyDocument={"Statement": [statement]})


def arn(of: str) -> Resources:
    return {"Fn::GetAtt": [of, "Arn"]}


def workflow(*calls: str) -> Resources:
    states: Resources = {
        call: {"Type": "Task", "Resource": f"arn:aws:states:::{call}", "Next": "End"} for call in calls
    }
    states["End"] = {"Type": "Succeed"}
    definition = json.dumps({"StartAt": next(iter(states)), "States": states})
    return thing("StepFunctions::StateMachine", DefinitionString=definition, RoleArn=arn("Doing"))


WORKFLOW = {
    "Doing": role("states.amazonaws.com"),
    "Topic": thing("SNS::Topic"),
    "Telling": grant("Doing", "sns:Publish", {"Ref": "Topic"}),
    "Flow": workflow("sns:publish", "lambda:invoke"),
}
SCHEDULE = {
    "Starting": role("scheduler.amazonaws.com"),
    "Start": grant("Starting", "states:StartExecution", {"Ref": "Flow"}),
    "Nightly": thing(
        "Scheduler::Schedule",
        ScheduleExpression="rate(1 day)",
        Target={"Arn": {"Ref": "Flow"}, "RoleArn": arn("Starting")},
    ),
}
ALL = {**WORKFLOW, **SCHEDULE}
PEOPLE = thing("IAM::Role", AssumeRolePolicyDocument={"Statement": []})
LOGGING = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


def without(*names: str, **others: Resources) -> Resources:
    return {name: one for name, one in {**ALL, **others}.items() if name not in names}


NEEDED: Mapping[str, tuple[Resources, Resources]] = {
    "a schedule that starts": (ALL, without("Start")),
    "a workflow that tells": (ALL, without("Telling")),
    "a changed workflow that tells": (ALL, without("Telling", Flow=workflow("sns:publish"))),
    "a function that logs": (
        {"Doing": role("lambda.amazonaws.com", LOGGING), "Topic": thing("SNS::Topic")},
        {"Doing": role("lambda.amazonaws.com"), "Topic": thing("SNS::Topic")},
    ),
}
NOT_NEEDED: Mapping[str, tuple[Resources, Resources]] = {
    "gone with who has it": (ALL, without("Start", "Nightly")),
    "gone with what it is about": (ALL, without("Telling", "Topic")),
    "gone with the step that asked": (ALL, without("Telling", Flow=workflow("lambda:invoke"))),
    "of a role that people take on": (
        {**ALL, "Doing": PEOPLE},
        {**without("Telling"), "Doing": PEOPLE},
    ),
}


def estate(resources: Resources) -> dict[str, Stack]:
    name = f"Shop-{REGION}-Training"
    return {name: Stack(name, f"Shop-{REGION}/Training", ACCOUNT, REGION, {"Resources": resources})}


@pytest.fixture(scope="module")
def told() -> Mapping[str, Mapping[str, list[str]]]:
    """What is said, by rule, of each case."""
    cases = {
        name: (estate(before), estate(after)) for name, (before, after) in {**NEEDED, **NOT_NEEDED}.items()
    }
    return {name: said(report) for name, report in reports(cases).items()}


@pytest.mark.parametrize("case", NEEDED)
def test_who_needs_it_is_refused(case: str, told: Mapping[str, Mapping[str, list[str]]]) -> None:
    assert "ACCESS-021" in told[case] and "ACCESS-003" not in told[case]


@pytest.mark.parametrize("case", NOT_NEEDED)
def test_nobody_is_refused_what_nobody_needs(case: str, told: Mapping[str, Mapping[str, list[str]]]) -> None:
    assert "ACCESS-003" in told[case] and "ACCESS-021" not in told[case]


def test_it_is_said_who_is_refused_what(told: Mapping[str, Mapping[str, list[str]]]) -> None:
    (text,) = told["a schedule that starts"]["ACCESS-021"]

    assert text == "Starting: refuses Nightly from now on states:StartExecution on <Flow>"
