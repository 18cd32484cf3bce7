"""What holds data: key, bucket, serving table, and each use case's datasets and model."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from constructs import Construct
from constructs.ground.construct_id import construct_id_of
from constructs.models.campaign_removal import CampaignRemoval, CampaignRemovalProps
from constructs.models.solution_settings import SolutionSettings, SolutionSettingsProps
from constructs.models.use_case_model import UseCaseModel
from constructs.storage.active_regions import ActiveRegions
from constructs.storage.bucket_copies import Receiver
from constructs.storage.bucket_emptier import BucketEmptier, BucketEmptierProps
from constructs.storage.data_bucket import DataBucket, DataBucketProps
from constructs.storage.data_key import DataKey, DataKeyProps
from constructs.storage.item_table import ItemTable, ItemTableProps

from config.derived.names import app_name, serving_table_name
from config.derived.tables import SERVING
from config.schema import StageConfig, UseCase
from stacks.copies import CopiesStack
from stacks.props.function_environment import function_environment
from stacks.props.use_case_model import use_case_model_props

_MODEL_DAYS = 35
"""How long models of our own are kept. They hold what people touched, and the next run makes the next one."""


class DataStack(cdk.Stack):
    """The part of a region that trains which outlives everything else, in production even itself."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: StageConfig,
        use_cases: Sequence[UseCase],
        active_regions: tuple[str, ...] | None = None,
        copies: CopiesStack | None = None,
        receivers: tuple[Receiver, ...] = (),
    ) -> None:
        """active_regions: of the stage, in whose first region the table is made; None: in this one alone.
        copies: what other regions have copied here. receivers: of what this region has.
        """
        regions = active_regions or (stage.region,)
        super().__init__(
            scope,
            construct_id,
            description=f"Recommendations, {stage.name}: datasets, models, serving table",
            termination_protection=stage.protected,
        )
        self.receivers = receivers
        self._environment = function_environment(stage)
        in_personalize = [use_case for use_case in use_cases if use_case.personalize]
        key = DataKey(
            self,
            "Key",
            DataKeyProps(
                description=f"Data of {app_name(stage.name)} on its way to "
                f"{'Personalize' if in_personalize else 'the models'}",
                retain=stage.keeps_data,
                own_jobs_only=stage.own_jobs_only,
                for_personalize=bool(in_personalize),
            ),
        )
        self.bucket = DataBucket(
            self,
            "Bucket",
            DataBucketProps(
                key=key.key,
                retain=stage.keeps_data,
                versioned=stage.keeps_versions,
                own_jobs_only=stage.own_jobs_only,
                model_days=model_days(use_cases),
                for_personalize=bool(in_personalize),
                receivers=receivers,
            ),
            copies=copies.bucket if copies else None,
        )
        if not stage.keeps_data:
            self._empty_buckets()
        self.table = ItemTable(
            self,
            "Serving",
            ItemTableProps(
                name=serving_table_name(stage.name),
                replica_regions=stage.other_regions,
                copied=stage.region != regions[0],
                retain=stage.keeps_data,
                protected=stage.protected,
                recovery_days=SERVING.recovery_days(stage.backups),
            ),
        )
        self.active = ActiveRegions(table=self.table, regions=regions)
        self.settings = self._settings(stage) if in_personalize else None
        self.models = self._models(stage, in_personalize, self.settings) if self.settings else {}
        self._outputs()

    def _settings(self, stage: StageConfig) -> SolutionSettings:
        return SolutionSettings(
            self,
            "SolutionSettings",
            SolutionSettingsProps(environment=self._environment, retain_logs=stage.keeps_data),
        )

    def _models(
        self, stage: StageConfig, use_cases: Sequence[UseCase], settings: SolutionSettings
    ) -> dict[str, UseCaseModel]:
        """By use case: those that Amazon Personalize holds."""
        campaigns = CampaignRemoval(
            self,
            "Campaigns",
            CampaignRemovalProps(environment=self._environment, retain_logs=stage.keeps_data),
        )
        return {
            use_case.name: UseCaseModel(
                self,
                construct_id_of(use_case.name),
                use_case_model_props(
                    stage, use_case, data=self.bucket, settings=settings, campaigns=campaigns
                ),
            )
            for use_case in use_cases
        }

    def _empty_buckets(self) -> None:
        """Log files arrive while the data bucket is emptied: theirs is emptied after it is gone."""
        logs = self._emptier("AccessLogsEmptier", self.bucket.access_logs)
        self.bucket.bucket.node.add_dependency(logs)
        self._emptier("DataEmptier", self.bucket.bucket)

    def _emptier(self, construct_id: str, bucket: s3.Bucket) -> BucketEmptier:
        return BucketEmptier(
            self,
            construct_id,
            BucketEmptierProps(bucket=bucket, environment=self._environment),
        )

    def _outputs(self) -> None:
        cdk.CfnOutput(
            self,
            "DataBucketName",
            value=self.bucket.bucket.bucket_name,
            description="Datasets, batch files and records of runs",
        )
        cdk.CfnOutput(
            self,
            "ServingTableName",
            value=self.table.name,
            description="Recommendations as they are served, in every region of the stage",
        )
        for name, model in self.models.items():
            cdk.CfnOutput(
                self,
                f"{construct_id_of(name)}DatasetGroupArn",
                value=model.dataset_group_arn,
                description=f"Amazon Personalize's data of {name}",
            )
            cdk.CfnOutput(
                self,
                f"{construct_id_of(name)}SolutionArn",
                value=model.solution_arn,
                description=f"Amazon Personalize's model of {name}; its versions are the trainings",
            )


def model_days(use_cases: Sequence[UseCase]) -> int | None:
    """None: no use case has a model of our own."""
    return _MODEL_DAYS if any(use_case.by_engine for use_case in use_cases) else None
