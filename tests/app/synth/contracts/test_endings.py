"""What rules hand to the function that tells of endings is what it reads, and what it names exists."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from local_cloud.events.messages import message
from pipeline.endings import Ended
from tests.app.support.step_contracts import problems_of, request_of
from tests.app.support.template_reading import Template, flat, linked, resources_of

ROOT = Path(__file__).parents[4]
RUNBOOK, HANDLER = "docs/runbook.md", "steps.tell_ending.lambda_handler"
ARN = "arn:aws:states:eu-west-1:111111111111:execution:machine:name"
EVENT: dict[str, Any] = {
    "source": "aws.states",
    "detail-type": "Step Functions Execution Status Change",
    "time": "2019-02-26T19:42:21Z",
    "detail": {"executionArn": ARN, "status": "FAILED", "startDate": 1551225146847, "error": None},
}


def sections() -> set[str]:
    """Addresses of the runbook's headings, as GitHub makes them."""
    headings = re.findall(r"^##+ (.+)$", (ROOT / RUNBOOK).read_text(encoding="utf-8"), re.MULTILINE)
    return {
        f"{RUNBOOK}#{re.sub(r'[^a-z0-9 -]', '', heading.lower()).replace(' ', '-')}" for heading in headings
    }


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(("templates",), id="one-region"),
        pytest.param(("templates", "stacks", "ramped"), id="all", marks=pytest.mark.prove),
    ],
)
def everything(request: pytest.FixtureRequest) -> dict[str, Template]:
    """Of stages in one region; in several, and with a ramp."""
    return {stack: one for name in request.param for stack, one in request.getfixturevalue(name).items()}


def requests(everything: dict[str, Template]) -> dict[str, dict[str, Any]]:
    """By stack and rule: what the function gets of the event."""
    found = {}
    for stack, template in everything.items():
        for name, rule in resources_of(template, "AWS::Events::Rule").items():
            if "Step Functions Execution Status Change" in rule["EventPattern"].get("detail-type", ()):
                [target] = rule["Targets"]
                assert "TellEnding" in json.dumps(target["Arn"])
                found[f"{stack} {name}"] = json.loads(message(target, EVENT, ("arn", "rule")))
    return found


def test_rules_hand_over_what_the_function_reads_and_the_whole_execution(
    everything: dict[str, Template], templates: dict[str, Template]
) -> None:
    sent = requests(everything)

    assert problems_of(request_of(HANDLER), list(sent.values())) == []
    assert {Ended.of(request["execution"]).arn for request in sent.values()} == {ARN}
    workflows = {request["workflow"] for request in sent.values()}
    kinds = ("training workflow", "notification workflow", "ramp", "measurement", "switch")
    there = {kind for kind in kinds if any(f"The {kind} " in workflow for workflow in workflows)}
    assert there >= set(kinds if len(everything) > len(templates) else kinds[:2])


def test_every_mail_s_remedy_is_a_section_of_the_runbook(everything: dict[str, Template]) -> None:
    remedies = {request["remedy"] for request in requests(everything).values()}

    assert remedies and remedies <= sections()


def named(everything: dict[str, Template]) -> set[str]:
    """Sections that mails and alarms name."""
    found = {request["remedy"] for request in requests(everything).values()}
    for stack in everything:
        for alarm in resources_of(linked(everything, stack), "AWS::CloudWatch::Alarm").values():
            description = flat(alarm["AlarmDescription"])
            assert len(description) <= 1024, "as much as CloudWatch keeps"
            address = re.fullmatch(rf".*\. See ({re.escape(RUNBOOK)}#[a-z0-9-]+)\.", description)
            assert address, description
            found.add(address[1])
    return found


def test_every_alarm_s_remedy_is_a_section_of_the_runbook(everything: dict[str, Template]) -> None:
    assert named(everything) - sections() == set()


@pytest.mark.prove
def test_every_section_of_the_runbook_is_some_alarm_s_or_mail_s(
    templates: dict[str, Template], stacks: dict[str, Template], ramped: dict[str, Template]
) -> None:
    unnamed = sections() - named({**templates, **stacks, **ramped})

    assert {one for one in unnamed if one.partition("#")[2] not in _CHAPTERS} == set()


_CHAPTERS = ("runs", "notifications", "experiments", "regions", "serving", "functions-tables-queues")


def test_the_function_of_notifications_reads_counts_and_nobody_s_data(templates: dict[str, Template]) -> None:
    """Recipients lie beside the counts of a run, in files that are called otherwise."""
    [template] = [linked(templates, name) for name in templates if name == "Local-eu-west-1-Notifications"]
    policies = [
        policy for name, policy in resources_of(template, "AWS::IAM::Policy").items() if "TellEnding" in name
    ]

    statements = [one for policy in policies for one in policy["PolicyDocument"]["Statement"]]
    read = [flat(each) for one in statements if one["Action"] == "s3:GetObject" for each in one["Resource"]]
    assert sorted(each.partition("/")[2] for each in read) == [
        "notifications/*/results/*",
        "notifications/*/shards.json",
    ]
