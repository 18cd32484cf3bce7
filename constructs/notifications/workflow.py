"""One notification: from the database to everybody's inbox, phone and mail, once per user and week."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct
from constructs.ground.access import Access, allow
from constructs.ground.dead_letters import DeadLetters
from constructs.ground.python_function import PythonFunction
from constructs.notifications.functions import NotificationFunctions
from constructs.notifications.states import notification_states
from constructs.notifications.states_props import NotificationStatesProps
from constructs.storage.data_bucket import NOTIFICATIONS, DataBucket
from constructs.workflow.machine import WorkflowMachineProps, workflow_machine
from constructs.workflow.machine_role import distributed_map, state_machine_role, telemetry
from constructs.workflow.unnoticed_endings import Ending

MAP_LABEL = "notify"
"""Part of the ARNs of the map's own executions."""

RUN_FAILED = "A notification run ended badly"
"""Heading of the runbook."""


@dataclass(frozen=True, kw_only=True)
class NotificationWorkflowProps:
    """name: of the state machine, at most 80 characters. states: what it does.

    extract: the function that exports a query's result. total_hours: until a run is given up.
    """

    name: str
    states: NotificationStatesProps
    functions: NotificationFunctions
    extract: PythonFunction
    data: DataBucket
    dead_letters: DeadLetters
    total_hours: int = 24
    retain_logs: bool = False


class NotificationWorkflow(Construct):
    """Failures are not caught, but told by a rule: a redriven execution goes on where it ended."""

    def __init__(self, scope: Construct, construct_id: str, props: NotificationWorkflowProps) -> None:
        super().__init__(scope, construct_id)
        self.notification, self.use_case = props.states.notification, props.states.use_case
        self.role = self._role(props)
        machine = workflow_machine(
            self,
            WorkflowMachineProps(
                name=props.name,
                comment=f"Notifies of {props.states.use_case}: {self.notification}",
                ending=Ending(
                    workflow=f"The notification workflow {self.notification}",
                    use_case=self.use_case,
                    notification=self.notification,
                    consequence="Who was told already is not told again: remove the cause, then redrive the "
                    "execution within 14 days.",
                    remedy=RUN_FAILED,
                ),
                role=self.role,
                definition=notification_states(
                    self,
                    props.states,
                    label=MAP_LABEL,
                    bucket=props.data.bucket,
                    extract=props.extract.function,
                    plan=props.functions.plan_notifications.function,
                    notify=props.functions.notify.function,
                    report=props.functions.report_notifications.function,
                ),
                active=props.functions.active,
                teller=props.functions.tell_ending,
                dead_letters=props.dead_letters,
                total_hours=props.total_hours,
                retain_logs=props.retain_logs,
            ),
        )
        self.log_group, self.state_machine = machine.log_group, machine.state_machine

    @property
    def arn(self) -> str:
        return self.state_machine.state_machine_arn

    def _role(self, props: NotificationWorkflowProps) -> iam.Role:
        role = state_machine_role(self, "Role", f"Of the notification workflow {self.notification}")
        functions = (props.extract, *props.functions.steps.values())
        allow(
            role,
            Access(
                actions=("lambda:InvokeFunction",), resources=tuple(function.arn for function in functions)
            ),
            *distributed_map(cdk.Stack.of(self), props.name, MAP_LABEL),
            Access(
                actions=("s3:GetObject",),
                resources=(
                    props.data.bucket.arn_for_objects(f"{NOTIFICATIONS}/{self.notification}/*/shards.json"),
                ),
                why="Each run lists its shards in a folder of its own",
            ),
            Access(actions=("kms:Decrypt",), resources=(props.data.key.key_arn,)),
            *telemetry(),
        )
        return role
