"""Where Amazon Personalize keeps a use case's data."""

from dataclasses import dataclass

from aws_cdk import aws_personalize as personalize
from constructs import Construct
from constructs.ground.personalize_service import personalize_arn
from constructs.ground.removal import removal


@dataclass(frozen=True, kw_only=True)
class DatasetProps:
    """type: Interactions, Users or Items. schema: Avro text of at most 10,000 characters; with another text
    comes another `schema_name`, because the new schema is made before the old one goes.
    """

    type: str
    name: str
    schema_name: str
    schema: str


@dataclass(frozen=True, kw_only=True)
class PersonalizeDatasetsProps:
    """retain: whether group, schemas and datasets outlive the stack."""

    group_name: str
    datasets: tuple[DatasetProps, ...]
    retain: bool


class PersonalizeDatasets(Construct):
    """A dataset group, and in it a dataset with its schema for each type.

    Nothing here takes tags: a changed tag replaces these resources, and their data is lost with them.
    """

    def __init__(self, scope: Construct, construct_id: str, props: PersonalizeDatasetsProps) -> None:
        super().__init__(scope, construct_id)
        policy = removal(retain=props.retain)
        self.group_arn = personalize_arn(self, f"dataset-group/{props.group_name}")
        self.group = personalize.CfnDatasetGroup(self, "Group", name=props.group_name)
        self.group.apply_removal_policy(policy)
        self.dataset_arns: dict[str, str] = {}
        for dataset in props.datasets:
            schema = personalize.CfnSchema(
                self, f"{dataset.type}Schema", name=dataset.schema_name, schema=dataset.schema
            )
            schema.apply_removal_policy(policy)
            resource = personalize.CfnDataset(
                self,
                dataset.type,
                name=dataset.name,
                dataset_type=dataset.type,
                dataset_group_arn=self.group.attr_dataset_group_arn,
                schema_arn=schema.attr_schema_arn,
            )
            resource.apply_removal_policy(policy)
            self.dataset_arns[dataset.type.lower()] = personalize_arn(
                self, f"dataset/{props.group_name}/{dataset.type.upper()}"
            )
