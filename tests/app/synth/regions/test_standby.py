"""A region that can be switched to: what the primary has is there, what is shared is not made twice, and
nothing begins by itself.
"""

import json
import re
from collections import Counter
from typing import Any

import pytest

from config.derived.switching import SWITCH_STEPS, estate_of
from config.notifications import NOTIFICATIONS
from review.reading.templates import Template, resources_of
from steps.request import read_request
from steps.switching.requests import LeadRequest
from tests.app.support.business.stages import PROD
from tests.app.support.environment_reading import variables_read
from tests.app.support.standby import AWAY, HOME, NOTIFIED, of, with_standby
from tests.app.support.template_reading import Right, machines_of, rights_of

KINDS = (
    *("Copies", "Data", "Training", "Tracking", "Notifications", "Serving", "Observability"),
    *("Canary", "Switching"),
)
SHARED = {
    "Data": {"AWS::DynamoDB::GlobalTable": 1},
    "Notifications": {"AWS::DynamoDB::GlobalTable": 1, "AWS::SecretsManager::Secret": 1},
}
"""What the primary has more, by stack and type."""


def schedules_of(stacks: dict[str, Template], region: str) -> list[dict[str, Any]]:
    """Of a region, but for that by which it is asked how it is."""
    return [
        schedule
        for name, stack in stacks.items()
        if region in name and not name.endswith("-Canary")
        for schedule in resources_of(stack, "AWS::Scheduler::Schedule").values()
    ]


def test_the_standby_has_what_the_primary_has_but_what_they_share(stacks: dict[str, Template]) -> None:
    for kind in KINDS:
        there, here = (
            Counter(one["Type"] for one in of(stacks, region, kind)["Resources"].values())
            for region in (HOME, AWAY)
        )
        assert there - here == Counter(SHARED.get(kind, {})), kind
        assert not here - there, kind


def test_tables_and_the_secret_are_copied_to_both_other_regions(stacks: dict[str, Template]) -> None:
    for kind in ("Data", "Notifications"):
        [table] = resources_of(of(stacks, HOME, kind), "AWS::DynamoDB::GlobalTable").values()
        assert {replica["Region"] for replica in table["Replicas"]} == {HOME, AWAY, "eu-west-2"}
    [secret] = resources_of(of(stacks, HOME, "Notifications"), "AWS::SecretsManager::Secret").values()
    assert {replica["Region"] for replica in secret["ReplicaRegions"]} == {AWAY, "eu-west-2"}


def test_nothing_begins_by_itself_in_a_standby(stacks: dict[str, Template]) -> None:
    states = {
        region: {schedule.get("State", "ENABLED") for schedule in schedules_of(stacks, region)}
        for region in (HOME, AWAY)
    }

    assert states == {HOME: {"ENABLED"}, AWAY: {"DISABLED"}}


@pytest.mark.parametrize(("region", "other"), [(HOME, AWAY), (AWAY, HOME)])
def test_who_must_not_act_twice_knows_all_regions_and_may_ask_them(
    stacks: dict[str, Template], region: str, other: str
) -> None:
    told = {
        function["Handler"].split(".")[1]: function["Environment"]["Variables"]["ACTIVE_REGIONS"]
        for kind in KINDS
        for function in resources_of(of(stacks, region, kind), "AWS::Lambda::Function").values()
        if "ACTIVE_REGIONS" in function.get("Environment", {}).get("Variables", {})
    }
    asking = [
        name
        for name, policy in resources_of(of(stacks, region, "Notifications"), "AWS::IAM::Policy").items()
        if f":{other}:{PROD.account}:table/recs-prod-serving" in json.dumps(policy)
    ]

    steps = ("publish_generation", "consume_events", "plan_notifications", "notify", "switching")
    assert told == dict.fromkeys((*steps, "recommendations"), f"{HOME},{AWAY}")
    assert len(asking) == 2


def test_a_standby_names_the_primary_only_to_ask_it_or_to_fence_itself(stacks: dict[str, Template]) -> None:
    said = [
        found
        for kind in KINDS
        if kind not in ("Observability", "Canary", "Switching")
        for found in re.findall(rf".{{30}}{HOME}.{{15}}", json.dumps(of(stacks, AWAY, kind)))
    ]

    assert said
    copies = (f"{PROD.account}-{HOME}", f"s3.{HOME}.", ":kms:", f"-to-{HOME}")
    allowed = (f"{HOME},{AWAY}", "arn:aws:dynamodb", "newest.region.S : ", *copies)
    assert [one for one in said if not any(part in one for part in allowed)] == []


def test_no_execution_begins_before_it_has_looked_which_region_is_active(stacks: dict[str, Template]) -> None:
    machines = [machine for stack in stacks.values() for machine in machines_of(stack)]

    switches = [machine for machine in machines if machine.name == "recs-prod-region-switch"]
    assert (len(machines), len(switches)) == (6, 2)
    for machine in machines:
        if machine in switches:
            continue
        first = machine.definition["States"][machine.definition["StartAt"]]
        assert first["Resource"].endswith(":aws-sdk:dynamodb:query"), machine.name
        assert first["Arguments"]["TableName"] == "recs-prod-serving"


def function_of(stacks: dict[str, Template], region: str, handler: str) -> tuple[dict[str, Any], set[Right]]:
    """Its properties, and what its role allows."""
    stack = of(stacks, region, "Switching")
    [found] = [
        function
        for function in resources_of(stack, "AWS::Lambda::Function").values()
        if function["Handler"] == f"steps.switching.{handler}.lambda_handler"
    ]
    return found, rights_of(stack, found["Role"]["Fn::GetAtt"][0])


@pytest.mark.parametrize("region", [HOME, AWAY])
def test_a_switch_turns_the_schedules_of_its_stage_and_region_on_and_no_others(
    stacks: dict[str, Template], region: str
) -> None:
    schedules = schedules_of(stacks, region)
    roles = {
        role["Path"]
        for name, stack in stacks.items()
        if region in name
        for role in resources_of(stack, "AWS::IAM::Role").values()
        if "Path" in role
    }

    _, rights = function_of(stacks, region, "act")

    arn = f"arn:aws:scheduler:{region}:{PROD.account}:schedule/default/"
    turned = {right.resource for right in rights if right.action == "scheduler:UpdateSchedule"}
    assert turned == {f"{arn}{schedule['Name']}" for schedule in schedules}
    [passed] = [right for right in rights if right.action == "iam:PassRole"]
    assert roles == {f"/recs-prod/{region}/schedules/"}
    assert passed.resource.endswith(f":{PROD.account}:role/recs-prod/{region}/schedules/*")
    assert "scheduler.amazonaws.com" in passed.conditions


@pytest.mark.parametrize(("region", "other"), [(HOME, AWAY), (AWAY, HOME)])
def test_in_another_region_a_switch_may_call_one_function_and_look_who_is_active(
    stacks: dict[str, Template], region: str, other: str
) -> None:
    acting, acts = function_of(stacks, region, "act")
    _, leads = function_of(stacks, region, "lead")

    assert acting["FunctionName"] == "recs-prod-region"
    abroad = {(right.action, right.resource) for right in acts if other in right.resource}
    assert {action for action, _ in abroad} == {"dynamodb:Query"} and len(abroad) == 1
    called = {right.resource for right in leads if right.action == "lambda:InvokeFunction"}
    assert called == {
        f"arn:aws:lambda:{one}:{PROD.account}:function:recs-prod-region" for one in (HOME, AWAY)
    }
    written = {
        json.loads(right.conditions)["ForAllValues:StringLike"]["dynamodb:LeadingKeys"][0]
        for right in acts
        if right.action == "dynamodb:PutItem"
    }
    assert written == {"region#active", "mark#*"}


def test_the_functions_of_a_switch_read_what_they_are_given(stacks: dict[str, Template]) -> None:
    [machine] = machines_of(of(stacks, AWAY, "Switching"))
    calls = [state["Arguments"] for state in machine.definition["States"].values() if "Arguments" in state]
    switch = {"run": "r", "planned": True, "by": "b", "why": "w"}

    given = [
        read_request(LeadRequest, call["Payload"] | {"switch": switch}) for call in calls if "Payload" in call
    ]

    assert [(one.key, one.title, one.there) for one in sorted(given, key=order)] == [
        (step.key, step.title, step.there) for step in SWITCH_STEPS
    ]
    estate = estate_of(with_standby(), NOTIFIED, NOTIFICATIONS)
    assert all(one.estate.schedules == estate.schedules for one in given)
    for handler in ("act", "lead"):
        function, _ = function_of(stacks, AWAY, handler)
        variables = set(function["Environment"]["Variables"])
        read = variables_read(f"steps.switching.{handler}")
        others = {"STAGE", "POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE"}
        assert variables - others == read - others, handler


def order(request: LeadRequest) -> int:
    return [step.key for step in SWITCH_STEPS].index(request.key)


def test_a_stage_with_one_region_that_may_be_active_has_nothing_to_switch(
    templates: dict[str, Template],
) -> None:
    assert not [name for name in templates if name.endswith("-Switching")]
