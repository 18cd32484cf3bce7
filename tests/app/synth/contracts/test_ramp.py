"""A stage with a ramp: what is deployed for it, what it may do, when it starts; nothing elsewhere."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from cdk_nag import AwsSolutionsChecks
from constructs.experiments.measurement import MEMBERS

from app import build_app
from local_cloud.interpreter.validation.definition import check
from pipeline.names import camel_case
from pipeline.ramping import measured
from steps.experiments import plan_measurement, ramp_experiment, watch_experiment
from steps.request import read_request
from tests.app.support.ramped import RAMP_STAGE, RAMP_USE_CASES, STACK
from tests.app.support.template_reading import Template, flat, machines_of, resources_of, rights_of

HANDLERS = {
    "steps.experiments.ramp_experiment.lambda_handler",
    "steps.experiments.watch_experiment.lambda_handler",
    "steps.experiments.plan_measurement.lambda_handler",
    "steps.experiments.measure_experiment.lambda_handler",
}


@pytest.fixture(scope="module")
def stack(ramped: dict[str, Template]) -> Template:
    return ramped[STACK]


@pytest.mark.prove
def test_no_finding_of_cdk_nag_is_unexplained(no_bundling: dict[str, Any], tmp_path: Path) -> None:
    app = build_app((RAMP_STAGE,), RAMP_USE_CASES, (), outdir=str(tmp_path), context=no_bundling)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))

    app.synth()


def test_a_stage_without_a_ramp_has_no_such_stack(templates: dict[str, Template]) -> None:
    assert not [name for name in templates if name.endswith("-Experiments")]


def test_one_use_case_has_a_ramp_a_measurement_and_a_watch(stack: Template) -> None:
    names = {machine.name for machine in machines_of(stack)}
    functions = resources_of(stack, "AWS::Lambda::Function").values()
    schedules = resources_of(stack, "AWS::Scheduler::Schedule").values()

    assert names == {"recs-ramp-posts-ramp", "recs-ramp-posts-measurement"}
    assert HANDLERS <= {function["Handler"] for function in functions}
    assert sorted(schedule["ScheduleExpression"] for schedule in schedules) == [
        "cron(0 4 * * ? *)",
        "rate(1 hour)",
        "rate(5 minutes)",
    ]


def test_definitions_are_such_as_step_functions_takes(stack: Template) -> None:
    for machine in machines_of(stack):
        text = json.dumps(machine.definition).replace("<AWS::Partition>", "aws")
        assert not check(text), machine.name


def test_a_day_of_rounds_stays_below_the_events_of_an_execution(stack: Template) -> None:
    [ramp] = [machine for machine in machines_of(stack) if machine.name.endswith("-ramp")]
    states = ramp.definition["States"]
    [over] = [state for name, state in states.items() if name == "Is the day over?"]
    rounds = int(over["Choices"][0]["Condition"].split("<")[1].split("%")[0])

    assert states["Wait"]["Seconds"] * rounds == 24 * 3600
    assert rounds * 16 < 25_000 / 4


def payloads(stack: Template) -> dict[str, dict[str, Any]]:
    """By the name of the state or of the schedule's target."""
    found = {
        name: state["Arguments"]["Payload"]
        for machine in machines_of(stack)
        for name, state in machine.definition["States"].items()
        if "Payload" in state.get("Arguments", {})
    }
    for schedule in resources_of(stack, "AWS::Scheduler::Schedule").values():
        if schedule["ScheduleExpression"] == "rate(5 minutes)":
            text = flat(schedule["Target"]["Input"])
            found["watch"] = json.loads(text)
    return found


def test_steps_read_what_they_are_given(stack: Template) -> None:
    given = payloads(stack)

    ramp = read_request(ramp_experiment.Request, given["Decide"])
    watch = read_request(watch_experiment.Request, given["watch"])
    planned = read_request(plan_measurement.Request, given["Plan the measurement"])

    ramp.plan.check()
    assert (ramp.plan.default, ramp.plan.treatment) == ("personalize", "own")
    assert [(step.phase, step.treated, step.held_back) for step in ramp.plan.steps] == [
        ("shadow", 0, 0),
        ("aa", 0, 0),
        ("running", 1_000, 0),
        ("running", 5_000, 0),
        ("full", 0, 200),
    ]
    assert watch.limits == ramp.plan.limits
    assert planned.measuring.people == 10_000
    assert set(given["Measure"]) == set(MEMBERS)
    assert {camel_case(field.name) for field in fields(measured.Guarded)} >= {"moreIsWorse", "perPerson"}


def role_of(stack: Template, handler: str) -> str:
    [role] = [
        function["Role"]["Fn::GetAtt"][0]
        for function in resources_of(stack, "AWS::Lambda::Function").values()
        if function["Handler"] == f"steps.experiments.{handler}.lambda_handler"
    ]
    return str(role)


def test_the_watch_reads_the_table_and_figures_only_and_writes_experiments_only(stack: Template) -> None:
    rights = rights_of(stack, role_of(stack, "watch_experiment"))

    actions = {right.action for right in rights}
    assert not [action for action in actions if action.startswith("s3:")]
    assert {action for action in actions if action.startswith("dynamodb:")} == {
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
    }
    assert {"cloudwatch:GetMetricData", "sns:Publish"} <= actions
    policies = json.dumps(list(resources_of(stack, "AWS::IAM::Policy").values()))
    writing = [part for part in policies.split('"Effect"') if "dynamodb:PutItem" in part]
    assert writing and all("experiment#*" in part and "user#" not in part for part in writing)


def test_a_silent_watch_is_an_alarm(stack: Template) -> None:
    alarms = resources_of(stack, "AWS::CloudWatch::Alarm").values()
    [silent] = [alarm for alarm in alarms if alarm.get("MetricName") == "Invocations"]

    assert silent["TreatMissingData"] == "breaching"
    assert silent["ComparisonOperator"] == "LessThanThreshold"
    assert silent["Period"] == 900


def test_the_dashboard_has_a_row_of_comparisons_and_one_of_the_arms_where_there_are_variants(
    ramped: dict[str, Template], templates: dict[str, Template]
) -> None:
    def drawn(of: dict[str, Template]) -> list[str]:
        boards = [
            board for one in of.values() for board in resources_of(one, "AWS::CloudWatch::Dashboard").values()
        ]
        text = json.dumps(boards)
        return [name for name in ("VariantsOverlap10", "RampBlocks", "AnswerTime") if name in text]

    assert drawn(ramped) == ["VariantsOverlap10", "RampBlocks", "AnswerTime"]
    assert drawn({name: one for name, one in templates.items() if name.startswith("Dev-")}) == []
