"""The ramp of a use case: looks again and again whether its experiment may go on, and tells what it did."""

from collections.abc import Mapping
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct
from constructs.ground.access import Access, allow
from constructs.ground.dead_letters import DeadLetters
from constructs.ground.failure_topic import FailureTopic
from constructs.ground.python_function import PythonFunction
from constructs.storage.active_regions import ActiveRegions
from constructs.workflow.beginning import RUN, find_earlier, finished
from constructs.workflow.language import expression, invoke, literal, retry
from constructs.workflow.machine import WorkflowMachineProps, workflow_machine
from constructs.workflow.machine_role import state_machine_role, telemetry
from constructs.workflow.unnoticed_endings import Ending

HOURS = 24
"""Of one execution; then another one goes on, with the definition and the plan of then. All that a ramp knows
is in the table: an execution may end at any time. A round has 16 events at most, and repeats of failed calls
some more: a day of rounds every five minutes stays below 5,000 of the 25,000 that an execution may have.
"""


@dataclass(frozen=True, kw_only=True)
class RampWorkflowProps:
    """name: of the state machine, at most 80 characters. request: of the step ramp_experiment, but what was
    said. poll_minutes: between two looks.
    """

    name: str
    use_case: str
    request: Mapping[str, object]
    poll_minutes: int
    function: PythonFunction
    active: ActiveRegions
    topic: FailureTopic
    teller: PythonFunction
    dead_letters: DeadLetters
    retain_logs: bool = False

    @property
    def rounds(self) -> int:
        return HOURS * 60 // self.poll_minutes


class RampWorkflow(Construct):
    def __init__(self, scope: Construct, construct_id: str, props: RampWorkflowProps) -> None:
        super().__init__(scope, construct_id)
        self.use_case = props.use_case
        self.role = self._role(props)
        machine = workflow_machine(
            self,
            WorkflowMachineProps(
                name=props.name,
                comment=f"Leads the experiment of {props.use_case} from a shadow to everybody",
                ending=Ending(
                    workflow=f"The ramp of {props.use_case}",
                    use_case=props.use_case,
                    consequence="The experiment stays as it is, and its watch goes on. The ramp is started "
                    "again within the hour; python -m operations experiment does everything by hand.",
                    remedy="A ramp or a measurement ended badly",
                ),
                role=self.role,
                definition=self._states(props),
                active=props.active,
                teller=props.teller,
                dead_letters=props.dead_letters,
                total_hours=HOURS + 6,
                retain_logs=props.retain_logs,
            ),
        )
        self.log_group, self.state_machine = machine.log_group, machine.state_machine

    def _states(self, props: RampWorkflowProps) -> sfn.IChainable:
        name = sfn.Pass.jsonata(
            self,
            "Name the run",
            assign={"run": expression(RUN), "rounds": 0, "said": ""},
            outputs={},
        )
        decide = invoke(
            self,
            "Decide",
            props.function.function,
            {**props.request, "said": expression("$said")},
            assign={
                "decision": expression("$states.result.Payload"),
                "said": expression("$states.result.Payload.said"),
                "rounds": expression("$rounds + 1"),
            },
            outputs={},
        )
        retry(decide, ("ExperimentChanged",), first_seconds=2, longest_seconds=10, attempts=3)
        tell = retry(
            tasks.SnsPublish.jsonata(
                self,
                "Tell",
                topic=props.topic.topic,
                subject=expression("$decision.subject"),
                message=sfn.TaskInput.from_text(expression("$decision.text")),
                outputs={},
            ),
            ("States.TaskFailed",),
            first_seconds=2,
            longest_seconds=60,
            attempts=8,
        )
        wait = sfn.Wait.jsonata(
            self,
            "Wait",
            time=sfn.WaitTime.duration(cdk.Duration.minutes(props.poll_minutes)),
            outputs={},
        )
        handed_over = finished(self, "Handed over", props.use_case, "handed over", words="$decision.words")
        more = (
            sfn.Choice.jsonata(self, "Is the day over?", outputs={})
            .when(sfn.Condition.jsonata(expression(f"$rounds < {props.rounds}")), wait)
            .otherwise(handed_over)
        )
        told = (
            sfn.Choice.jsonata(self, "Must somebody be told?", outputs={})
            .when(sfn.Condition.jsonata(expression("$decision.tell")), tell)
            .otherwise(more)
        )
        tell.next(more)
        decide.next(told)
        wait.next(decide)
        skipped = finished(
            self,
            "Skipped",
            props.use_case,
            "skipped",
            reason=f"{literal('running already: ')} & $earlier",
        )
        begin = (
            sfn.Choice.jsonata(self, "Is another one running?", outputs={})
            .when(sfn.Condition.jsonata(expression("$earlier != ''")), skipped)
            .otherwise(decide)
        )
        return name.next(find_earlier(self)).next(begin)

    def _role(self, props: RampWorkflowProps) -> iam.Role:
        role = state_machine_role(self, "Role", f"Of the ramp of {props.use_case}")
        allow(
            role,
            Access(actions=("lambda:InvokeFunction",), resources=(props.function.arn,)),
            Access(actions=("states:ListExecutions",), resources=(_machine_arn(self, props.name),)),
            *props.topic.publishing,
            *telemetry(),
        )
        return role


def _machine_arn(scope: Construct, name: str) -> str:
    return cdk.Stack.of(scope).format_arn(
        service="states",
        resource="stateMachine",
        resource_name=name,
        arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
    )
