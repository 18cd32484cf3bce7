"""What Amazon Personalize trains for a use case, and what may be done with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aws_cdk import aws_personalize as personalize
from constructs import Construct
from constructs.ground.personalize_service import personalize_arn
from constructs.ground.removal import removal
from constructs.models.campaign_removal import CampaignRemoval
from constructs.models.personalize_datasets import PersonalizeDatasets
from constructs.models.solution_settings import SolutionSettings


@dataclass(frozen=True, kw_only=True)
class FilterProps:
    """A changed expression needs a changed name."""

    name: str
    expression: str


@dataclass(frozen=True, kw_only=True)
class PersonalizeSolutionProps:
    """name: changes with recipe and parameters, which cannot be changed in place.
    event_weights: weight (0 to 1) of each event type; recipes of version 2 only.
    campaign_name: of the campaign that the training workflow keeps; it goes with the solution.
    """

    name: str
    recipe_arn: str
    datasets: PersonalizeDatasets
    settings: SolutionSettings
    campaigns: CampaignRemoval
    algorithm_parameters: Mapping[str, str] = field(default_factory=dict)
    feature_parameters: Mapping[str, str] = field(default_factory=dict)
    event_weights: Mapping[str, float] = field(default_factory=dict)
    filter: FilterProps | None = None
    campaign_name: str | None = None
    retain: bool


class PersonalizeSolution(Construct):
    """A solution that trains only when told to, and a filter.

    Each depends on what has to outlive it: a campaign goes before the solution, filter and solution go
    before the datasets.
    """

    def __init__(self, scope: Construct, construct_id: str, props: PersonalizeSolutionProps) -> None:
        super().__init__(scope, construct_id)
        self._removal = removal(retain=props.retain)
        self.arn = personalize_arn(self, f"solution/{props.name}")
        solution = personalize.CfnSolution(
            self,
            "Solution",
            name=props.name,
            dataset_group_arn=props.datasets.group.attr_dataset_group_arn,
            recipe_arn=props.recipe_arn,
            perform_auto_ml=False,
            perform_hpo=False,
            solution_config=_solution_config(props),
        )
        solution.apply_removal_policy(self._removal)
        solution.node.add_dependency(props.datasets)
        props.settings.apply(
            self,
            "Settings",
            solution_name=props.name,
            solution_arn=solution.attr_solution_arn,
            event_weights=props.event_weights,
        )
        self.filter_arn = self._filter(props, props.filter) if props.filter else None
        self.campaign_arn = None
        if props.campaign_name:
            self.campaign_arn = personalize_arn(self, f"campaign/{props.campaign_name}")
            props.campaigns.apply(
                self,
                "CampaignRemoval",
                campaign_name=props.campaign_name,
                solution_arn=solution.attr_solution_arn,
            )

    def _filter(self, props: PersonalizeSolutionProps, filter_: FilterProps) -> str:
        resource = personalize.CfnFilter(
            self,
            "Filter",
            name=filter_.name,
            dataset_group_arn=props.datasets.group.attr_dataset_group_arn,
            filter_expression=filter_.expression,
        )
        resource.apply_removal_policy(self._removal)
        resource.node.add_dependency(props.datasets)
        return personalize_arn(self, f"filter/{filter_.name}")


def _solution_config(
    props: PersonalizeSolutionProps,
) -> personalize.CfnSolution.SolutionConfigProperty | None:
    if not props.algorithm_parameters and not props.feature_parameters:
        return None
    return personalize.CfnSolution.SolutionConfigProperty(
        algorithm_hyper_parameters=dict(props.algorithm_parameters) or None,
        feature_transformation_parameters=dict(props.feature_parameters) or None,
    )
