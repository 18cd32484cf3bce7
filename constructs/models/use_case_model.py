"""Everything that Amazon Personalize holds for one use case."""

from dataclasses import dataclass

from constructs import Construct
from constructs.models.campaign_removal import CampaignRemoval
from constructs.models.personalize_datasets import DatasetProps, PersonalizeDatasets, PersonalizeDatasetsProps
from constructs.models.personalize_roles import batch_role, import_role
from constructs.models.personalize_solution import (
    FilterProps,
    PersonalizeSolution,
    PersonalizeSolutionProps,
)
from constructs.models.solution_settings import SolutionSettings
from constructs.storage.data_bucket import DataBucket


@dataclass(frozen=True, kw_only=True)
class SolutionProps:
    """See PersonalizeSolutionProps for each."""

    name: str
    recipe_arn: str
    algorithm_parameters: dict[str, str]
    feature_parameters: dict[str, str]
    event_weights: dict[str, float]
    filter: FilterProps | None = None
    campaign_name: str | None = None


@dataclass(frozen=True, kw_only=True)
class UseCaseModelProps:
    """folder: of the use case, below each prefix of the data bucket.
    retain: whether all of it outlives the stack.
    """

    folder: str
    dataset_group_name: str
    datasets: tuple[DatasetProps, ...]
    solution: SolutionProps
    data: DataBucket
    settings: SolutionSettings
    campaigns: CampaignRemoval
    retain: bool


class UseCaseModel(Construct):
    """Datasets, solution, filter and the two roles for jobs.

    The ARNs are composed from names: whoever reads them in another stack does not keep a solution from being
    replaced. The roles' ARNs are references.
    """

    def __init__(self, scope: Construct, construct_id: str, props: UseCaseModelProps) -> None:
        super().__init__(scope, construct_id)
        datasets = PersonalizeDatasets(
            self,
            "Datasets",
            PersonalizeDatasetsProps(
                group_name=props.dataset_group_name, datasets=props.datasets, retain=props.retain
            ),
        )
        model = PersonalizeSolution(
            self,
            "Model",
            PersonalizeSolutionProps(
                name=props.solution.name,
                recipe_arn=props.solution.recipe_arn,
                datasets=datasets,
                settings=props.settings,
                algorithm_parameters=props.solution.algorithm_parameters,
                feature_parameters=props.solution.feature_parameters,
                event_weights=props.solution.event_weights,
                filter=props.solution.filter,
                campaigns=props.campaigns,
                campaign_name=props.solution.campaign_name,
                retain=props.retain,
            ),
        )
        self.import_role = import_role(self, "ImportRole", data=props.data, folder=props.folder)
        self.batch_role = batch_role(self, "BatchRole", data=props.data, folder=props.folder)
        self.dataset_group_arn = datasets.group_arn
        self.dataset_arns = datasets.dataset_arns
        self.solution_arn = model.arn
        self.filter_arn = model.filter_arn
        self.campaign_arn = model.campaign_arn
