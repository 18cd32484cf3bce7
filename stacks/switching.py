"""What makes a region the active one: in each region that may be."""

from collections.abc import Sequence

import aws_cdk as cdk
from constructs import Construct
from constructs.ground.dead_letters import DeadLetters
from constructs.ground.function_alarms import FunctionAlarms
from constructs.switching.functions import SwitchFunctions, SwitchFunctionsProps
from constructs.switching.workflow import SwitchWorkflow, SwitchWorkflowProps

from config.derived.switching import region_function_name, switch_name
from config.schema import Notification, StageConfig, UseCase
from stacks.data import DataStack
from stacks.props.function_environment import step_environment
from stacks.props.switching import estate_props, switch_steps
from stacks.training import TrainingStack


class SwitchingStack(cdk.Stack):
    """Knows schedules and state machines of the other stacks by name: none of them is kept by this one."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: StageConfig,
        region: str,
        use_cases: Sequence[UseCase],
        notifications: Sequence[Notification],
        data: DataStack,
        training: TrainingStack,
    ) -> None:
        """stage: as configured, not as the region sees it. training: of whose topic failures are told."""
        super().__init__(
            scope,
            construct_id,
            description=f"Recommendations, {stage.name}: switches from region to region",
            termination_protection=stage.protected,
        )
        estate = estate_props(stage, region, use_cases, notifications)
        self.functions = SwitchFunctions(
            self,
            "Steps",
            SwitchFunctionsProps(
                name=region_function_name(stage.name),
                environment=step_environment(stage),
                active=data.active,
                estate=estate,
                data=data.bucket,
                retain_logs=stage.keeps_data,
            ),
        )
        self.dead_letters = DeadLetters(self, "DeadLetters")
        self.workflow = SwitchWorkflow(
            self,
            "Switch",
            SwitchWorkflowProps(
                name=switch_name(stage.name),
                region=region,
                steps=switch_steps(),
                estate=estate,
                functions=self.functions,
                teller=training.functions.tell_ending,
                dead_letters=self.dead_letters,
                retain_logs=stage.keeps_data,
            ),
        )
        FunctionAlarms(self, "Alarms", functions=self.functions.all, topic=training.topic.topic)
        cdk.CfnOutput(
            self,
            "SwitchArn",
            value=self.workflow.state_machine.state_machine_arn,
            description="State machine that makes this region the active one; started by "
            "`python -m operations region switch`",
        )
