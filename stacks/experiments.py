"""What leads experiments: ramps, their watch, and the daily measurement."""

from collections.abc import Sequence

import aws_cdk as cdk
from constructs import Construct
from constructs.experiments.alarms import ExperimentAlarms, ExperimentAlarmsProps
from constructs.experiments.functions import ExperimentFunctions, ExperimentFunctionsProps
from constructs.experiments.measurement import MeasurementWorkflow, MeasurementWorkflowProps
from constructs.experiments.ramp import RampWorkflow, RampWorkflowProps
from constructs.ground.clock import Clock, ClockProps
from constructs.ground.construct_id import construct_id_of
from constructs.ground.dead_letters import DeadLetters
from constructs.ground.schedule import TrainingSchedule, TrainingScheduleProps

from config.derived.switching import schedule_name, schedule_role_path
from config.schema import Ramp, StageConfig, UseCase
from stacks.data import DataStack
from stacks.props.function_environment import step_environment
from stacks.props.ramp import (
    measurement_name,
    measurement_request,
    ramp_name,
    ramp_request,
    ramped_use_cases,
    watch_request,
)
from stacks.serving import ServingStack
from stacks.training import TrainingStack

WATCH_MINUTES = 5
_MEASURED_AT = "cron(0 4 * * ? *)"
"""A day (UTC) is over, and its events are stored; those that come later are counted within eight days."""


class ExperimentsStack(cdk.Stack):
    """In the region where experiments are changed. Nothing in here holds data."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: StageConfig,
        use_cases: Sequence[UseCase],
        data: DataStack,
        training: TrainingStack,
        serving: ServingStack,
    ) -> None:
        """use_cases: those without a ramp in the stage are left out."""
        super().__init__(
            scope,
            construct_id,
            description=f"Recommendations, {stage.name}: ramps of experiments",
            termination_protection=stage.protected,
        )
        self._stage, self._topic, self._active = stage, training.topic, data.active
        self._teller = training.functions.tell_ending
        # The watch looks in every region that may be active, and does something in the one that is.
        self._begins = data.active.regions[0] == stage.region
        ramped = ramped_use_cases(stage, use_cases)
        api_id = serving.api.api.api_id
        self.functions = ExperimentFunctions(
            self,
            "Steps",
            ExperimentFunctionsProps(
                environment=step_environment(stage),
                data=data.bucket,
                active=data.active,
                topic=training.topic,
                retain_logs=stage.keeps_data,
            ),
        )
        self.dead_letters = DeadLetters(self, "DeadLetters")
        self.ramps = {name: self._ramp(*of, api_id) for name, of in ramped.items()}
        self.measurements = {name: self._measurement(*of) for name, of in ramped.items()}
        Clock(
            self,
            "Watch",
            ClockProps(
                function=self.functions.watch_experiment,
                minutes=WATCH_MINUTES,
                payloads={construct_id_of(name): watch_request(*of, api_id) for name, of in ramped.items()},
                description="Watches an experiment",
                dead_letters=self.dead_letters,
            ),
        )
        ExperimentAlarms(
            self,
            "Alarms",
            ExperimentAlarmsProps(
                functions=self.functions.all,
                watch=self.functions.watch_experiment,
                watch_minutes=WATCH_MINUTES,
                dead_letters=self.dead_letters.queue,
                topic=training.topic.topic,
            ),
        )

    def _ramp(self, use_case: UseCase, ramp: Ramp, api_id: str) -> RampWorkflow:
        name = construct_id_of(use_case.name)
        workflow = RampWorkflow(
            self,
            name,
            RampWorkflowProps(
                name=ramp_name(self._stage, use_case),
                use_case=use_case.name,
                request=ramp_request(use_case, ramp, api_id),
                poll_minutes=ramp.poll_minutes,
                function=self.functions.ramp_experiment,
                active=self._active,
                topic=self._topic,
                teller=self._teller,
                dead_letters=self.dead_letters,
                retain_logs=self._stage.keeps_data,
            ),
        )
        TrainingSchedule(
            self,
            f"{name}Schedule",
            TrainingScheduleProps(
                state_machine=workflow.state_machine,
                expression="rate(1 hour)",
                time_zone="UTC",
                enabled=self._begins,
                description=f"Keeps the ramp of {use_case.name} running",
                dead_letters=self.dead_letters,
                payload={"trigger": "schedule"},
                name=schedule_name(ramp_name(self._stage, use_case)),
                role_path=schedule_role_path(self._stage.name, self._stage.region),
            ),
        )
        cdk.CfnOutput(
            self,
            f"{name}RampArn",
            value=workflow.state_machine.state_machine_arn,
            description=f"State machine that leads the experiment of {use_case.name}; input {{}}",
        )
        return workflow

    def _measurement(self, use_case: UseCase, ramp: Ramp) -> MeasurementWorkflow:
        name = f"{construct_id_of(use_case.name)}Measurement"
        workflow = MeasurementWorkflow(
            self,
            name,
            MeasurementWorkflowProps(
                name=measurement_name(self._stage, use_case),
                use_case=use_case.name,
                request=measurement_request(use_case, ramp),
                plan=self.functions.plan_measurement,
                measure=self.functions.measure_experiment,
                active=self._active,
                teller=self._teller,
                dead_letters=self.dead_letters,
                retain_logs=self._stage.keeps_data,
            ),
        )
        TrainingSchedule(
            self,
            f"{name}Schedule",
            TrainingScheduleProps(
                state_machine=workflow.state_machine,
                expression=_MEASURED_AT,
                time_zone="UTC",
                enabled=self._begins,
                description=f"Measures the experiment of {use_case.name}",
                dead_letters=self.dead_letters,
                payload={"trigger": "schedule"},
                name=schedule_name(measurement_name(self._stage, use_case)),
                role_path=schedule_role_path(self._stage.name, self._stage.region),
            ),
        )
        return workflow
