"""What retrains: the steps' functions, one workflow and schedule per use case, and the topic for failures."""

from collections.abc import Sequence

import aws_cdk as cdk
from constructs import Construct
from constructs.ground.construct_id import construct_id_of
from constructs.ground.dead_letters import DeadLetters
from constructs.ground.failure_topic import FailureTopic, FailureTopicProps
from constructs.ground.function_alarms import FunctionAlarms
from constructs.ground.python_function import FunctionNetwork
from constructs.ground.schedule import TrainingSchedule, TrainingScheduleProps
from constructs.training.functions import DatabaseAccess, TrainingFunctions, TrainingFunctionsProps
from constructs.training.workflow import TrainingWorkflow

from config.derived.names import PersonalizeNames, app_name
from config.derived.switching import schedule_name, schedule_role_path
from config.schema import Database, Own, StageConfig, UseCase
from stacks.data import DataStack
from stacks.props.function_environment import step_environment
from stacks.props.training_workflow import files_read, trained_events, training_workflow_props, workflow_name


class TrainingStack(cdk.Stack):
    """Nothing in here holds data: it can be deleted and deployed again."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: StageConfig,
        use_cases: Sequence[UseCase],
        data: DataStack,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            description=f"Recommendations, {stage.name}: retraining workflows",
            termination_protection=stage.protected,
        )
        self.topic = FailureTopic(
            self, "Failures", FailureTopicProps(title=app_name(stage.name), emails=stage.alarm_emails)
        )
        self.functions = TrainingFunctions(
            self,
            "Steps",
            TrainingFunctionsProps(
                environment=step_environment(stage),
                data=data.bucket,
                active=data.active,
                topic=self.topic,
                database=_database_access(stage.database) if stage.database else None,
                solution_names=tuple(
                    PersonalizeNames(stage.name, use_case).solution
                    for use_case in use_cases
                    if use_case.personalize
                ),
                files=files_read(stage, use_cases),
                trained_events=tuple(
                    case.name
                    for case in use_cases
                    if trained_events(case, several=data.bucket.copies is not None)[0]
                ),
                tiring_events=tuple(case.name for case in use_cases if case.fatigue),
                keep_weights=frozenset(
                    (case.name, Own.name) for case in use_cases if case.own and case.own.keeps_weights
                ),
                engine_memory_mb={
                    (case.name, variant.name): variant.memory_mb
                    for case in use_cases
                    for variant in case.by_engine
                },
                compared=tuple(case.name for case in use_cases if len(case.variants) > 1),
                retain_logs=stage.keeps_data,
            ),
        )
        if self.functions.of_variants:
            # In this stack: others would keep it from losing the functions of a variant that is taken away.
            FunctionAlarms(self, "Variants", functions=self.functions.of_variants, topic=self.topic.topic)
        self.dead_letters = DeadLetters(self, "DeadLetters")
        self.workflows = {use_case.name: self._workflow(stage, use_case, data) for use_case in use_cases}
        cdk.CfnOutput(
            self,
            "FailureTopicArn",
            value=self.topic.topic.topic_arn,
            description="Tells of failed runs and alarms; subscribe to it",
        )

    def _workflow(self, stage: StageConfig, use_case: UseCase, data: DataStack) -> TrainingWorkflow:
        name = construct_id_of(use_case.name)
        workflow = TrainingWorkflow(
            self,
            name,
            training_workflow_props(
                stage,
                use_case,
                model=data.models.get(use_case.name),
                functions=self.functions,
                data=data.bucket,
                topic=self.topic,
                dead_letters=self.dead_letters,
            ),
        )
        TrainingSchedule(
            self,
            f"{name}Schedule",
            TrainingScheduleProps(
                state_machine=workflow.state_machine,
                expression=stage.schedule.expression,
                time_zone=stage.schedule.time_zone,
                enabled=stage.schedule.enabled,
                description=f"Retrains {use_case.name}",
                dead_letters=self.dead_letters,
                name=schedule_name(workflow_name(stage, use_case)),
                role_path=schedule_role_path(stage.name, stage.region),
            ),
        )
        cdk.CfnOutput(
            self,
            f"{name}WorkflowArn",
            value=workflow.arn,
            description=f'State machine that retrains {use_case.name}; input {{}} or {{"force": true}}',
        )
        return workflow


def _database_access(database: Database) -> DatabaseAccess:
    return DatabaseAccess(
        network=FunctionNetwork(
            subnet_ids=database.subnet_ids, security_group_ids=(database.security_group_id,)
        ),
        secret_name=database.secret_name,
        ssl_mode=database.ssl_mode.value,
    )
