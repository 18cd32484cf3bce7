"""When the workflows start, and with what."""

import json
from typing import Any

import pytest

from config.schema import StageConfig
from tests.app.support.business.stages import STAGES
from tests.app.support.template_reading import (
    Right,
    Template,
    flat,
    machines_of,
    resources_of,
    rights_of,
    training_of,
)

every_primary = pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)


def schedules_by_machine(template: Template) -> dict[str, dict[str, Any]]:
    return {
        flat(schedule["Target"]["Arn"]).strip("<>"): schedule
        for schedule in resources_of(template, "AWS::Scheduler::Schedule").values()
    }


@every_primary
def test_every_workflow_starts_by_the_stage_s_schedule(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    template = training_of(templates, stage)
    schedules = schedules_by_machine(template)

    assert set(schedules) == {machine.logical_id for machine in machines_of(template)}
    for schedule in schedules.values():
        assert schedule["ScheduleExpression"] == stage.schedule.expression
        assert schedule["ScheduleExpressionTimezone"] == stage.schedule.time_zone
        assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
        assert schedule.get("State", "ENABLED") == "ENABLED"


@every_primary
def test_a_scheduled_run_is_not_forced(templates: dict[str, Template], stage: StageConfig) -> None:
    for schedule in schedules_by_machine(training_of(templates, stage)).values():
        assert json.loads(schedule["Target"]["Input"]) == {"force": False, "trigger": "schedule"}


@every_primary
def test_a_start_that_fails_is_given_up_within_the_hour_and_kept(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    template = training_of(templates, stage)
    [queue] = resources_of(template, "AWS::SQS::Queue")
    for schedule in schedules_by_machine(template).values():
        retry = schedule["Target"]["RetryPolicy"]
        assert retry["MaximumEventAgeInSeconds"] <= 3600
        assert retry["MaximumRetryAttempts"] <= 5
        assert flat(schedule["Target"]["DeadLetterConfig"]["Arn"]) == f"<{queue}.Arn>"


@every_primary
def test_a_schedule_may_start_its_own_workflow_and_nothing_else(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    template = training_of(templates, stage)
    [queue] = resources_of(template, "AWS::SQS::Queue")
    for machine, schedule in schedules_by_machine(template).items():
        role = schedule["Target"]["RoleArn"]["Fn::GetAtt"][0]
        assert rights_of(template, role) == {
            Right("states:StartExecution", f"<{machine}>"),
            Right("sqs:SendMessage", f"<{queue}.Arn>"),
        }


def test_replicas_start_nothing(templates: dict[str, Template]) -> None:
    replicas = [stage.id_in(region) for stage in STAGES for region in stage.replica_regions]
    assert replicas
    for replica in replicas:
        template = templates[f"{replica}-Observability"]
        for type_ in (
            "AWS::Scheduler::Schedule",
            "AWS::StepFunctions::StateMachine",
            "AWS::Lambda::Function",
        ):
            assert not resources_of(template, type_)
