"""From a use case's configuration to the props of its model."""

from constructs.models.campaign_removal import CampaignRemoval
from constructs.models.personalize_datasets import DatasetProps
from constructs.models.personalize_solution import FilterProps
from constructs.models.solution_settings import SolutionSettings
from constructs.models.use_case_model import SolutionProps, UseCaseModelProps
from constructs.storage.data_bucket import DataBucket

from config.derived.avro import avro_schema
from config.derived.names import PersonalizeNames
from config.derived.recipes import Group, parameters_of, recipe_arn
from config.schema import Personalize, StageConfig, UseCase


def use_case_model_props(
    stage: StageConfig,
    use_case: UseCase,
    *,
    data: DataBucket,
    settings: SolutionSettings,
    campaigns: CampaignRemoval,
) -> UseCaseModelProps:
    """Raises: ValueError, of a use case without the variant `personalize`."""
    names = PersonalizeNames(stage.name, use_case)
    return UseCaseModelProps(
        folder=use_case.name,
        dataset_group_name=names.dataset_group,
        datasets=tuple(
            DatasetProps(
                type=dataset_type.value.capitalize(),
                name=names.dataset(dataset_type),
                schema_name=names.schema(dataset_type),
                schema=avro_schema(dataset_type, dataset),
            )
            for dataset_type, dataset in use_case.datasets.items()
        ),
        solution=_solution_props(stage, use_case, names),
        data=data,
        settings=settings,
        campaigns=campaigns,
        retain=stage.keeps_data,
    )


def _solution_props(stage: StageConfig, use_case: UseCase, names: PersonalizeNames) -> SolutionProps:
    variant = use_case.personalize
    if variant is None:
        raise ValueError(f"{use_case.name} has no variant {Personalize.name}")
    parameters = parameters_of(variant.recipe, variant.hyper_parameters)
    expression = use_case.own_items.filter_expression
    filter_name = names.own_items_filter
    return SolutionProps(
        name=names.solution,
        recipe_arn=recipe_arn(variant.recipe),
        algorithm_parameters=parameters[Group.ALGORITHM],
        feature_parameters=parameters[Group.FEATURES],
        event_weights={
            event.name: event.weight for event in use_case.event_types if event.weight is not None
        },
        filter=FilterProps(name=filter_name, expression=expression) if filter_name and expression else None,
        campaign_name=names.campaign if use_case.campaign_in(stage.name) else None,
    )
