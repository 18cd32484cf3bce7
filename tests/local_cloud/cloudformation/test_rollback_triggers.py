"""Alarms that watch a deployment, and roll it back if one goes off while it runs or bakes."""

from collections.abc import Iterator
from threading import Thread
from time import sleep
from typing import Any

import pytest

from tests.local_cloud.support.stacks import Stack, Stacks, parameter, template

MINUTES = 20
"""Of baking: two seconds of this cloud's."""


@pytest.fixture
def alarm(stacks: Stacks) -> Iterator[Any]:
    """An alarm's ARN, and what sets its state."""
    cloudwatch = stacks.aws.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="readers",
        Namespace="Nobody",
        MetricName="Writes",
        Statistic="Sum",
        Period=86_400,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="ignore",
    )
    cloudwatch.set_alarm_state(AlarmName="readers", StateValue="OK", StateReason="a test")
    yield cloudwatch.describe_alarms(AlarmNames=["readers"])["MetricAlarms"][0]["AlarmArn"]
    cloudwatch.delete_alarms(AlarmNames=["readers"])


def change(stack: Stack, value: str, **more: Any) -> str:
    """The id of a change set that has been made."""
    made = stack.stacks.api.create_change_set(
        StackName=stack.name,
        ChangeSetName="change",
        TemplateBody=template({"Value": parameter(value)}, {}),
        **more,
    )
    return str(made["Id"])


def watched_by(*arns: str, minutes: int = 0) -> dict[str, Any]:
    triggers = [{"Arn": arn, "Type": "AWS::CloudWatch::Alarm"} for arn in arns]
    return {"RollbackConfiguration": {"RollbackTriggers": triggers, "MonitoringTimeInMinutes": minutes}}


def test_they_are_shown_and_stay_until_none_are_asked_for(stacks: Stacks, alarm: str) -> None:
    stack, api = stacks.create({"Value": parameter("1")}), stacks.api
    watched = watched_by(alarm, minutes=1)["RollbackConfiguration"]

    made = change(stack, "2", RollbackConfiguration=watched)
    assert api.describe_change_set(ChangeSetName=made)["RollbackConfiguration"] == watched
    api.execute_change_set(ChangeSetName=made)
    stack.update({"Value": parameter("3")})
    assert (stack.status, stack.described["RollbackConfiguration"]) == ("UPDATE_COMPLETE", watched)

    api.execute_change_set(ChangeSetName=change(stack, "4", **watched_by()))
    assert stack.described["RollbackConfiguration"]["RollbackTriggers"] == []


def test_an_alarm_that_goes_off_while_it_bakes_rolls_it_back(stacks: Stacks, alarm: str) -> None:
    stack = stacks.create({"Value": parameter("1")})
    made = change(stack, "2", **watched_by(alarm, minutes=MINUTES))
    executing = Thread(target=lambda: stacks.api.execute_change_set(ChangeSetName=made))
    executing.start()
    ssm = stacks.aws.client("ssm")
    while ssm.get_parameter(Name=stack.id_of("Value"))["Parameter"]["Value"] == "1":
        sleep(0.02)
    assert stack.status == "UPDATE_IN_PROGRESS", "the value is new, and is watched"

    stacks.aws.client("cloudwatch").set_alarm_state(
        AlarmName="readers", StateValue="ALARM", StateReason="requests fail"
    )
    executing.join()

    assert stack.status == "UPDATE_ROLLBACK_COMPLETE"
    assert ssm.get_parameter(Name=stack.id_of("Value"))["Parameter"]["Value"] == "1"
    assert any("readers is in ALARM state" in reason for _, _, reason in stack.events)


def test_a_deployment_whose_alarm_is_not_there_fails(stacks: Stacks, alarm: str) -> None:
    stack = stacks.create({"Value": parameter("1")})

    stacks.api.execute_change_set(ChangeSetName=change(stack, "2", **watched_by(alarm + "-2")))

    assert stack.status == "UPDATE_ROLLBACK_COMPLETE"
    assert any("readers-2 does not exist" in reason for _, _, reason in stack.events)
