"""The state machine that makes its own region the active one; it works while the other one is gone."""

import re
from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from constructs.ground.access import Access, allow
from constructs.ground.dead_letters import DeadLetters
from constructs.ground.python_function import PythonFunction
from constructs.switching.functions import SwitchFunctions
from constructs.switching.props import EstateProps, SwitchStepProps
from constructs.workflow.beginning import RUN, find_earlier
from constructs.workflow.language import Task, expression, invoke, literal
from constructs.workflow.machine import WorkflowMachineProps, workflow_machine
from constructs.workflow.machine_role import state_machine_role, telemetry
from constructs.workflow.unnoticed_endings import Ending

_SAID = ("planned", "lost", "known", "by", "why")
"""Members of an execution's input."""


@dataclass(frozen=True, kw_only=True)
class SwitchWorkflowProps:
    """name: of the state machine. steps: in their order; those that are left out come one after another, and
    neither first nor last. total_hours: longer than all of them may wait.

    Raises: ValueError, of steps in another order.
    """

    name: str
    region: str
    steps: tuple[SwitchStepProps, ...]
    estate: EstateProps
    functions: SwitchFunctions
    teller: PythonFunction
    dead_letters: DeadLetters
    total_hours: int = 12
    retain_logs: bool = False

    def __post_init__(self) -> None:
        left_out = "".join("x" if step.if_asked else "-" for step in self.steps)
        if not re.fullmatch("-+x*-+", left_out):
            raise ValueError("steps that are left out come one after another, neither first nor last")


class SwitchWorkflow(Construct):
    """Each step is a call of a function, repeated as long as there is something to wait for. What fails
    ends the execution: all steps can be done again, and another execution goes on with what is left.
    """

    def __init__(self, scope: Construct, construct_id: str, props: SwitchWorkflowProps) -> None:
        super().__init__(scope, construct_id)
        self._props = props
        self.role = self._role()
        machine = workflow_machine(
            self,
            WorkflowMachineProps(
                name=props.name,
                comment=f"Makes {props.region} the active region",
                ending=Ending(
                    workflow=f"The switch to {props.region}",
                    use_case=None,
                    consequence="`python -m operations region status` shows which region is active. All "
                    "steps can be done again: begin the same switch once more.",
                    remedy="A switch of regions ended badly",
                ),
                role=self.role,
                definition=self._states(),
                active=None,
                teller=props.teller,
                dead_letters=props.dead_letters,
                total_hours=props.total_hours,
                retain_logs=props.retain_logs,
            ),
        )
        self.log_group, self.state_machine = machine.log_group, machine.state_machine

    def _states(self) -> sfn.IChainable:
        steps = self._props.steps
        asks = [step for step in steps if step.if_asked]
        first = steps.index(asks[0]) if asks else len(steps)
        after = steps[first + len(asks) :]
        then: sfn.IChainable = sfn.Succeed.jsonata(self, "Switched", outputs=expression("$switch"))
        for step in reversed(after):
            then = self._step(step, then=then)
        if asks:
            asked: sfn.IChainable = then
            for step in reversed(asks):
                asked = self._step(step, then=asked)
            then = (
                sfn.Choice.jsonata(self, "Is any region asked to stop?", outputs={})
                .when(sfn.Condition.jsonata(expression("$count($switch.asked) > 0")), asked)
                .otherwise(then)
            )
        for step in reversed(steps[:first]):
            then = self._step(step, then=then)
        return self._beginning(then)

    def _beginning(self, then: sfn.IChainable) -> sfn.IChainable:
        """Two switches at once would undo each other's waiting."""
        said = {name: expression(f"$states.input.{name}") for name in _SAID}
        name = sfn.Pass.jsonata(
            self, "Name the run", assign={"switch": {"run": expression(RUN), **said}}, outputs={}
        )
        refuse = sfn.Fail.jsonata(
            self,
            "Another switch is under way",
            error="SwitchRefused",
            cause=expression(f"{literal('another switch is under way: ')} & $earlier"),
        )
        decide = (
            sfn.Choice.jsonata(self, "Is another one running?", outputs={})
            .when(sfn.Condition.jsonata(expression("$earlier != ''")), refuse)
            .otherwise(then)
        )
        return name.next(find_earlier(self)).next(decide)

    def _step(self, step: SwitchStepProps, *, then: sfn.IChainable) -> sfn.IChainable:
        call = self._call(step)
        if not step.poll_seconds:
            call.next(then)
            return call
        wait = sfn.Wait.jsonata(
            self,
            f"{step.title}: wait",
            time=sfn.WaitTime.duration(cdk.Duration.seconds(step.poll_seconds)),
            outputs={},
        )
        decide = (
            sfn.Choice.jsonata(self, f"{step.title}: done?", outputs={})
            .when(sfn.Condition.jsonata(expression("$done")), then)
            .otherwise(wait)
        )
        wait.next(call)
        call.next(decide)
        return call

    def _call(self, step: SwitchStepProps) -> Task:
        payload: dict[str, Any] = {
            "key": step.key,
            "title": step.title,
            "there": step.there,
            "limitMinutes": step.limit_minutes,
            "switch": expression("$switch"),
            "estate": self._props.estate.as_json(),
        }
        return invoke(
            self,
            step.title,
            self._props.functions.leads.function,
            payload,
            assign={
                "done": expression("$states.result.Payload.done"),
                "switch": expression("$states.result.Payload.switch"),
            },
            outputs={},
        )

    def _role(self) -> iam.Role:
        props, stack = self._props, cdk.Stack.of(self)
        machine = stack.format_arn(
            service="states",
            resource="stateMachine",
            resource_name=props.name,
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
        role = state_machine_role(self, "Role", f"Of the switch to {props.region}")
        allow(
            role,
            Access(actions=("lambda:InvokeFunction",), resources=(props.functions.leads.arn,)),
            Access(actions=("states:ListExecutions",), resources=(machine,)),
            *telemetry(),
        )
        return role
