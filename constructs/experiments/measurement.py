"""What an experiment has shown so far: measured once a day."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from constructs.ground.access import Access, allow
from constructs.ground.dead_letters import DeadLetters
from constructs.ground.python_function import PythonFunction
from constructs.storage.active_regions import ActiveRegions
from constructs.workflow.beginning import RUN, finished
from constructs.workflow.language import expression, invoke, retry
from constructs.workflow.machine import WorkflowMachineProps, workflow_machine
from constructs.workflow.machine_role import state_machine_role, telemetry
from constructs.workflow.unnoticed_endings import Ending

MEMBERS = (
    *("useCase", "name", "hypothesis", "metric", "start", "firstVersion", "people", "effect", "control"),
    *("treatment", "shares", "days", "lookEvery", "guardrails", "answers", "changes"),
)
"""Of the request of measure_experiment, as plan_measurement answers it."""
_HOURS = 6


@dataclass(frozen=True, kw_only=True)
class MeasurementWorkflowProps:
    """name: of the state machine. request: of the step plan_measurement."""

    name: str
    use_case: str
    request: Mapping[str, object]
    plan: PythonFunction
    measure: PythonFunction
    active: ActiveRegions
    teller: PythonFunction
    dead_letters: DeadLetters
    retain_logs: bool = False


class MeasurementWorkflow(Construct):
    """Failures are not caught, but told by a rule; the next day's run counts what this one has not."""

    def __init__(self, scope: Construct, construct_id: str, props: MeasurementWorkflowProps) -> None:
        super().__init__(scope, construct_id)
        self.use_case = props.use_case
        self.role = self._role(props)
        machine = workflow_machine(
            self,
            WorkflowMachineProps(
                name=props.name,
                comment=f"Measures the experiment of {props.use_case}",
                ending=Ending(
                    workflow=f"The measurement of the experiment of {props.use_case}",
                    use_case=props.use_case,
                    consequence="The ramp waits for a newer report; it brings people back without one.",
                    remedy="A ramp or a measurement ended badly",
                ),
                role=self.role,
                definition=self._states(props),
                active=props.active,
                teller=props.teller,
                dead_letters=props.dead_letters,
                total_hours=_HOURS,
                retain_logs=props.retain_logs,
            ),
        )
        self.log_group, self.state_machine = machine.log_group, machine.state_machine

    def _states(self, props: MeasurementWorkflowProps) -> sfn.IChainable:
        name = sfn.Pass.jsonata(self, "Name the run", assign={"run": expression(RUN)}, outputs={})
        plan = invoke(
            self,
            "Plan the measurement",
            props.plan.function,
            dict(props.request),
            assign={"plan": expression("$states.result.Payload")},
            outputs={},
        )
        measure = invoke(
            self,
            "Measure",
            props.measure.function,
            {member: expression(f"$plan.request.{member}") for member in MEMBERS},
            assign={"found": expression("$states.result.Payload")},
            outputs={},
        )
        # What has been counted is kept: the next call goes on from there.
        retry(
            measure, ("EventsUnfinished", "StorageFailed"), first_seconds=5, longest_seconds=60, attempts=10
        )
        measured = finished(self, "Measured", props.use_case, "measured", words="$found.words")
        nothing = finished(self, "Nothing to measure", props.use_case, "nothing", words="$plan.words")
        decide = (
            sfn.Choice.jsonata(self, "Is there anything to measure?", outputs={})
            .when(sfn.Condition.jsonata(expression("$plan.measures")), measure.next(measured))
            .otherwise(nothing)
        )
        return name.next(plan).next(decide)

    def _role(self, props: MeasurementWorkflowProps) -> iam.Role:
        role = state_machine_role(self, "Role", f"Of the measurement of {props.use_case}")
        allow(
            role,
            Access(actions=("lambda:InvokeFunction",), resources=(props.plan.arn, props.measure.arn)),
            *telemetry(),
        )
        return role
