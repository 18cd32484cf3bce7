"""Starts a state machine again and again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from constructs.ground.access import Access, allow
from constructs.ground.dead_letters import DeadLetters

SCHEDULED_INPUT: Mapping[str, object] = {"force": False, "trigger": "schedule"}
_ATTEMPTS = 3
_MAXIMUM_AGE_SECONDS = 3600


@dataclass(frozen=True, kw_only=True)
class TrainingScheduleProps:
    """expression: of EventBridge Scheduler. time_zone: IANA name; hours of cron expressions are its hours.

    payload: the execution's input. enabled: a disabled schedule is there, and starts nothing.
    name: by which others turn it on and off, at most 64 characters; None: one of CloudFormation's making.
    role_path: of the role, which whoever turns it on and off hands on; begins and ends with a slash.
    """

    state_machine: sfn.IStateMachine
    expression: str
    time_zone: str
    description: str
    dead_letters: DeadLetters
    payload: Mapping[str, object] = field(default_factory=lambda: SCHEDULED_INPUT)
    enabled: bool = True
    name: str | None = None
    role_path: str | None = None


class TrainingSchedule(Construct):
    """A start that fails is repeated within the hour only: a late one would collide with the next."""

    def __init__(self, scope: Construct, construct_id: str, props: TrainingScheduleProps) -> None:
        super().__init__(scope, construct_id)
        account = cdk.Stack.of(self).account
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": account}}
            ),
            description="Starts one state machine",
            path=props.role_path,
        )
        machine = props.state_machine.state_machine_arn
        queue = props.dead_letters.queue.queue_arn
        allow(
            role,
            Access(actions=("states:StartExecution",), resources=(machine,)),
            Access(actions=("sqs:SendMessage",), resources=(queue,)),
        )
        self.schedule = scheduler.CfnSchedule(
            self,
            "Schedule",
            name=props.name,
            description=props.description,
            schedule_expression=props.expression,
            schedule_expression_timezone=props.time_zone,
            state=None if props.enabled else "DISABLED",
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=machine,
                role_arn=role.role_arn,
                input=json.dumps(dict(props.payload)),
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_retry_attempts=_ATTEMPTS, maximum_event_age_in_seconds=_MAXIMUM_AGE_SECONDS
                ),
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(arn=queue),
            ),
        )
        self.schedule.node.add_dependency(role)
