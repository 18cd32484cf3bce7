"""Calls a function again and again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct
from constructs.ground.access import Access, allow
from constructs.ground.dead_letters import DeadLetters
from constructs.ground.python_function import PythonFunction


@dataclass(frozen=True, kw_only=True)
class ClockProps:
    """payloads: of one call each, every so many minutes, by a word for the schedule's name."""

    function: PythonFunction
    minutes: int
    payloads: Mapping[str, Mapping[str, object]]
    description: str
    dead_letters: DeadLetters


class Clock(Construct):
    """A call that fails is not repeated beyond the next one."""

    def __init__(self, scope: Construct, construct_id: str, props: ClockProps) -> None:
        super().__init__(scope, construct_id)
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": cdk.Stack.of(self).account}},
            ),
            description="Calls one function",
        )
        queue = props.dead_letters.queue.queue_arn
        allow(
            role,
            Access(actions=("lambda:InvokeFunction",), resources=(props.function.arn,)),
            Access(actions=("sqs:SendMessage",), resources=(queue,)),
        )
        for name, payload in props.payloads.items():
            schedule = scheduler.CfnSchedule(
                self,
                name,
                description=f"{props.description}: {name}",
                schedule_expression=f"rate({props.minutes} minutes)",
                flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
                target=scheduler.CfnSchedule.TargetProperty(
                    arn=props.function.arn,
                    role_arn=role.role_arn,
                    input=json.dumps(dict(payload)),
                    retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                        maximum_retry_attempts=1, maximum_event_age_in_seconds=props.minutes * 60
                    ),
                    dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(arn=queue),
                ),
            )
            schedule.node.add_dependency(role)
