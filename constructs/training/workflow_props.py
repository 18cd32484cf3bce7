"""What a training workflow is made of, and what each of its variants gets of that."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from constructs.ground.dead_letters import DeadLetters
from constructs.ground.failure_topic import FailureTopic
from constructs.models.use_case_model import UseCaseModel
from constructs.storage.data_bucket import DataBucket
from constructs.training import own_variant, personalize_variant
from constructs.training.batch import OUTPUT, AudienceProps, BatchProps, output_of
from constructs.training.campaign import CampaignProps
from constructs.training.datasets import ComparisonProps
from constructs.training.functions import TrainingFunctions
from constructs.training.imports import ImportsProps
from constructs.training.judging import JudgementProps
from constructs.training.own_variant import OwnModelProps
from constructs.training.publishing import PublishingProps
from constructs.training.side_by_side import kept_details
from constructs.training.variant_run import Make, VariantRunProps
from constructs.workflow.dataset_source import DatasetSource
from constructs.workflow.language import expression
from constructs.workflow.waiting import Patience

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
    model: in Amazon Personalize; engine: models of the engine by the names of their variants, whose functions
    are among `functions`; one variant at least. default: the one whose lists are served; None: the first.
    job_prefix: import jobs are <prefix>-<dataset>-<run>, the batch job <prefix>-batch-<run>.
    recommendations: stored per user at most. batch_results: asked for per user, own items among them.
    list_bytes: that a stored list may have.
    with_catalogue: the items are served as a directory. campaign: follows the published model.
    minimum_share: of the audience that must have a list before it is published (0-1).
    thresholds: by which several variants are compared, see `constructs.comparison.fragment`.
    generation_days: until a generation expires. shards_at_once: to be loaded, or recommended.
    budget: of a run with Amazon Personalize; guards: of its data, but for the variants; see ComparisonProps.
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
    engine: Mapping[str, OwnModelProps] = field(default_factory=dict)
    default: str | None = None
    thresholds: Mapping[str, float] = field(default_factory=dict)
    with_catalogue: bool = False
    list_bytes: int = 1_024
    shards_at_once: int = 10
    campaign: CampaignProps | None = None
    budget: Mapping[str, float | bool] | None = None
    guards: Mapping[str, Any] | None = None
    deadlines: Deadlines = field(default_factory=Deadlines)
    retain_logs: bool = False


def variants_of(props: TrainingWorkflowProps) -> tuple[str, ...]:
    """Their names."""
    return (*((personalize_variant.VARIANT,) if props.model else ()), *props.engine)


def run_of(props: TrainingWorkflowProps, variant: str) -> VariantRunProps:
    """What a run does for one of them; where there are several, each is told apart from the others."""
    several = len(variants_of(props)) > 1
    engine = props.engine.get(variant)
    if engine:
        defined = {"definition": engine.definition}
        model = {
            **defined,
            "modelKey": expression("$trained.modelKey"),
            "modelDigest": expression("$trained.modelDigest"),
        }
        make = _with_engine(props, variant, engine, several)
    else:
        assert props.model
        defined = {"solutionArn": props.model.solution_arn}
        model = {"solutionVersionArn": expression("$solutionVersionArn")}
        make = _with_personalize(props, props.model, several)
    return VariantRunProps(
        variant=variant,
        comparison=ComparisonProps(
            use_case=props.use_case,
            variant=variant,
            model=defined,
            function=props.functions.compare_datasets.function,
            budget=None if engine else props.budget,
            guards={**props.guards, "variants": [*variants_of(props)]} if props.guards else None,
        ),
        make=make,
        publishing=PublishingProps(
            use_case=props.use_case,
            variant=variant,
            model=model,
            recommendations=props.recommendations,
            list_bytes=props.list_bytes,
            minimum_share=props.minimum_share,
            generation_days=props.generation_days,
            with_catalogue=props.with_catalogue,
            concurrency=props.shards_at_once,
            bucket=props.data.bucket,
            load=props.functions.load_recommendations.function,
            publish=props.functions.publish_generation.function,
            side_by_side=several,
            budget=None if engine else props.budget,
            caps=props.audience.caps,
            fatigue=props.audience.fatigue,
        ),
        campaign=None if engine else props.campaign,
    )


def dataset_arns(props: TrainingWorkflowProps, model: UseCaseModel) -> dict[str, str]:
    return {source.name: model.dataset_arns[source.name] for source in props.sources}


def _with_engine(props: TrainingWorkflowProps, variant: str, model: OwnModelProps, several: bool) -> Make:
    own = own_variant.OwnVariantProps(
        use_case=props.use_case,
        title=props.name,
        variant=variant,
        model=model,
        judgement=props.judgement,
        audience=props.audience,
        results=props.batch_results,
        bucket=props.data.bucket,
        functions=props.functions.of_engine[props.use_case, variant],
        judge=props.functions.judge_solution_version.function,
        write_input=None if several else props.functions.write_batch_input.function,
        topic=props.topic.topic,
        concurrency=props.shards_at_once,
        side_by_side=several,
        details=kept_details(variant) if several else {},
    )
    return lambda scope, then, failures: own_variant.own_variant(scope, own, then=then, failures=failures)


def _with_personalize(props: TrainingWorkflowProps, model: UseCaseModel, several: bool) -> Make:
    variant = personalize_variant.VARIANT
    personalize = personalize_variant.PersonalizeVariantProps(
        use_case=props.use_case,
        title=props.name,
        solution_arn=model.solution_arn,
        imports=ImportsProps(
            name_prefix=props.job_prefix,
            dataset_arns=dataset_arns(props, model),
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
            write_input=None if several else props.functions.write_batch_input.function,
            output=output_of(variant) if several else OUTPUT,
        ),
        judge=props.functions.judge_solution_version.function,
        topic=props.topic.topic,
        side_by_side=several,
        details=kept_details(variant) if several else {},
        by_the_hour=bool(props.budget and props.budget["hourUsd"]),
    )
    return lambda scope, then, failures: personalize_variant.personalize_variant(
        scope, personalize, then=then, failures=failures
    )
