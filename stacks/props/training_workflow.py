"""From a use case's configuration to the props of its workflow."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

from constructs.ground.dead_letters import DeadLetters
from constructs.ground.failure_topic import FailureTopic
from constructs.models.use_case_model import UseCaseModel
from constructs.storage.data_bucket import UPLOADS, DataBucket
from constructs.training.batch import AudienceProps
from constructs.training.campaign import CampaignProps
from constructs.training.functions import TrainingFunctions
from constructs.training.judging import JudgementProps
from constructs.training.own_variant import OwnModelProps
from constructs.training.workflow_props import TrainingWorkflowProps
from constructs.workflow.dataset_source import DatasetSource

from config.derived.algorithms import algorithm_of, compact
from config.derived.event_rules import expected_events
from config.derived.names import PersonalizeNames, name_in
from config.derived.recipes import recommends_for_items
from config.schema import (
    Dataset,
    DatasetType,
    EndpointKind,
    FileFormat,
    Guards,
    Heuristic,
    Own,
    StageConfig,
    UseCase,
)
from stacks.props.spending import budget_of


def workflow_name(stage: StageConfig, use_case: UseCase) -> str:
    return name_in(stage.name, use_case.name)


def training_workflow_props(
    stage: StageConfig,
    use_case: UseCase,
    *,
    model: UseCaseModel | None,
    functions: TrainingFunctions,
    data: DataBucket,
    topic: FailureTopic,
    dead_letters: DeadLetters,
) -> TrainingWorkflowProps:
    return TrainingWorkflowProps(
        name=workflow_name(stage, use_case),
        use_case=use_case.name,
        job_prefix=PersonalizeNames(stage.name, use_case).prefix,
        sources=tuple(
            _source(stage, use_case, dataset_type, several=data.copies is not None)
            for dataset_type in use_case.datasets
        ),
        judgement=JudgementProps(
            metric=use_case.judgement.metric,
            floor=use_case.judgement.floor,
            tolerance=use_case.judgement.tolerance,
            use_worse=use_case.judgement.use_worse,
        ),
        audience=AudienceProps(
            own_event_types=use_case.own_items.event_types,
            own_includes_user=use_case.own_items.includes_user,
            active_within_days=stage.audience.active_within_days,
            users_per_shard=use_case.users_per_shard,
            with_users_dataset=use_case.users is not None,
            subjects="items" if recommends_for_items(use_case) else "users",
            caps=tuple(cap.as_json() for cap in use_case.caps),
            fatigue=use_case.fatigue.as_json() if use_case.fatigue else None,
        ),
        recommendations=use_case.recommendations,
        list_bytes=use_case.list_bytes,
        batch_results=use_case.batch_results,
        minimum_share=use_case.minimum_loaded_share,
        generation_days=stage.generation_days,
        with_catalogue=bool(use_case.endpoint and use_case.endpoint.kind is EndpointKind.DIRECTORY),
        shards_at_once=stage.shards_at_once,
        campaign=_campaign(stage, use_case, model),
        budget=budget_of(stage, use_case),
        guards=_guards(use_case.checks.guards),
        model=model,
        engine={variant.name: _of_engine(use_case, variant) for variant in use_case.by_engine},
        default=use_case.default_variant,
        thresholds=use_case.comparison.as_json(),
        functions=functions,
        data=data,
        topic=topic,
        dead_letters=dead_letters,
        retain_logs=stage.keeps_data,
    )


def uploaded_file(use_case: UseCase, dataset: DatasetType) -> str:
    """Key in the data bucket of the file that a dataset is read from: one without a query, or of a stage
    without a database.
    """
    return f"{UPLOADS}/{use_case.name}/{dataset}.{use_case.datasets[dataset].file or FileFormat.CSV}"


def files_read(stage: StageConfig, use_cases: Iterable[UseCase]) -> frozenset[str]:
    """Formats of all files that datasets of the stage are read from."""
    datasets = [dataset for use_case in use_cases for dataset in use_case.datasets.values()]
    return frozenset(
        (dataset.file or FileFormat.CSV).value
        for dataset in datasets
        if dataset.file or stage.database is None
    )


def _source(
    stage: StageConfig, use_case: UseCase, dataset_type: DatasetType, *, several: bool
) -> DatasetSource:
    dataset = use_case.datasets[dataset_type]
    asked = stage.database is not None and dataset.sql is not None
    return DatasetSource(
        name=dataset_type.value,
        query=dataset.query if asked else None,
        file=None if asked else uploaded_file(use_case, dataset_type),
        columns=tuple(column.as_json() for column in dataset.columns),
        tracked=_tracked(use_case, several) if dataset_type is DatasetType.INTERACTIONS else None,
        event_types=_event_types(use_case) if dataset_type is DatasetType.INTERACTIONS else None,
    )


def _guards(guards: Guards) -> dict[str, object]:
    return {
        "rows": asdict(guards.rows),
        "people": asdict(guards.people),
        "items": asdict(guards.items),
        "eventType": asdict(guards.event_type),
        "fromRows": guards.from_rows,
    }


def _event_types(use_case: UseCase) -> dict[str, object] | None:
    expected = expected_events(use_case)
    return expected.as_json() if expected else None


def _tracked(use_case: UseCase, several: bool) -> dict[str, object] | None:
    tracking = use_case.tracking
    types, untold = trained_events(use_case, several=several)
    if tracking is None or not types:
        return None
    return {"eventTypes": [*types], "days": tracking.trained_days, **({"untold": True} if untold else {})}


def trained_events(use_case: UseCase, *, several: bool) -> tuple[tuple[str, ...], bool]:
    """Types of tracked events that a training reads, and whether only those that this region's event tracker
    has not been told of. several: whether other regions have events too.
    """
    tracking = use_case.tracking
    if tracking is None:
        return (), False
    if tracking.event_tracker and several:
        return tuple(event.name for event in use_case.event_types), True
    return tracking.trains_on, False


def _of_engine(use_case: UseCase, variant: Own | Heuristic) -> OwnModelProps:
    """A heuristic is given the columns that it names, and no others."""
    if isinstance(variant, Heuristic):
        algorithm, configuration = algorithm_of(variant)
        columns = {DatasetType.USERS.value: _columns(use_case.users, variant.columns)}
    else:
        algorithm = variant.algorithm
        configuration = compact(variant.configuration) if variant.configuration else None
        columns = {
            kind.value: _columns(dataset)
            for kind, dataset in use_case.datasets.items()
            if kind is not DatasetType.INTERACTIONS
        }
    return OwnModelProps(
        algorithm=algorithm,
        seed=variant.seed,
        configuration=configuration,
        event_weights={event.name: event.weight for event in use_case.event_types if event.weight is not None}
        or None,
        columns=columns,
        relearn_days=variant.relearn_days if isinstance(variant, Own) and variant.keeps_weights else None,
        repeats=isinstance(variant, Own)
        and not use_case.own_items.event_types
        and not recommends_for_items(use_case),
    )


def _columns(
    dataset: Dataset | None, names: Sequence[str] | None = None
) -> tuple[Mapping[str, str | bool], ...]:
    columns = dataset.columns if dataset else ()
    return tuple(column.as_json() for column in columns if names is None or column.name in names)


def _campaign(stage: StageConfig, use_case: UseCase, model: UseCaseModel | None) -> CampaignProps | None:
    campaign = use_case.campaign_in(stage.name)
    if campaign is None or model is None or model.campaign_arn is None:
        return None
    return CampaignProps(
        name=PersonalizeNames(stage.name, use_case).campaign,
        arn=model.campaign_arn,
        min_provisioned_tps=campaign.min_provisioned_tps,
    )
