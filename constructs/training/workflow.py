"""The retraining of one use case: from the database to a published generation."""

from dataclasses import dataclass, field

from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from constructs.ground.dead_letters import DeadLetters
from constructs.ground.failure_topic import FailureTopic
from constructs.models.use_case_model import UseCaseModel
from constructs.storage.data_bucket import DataBucket
from constructs.training import own_variant, personalize_variant
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
from constructs.training.judging import JudgementProps
from constructs.training.own_variant import OwnModelProps
from constructs.training.publishing import MAP_LABEL, PublishingProps, publish_recommendations, published
from constructs.training.role import WorkflowRoleProps, workflow_role
from constructs.training.waiting import Patience
from constructs.workflow.beginning import beginning
from constructs.workflow.dataset_source import DatasetSource
from constructs.workflow.failure import FailurePathProps, FailureRoute, failure_path
from constructs.workflow.language import expression
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
    """name: of the state machine, at most 80 characters; its role and its distributed maps name it.
    model: in Amazon Personalize; own: of the engine, whose functions are among `functions`; one of the two.
    job_prefix: import jobs are <prefix>-<dataset>-<run>, the batch job <prefix>-batch-<run>.
    recommendations: stored per user at most. batch_results: asked for per user, own items among them.
    with_catalogue: the items are served as a directory. campaign: follows the published model.
    minimum_share: of the audience that must have a list before it is published (0-1).
    generation_days: until a generation expires. shards_at_once: to be loaded, or recommended.
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
    functions: TrainingFunctions
    data: DataBucket
    topic: FailureTopic
    dead_letters: DeadLetters
    model: UseCaseModel | None = None
    own: OwnModelProps | None = None
    with_catalogue: bool = False
    shards_at_once: int = 10
    campaign: CampaignProps | None = None
    deadlines: Deadlines = field(default_factory=Deadlines)
    retain_logs: bool = False


class TrainingWorkflow(Construct):
    """One run at a time; any failure ends in one message, and leaves what is being served as it is.

    Raises: ValueError, unless a model of one variant is given.
    """

    def __init__(self, scope: Construct, construct_id: str, props: TrainingWorkflowProps) -> None:
        super().__init__(scope, construct_id)
        if (props.model is None) is (props.own is None):
            raise ValueError(f"{props.use_case}: a workflow trains either a model or one of its own")
        self.use_case = props.use_case
        self.variant = own_variant.VARIANT if props.own else personalize_variant.VARIANT
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
        model = props.model
        own = props.functions.own[props.use_case].all if props.own else {}
        functions = (*props.functions.shared.values(), *own.values())
        return workflow_role(
            self,
            "Role",
            WorkflowRoleProps(
                machine_name=props.name,
                use_case=props.use_case,
                job_prefix=props.job_prefix,
                map_labels=(own_variant.MAP_LABEL, MAP_LABEL) if props.own else (MAP_LABEL,),
                dataset_arns=_dataset_arns(props, model) if model else {},
                solution_arn=model.solution_arn if model else None,
                filter_arn=model.filter_arn if model else None,
                campaign_arn=props.campaign.arn if props.campaign else None,
                function_arns=tuple(function.arn for function in functions),
                passed_roles=(model.import_role, model.batch_role) if model else (),
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
                variant=self.variant,
                model=_record(props),
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
        recommend = self._variant(props, then=publish, failures=failures)
        compare = compare_datasets(
            self,
            use_case=props.use_case,
            variant=self.variant,
            model=_defined(props),
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

    def _variant(
        self, props: TrainingWorkflowProps, *, then: sfn.IChainable, failures: FailureRoute
    ) -> sfn.IChainable:
        if props.model:
            personalize = _personalize_props(props, props.model)
            return personalize_variant.personalize_variant(self, personalize, then=then, failures=failures)
        assert props.own
        return own_variant.own_variant(self, _own_props(props, props.own), then=then, failures=failures)


def _defined(props: TrainingWorkflowProps) -> dict[str, str]:
    if props.model:
        return {"solutionArn": props.model.solution_arn}
    assert props.own
    return {"definition": props.own.definition}


def _record(props: TrainingWorkflowProps) -> dict[str, str]:
    if props.model:
        return {"solutionVersionArn": expression("$solutionVersionArn")}
    assert props.own
    return {
        "definition": props.own.definition,
        "modelKey": expression("$trained.modelKey"),
        "modelDigest": expression("$trained.modelDigest"),
    }


def _dataset_arns(props: TrainingWorkflowProps, model: UseCaseModel) -> dict[str, str]:
    return {source.name: model.dataset_arns[source.name] for source in props.sources}


def _own_props(props: TrainingWorkflowProps, model: OwnModelProps) -> own_variant.OwnVariantProps:
    return own_variant.OwnVariantProps(
        use_case=props.use_case,
        title=props.name,
        model=model,
        judgement=props.judgement,
        audience=props.audience,
        results=props.batch_results,
        bucket=props.data.bucket,
        functions=props.functions.own[props.use_case],
        judge=props.functions.judge_solution_version.function,
        write_input=props.functions.write_batch_input.function,
        topic=props.topic.topic,
        concurrency=props.shards_at_once,
    )


def _personalize_props(
    props: TrainingWorkflowProps, model: UseCaseModel
) -> personalize_variant.PersonalizeVariantProps:
    return personalize_variant.PersonalizeVariantProps(
        use_case=props.use_case,
        title=props.name,
        solution_arn=model.solution_arn,
        imports=ImportsProps(
            name_prefix=props.job_prefix,
            dataset_arns=_dataset_arns(props, model),
            role_arn=model.import_role.role_arn,
            patience=props.deadlines.imports,
        ),
        training=props.deadlines.training,
        judgement=props.judgement,
        batch=BatchProps(
            use_case=props.use_case,
            name_prefix=props.job_prefix,
            audience=props.audience,
            results=props.batch_results,
            filter_arn=model.filter_arn,
            role_arn=model.batch_role.role_arn,
            key_arn=props.data.key.key_arn,
            patience=props.deadlines.batch,
            write_input=props.functions.write_batch_input.function,
        ),
        judge=props.functions.judge_solution_version.function,
        topic=props.topic.topic,
    )
