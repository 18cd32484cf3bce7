"""The retraining of one use case: from the database to a published generation."""

from dataclasses import dataclass, field

from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from constructs.ground.dead_letters import DeadLetters
from constructs.ground.failure_topic import FailureTopic
from constructs.models.use_case_model import UseCaseModel
from constructs.storage.data_bucket import DataBucket
from constructs.training.batch import AudienceProps, BatchProps
from constructs.training.campaign import CONSEQUENCES, CampaignProps, Endings, follow_model
from constructs.training.datasets import (
    IS_NEW,
    compare_datasets,
    extract_datasets,
    nothing_new,
)
from constructs.training.functions import TrainingFunctions
from constructs.training.imports import ImportsProps
from constructs.training.personalize_variant import (
    VARIANT,
    JudgementProps,
    PersonalizeVariantProps,
    personalize_variant,
)
from constructs.training.publishing import PublishingProps, publish_recommendations, published
from constructs.training.role import WorkflowRoleProps, workflow_role
from constructs.training.waiting import Patience
from constructs.workflow.beginning import beginning
from constructs.workflow.dataset_source import DatasetSource
from constructs.workflow.failure import FailurePathProps, failure_path
from constructs.workflow.machine import WorkflowMachineProps, workflow_machine

_IMPORTS = Patience(seconds=60, hours=4)
_TRAINING = Patience(seconds=180, hours=24)
_BATCH = Patience(seconds=120, hours=12)


@dataclass(frozen=True, kw_only=True)
class Deadlines:
    """How long each kind of job may take, and how often it is looked at; total_hours: the whole run.

    25,000 events end an execution, and a look costs nine: the looks of all loops together stay below.
    """

    imports: Patience = _IMPORTS
    training: Patience = _TRAINING
    batch: Patience = _BATCH
    total_hours: int = 48


@dataclass(frozen=True, kw_only=True)
class TrainingWorkflowProps:
    """name: of the state machine, at most 80 characters; its role and its distributed map name it.
    job_prefix: import jobs are <prefix>-<dataset>-<run>, the batch job <prefix>-batch-<run>.
    recommendations: stored per user at most. batch_results: asked for per user, own items among them.
    with_catalogue: the items are served as a directory. campaign: follows the published model.
    minimum_share: of the audience that must have a list before it is published (0-1).
    generation_days: until a generation expires. shards_at_once: to be loaded.
    Other members: see their types.
    """

    name: str
    use_case: str
    job_prefix: str
    sources: tuple[DatasetSource, ...]
    judgement: JudgementProps
    audience: AudienceProps
    recommendations: int
    batch_results: int
    minimum_share: float
    generation_days: int
    model: UseCaseModel
    functions: TrainingFunctions
    data: DataBucket
    topic: FailureTopic
    dead_letters: DeadLetters
    with_catalogue: bool = False
    shards_at_once: int = 10
    campaign: CampaignProps | None = None
    deadlines: Deadlines = field(default_factory=Deadlines)
    retain_logs: bool = False


class TrainingWorkflow(Construct):
    """One run at a time; any failure ends in one message, and leaves what is being served as it is."""

    def __init__(self, scope: Construct, construct_id: str, props: TrainingWorkflowProps) -> None:
        super().__init__(scope, construct_id)
        self.use_case = props.use_case
        self.role = self._role(props)
        machine = workflow_machine(
            self,
            WorkflowMachineProps(
                name=props.name,
                comment=f"Retrains {props.use_case} and publishes its recommendations",
                title=f"The training workflow of {props.use_case}",
                consequence="The recommendations being served stay as they are.",
                role=self.role,
                definition=self._definition(props),
                topic=props.topic,
                dead_letters=props.dead_letters,
                total_hours=props.deadlines.total_hours,
                retain_logs=props.retain_logs,
            ),
        )
        self.log_group, self.state_machine = machine.log_group, machine.state_machine

    @property
    def arn(self) -> str:
        return self.state_machine.state_machine_arn

    def _role(self, props: TrainingWorkflowProps) -> iam.Role:
        return workflow_role(
            self,
            "Role",
            WorkflowRoleProps(
                machine_name=props.name,
                use_case=props.use_case,
                job_prefix=props.job_prefix,
                dataset_arns=_dataset_arns(props),
                solution_arn=props.model.solution_arn,
                filter_arn=props.model.filter_arn,
                campaign_arn=props.campaign.arn if props.campaign else None,
                function_arns=tuple(function.arn for function in props.functions.all.values()),
                passed_roles=(props.model.import_role, props.model.batch_role),
                data=props.data,
                topic=props.topic,
            ),
        )

    def _definition(self, props: TrainingWorkflowProps) -> sfn.IChainable:
        """Built from the end to the beginning: each part is told what follows it."""
        functions = props.functions
        failures = failure_path(
            self,
            FailurePathProps(
                title=props.name,
                use_case=props.use_case,
                topic=props.topic.topic,
                consequences=CONSEQUENCES if props.campaign else {},
            ),
        )
        endings = Endings(
            published=published(self, use_case=props.use_case),
            unchanged=nothing_new(self, use_case=props.use_case),
        )
        if props.campaign:
            endings = follow_model(self, props.campaign, then=endings, is_new=IS_NEW, failures=failures)
        publish = publish_recommendations(
            self,
            PublishingProps(
                use_case=props.use_case,
                variant=VARIANT,
                recommendations=props.recommendations,
                minimum_share=props.minimum_share,
                generation_days=props.generation_days,
                with_catalogue=props.with_catalogue,
                concurrency=props.shards_at_once,
                bucket=props.data.bucket,
                load=functions.load_recommendations.function,
                publish=functions.publish_generation.function,
            ),
            then=endings.published,
            failures=failures,
        )
        recommend = personalize_variant(self, _variant(props), then=publish, failures=failures)
        compare = compare_datasets(
            self,
            use_case=props.use_case,
            variant=VARIANT,
            solution_arn=props.model.solution_arn,
            function=functions.compare_datasets.function,
            then=recommend,
            unchanged=endings.unchanged,
            failures=failures,
        )
        extract = extract_datasets(
            self,
            props.sources,
            use_case=props.use_case,
            function=functions.extract_dataset.function,
            then=compare,
            failures=failures,
        )
        return beginning(
            self,
            use_case=props.use_case,
            generation_days=props.generation_days,
            then=extract,
            failures=failures,
        )


def _dataset_arns(props: TrainingWorkflowProps) -> dict[str, str]:
    return {source.name: props.model.dataset_arns[source.name] for source in props.sources}


def _variant(props: TrainingWorkflowProps) -> PersonalizeVariantProps:
    return PersonalizeVariantProps(
        use_case=props.use_case,
        title=props.name,
        solution_arn=props.model.solution_arn,
        imports=ImportsProps(
            name_prefix=props.job_prefix,
            dataset_arns=_dataset_arns(props),
            role_arn=props.model.import_role.role_arn,
            patience=props.deadlines.imports,
        ),
        training=props.deadlines.training,
        judgement=props.judgement,
        batch=BatchProps(
            use_case=props.use_case,
            name_prefix=props.job_prefix,
            audience=props.audience,
            results=props.batch_results,
            filter_arn=props.model.filter_arn,
            role_arn=props.model.batch_role.role_arn,
            key_arn=props.data.key.key_arn,
            patience=props.deadlines.batch,
            write_input=props.functions.write_batch_input.function,
        ),
        judge=props.functions.judge_solution_version.function,
        topic=props.topic.topic,
    )
