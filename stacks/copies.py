"""What other regions' buckets have, copied to this one: key and bucket, both known by name there."""

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from constructs import Construct
from constructs.storage.bucket_copies import Receiver
from constructs.storage.bucket_emptier import BucketEmptier, BucketEmptierProps
from constructs.storage.data_bucket import DataBucket, DataBucketProps
from constructs.storage.data_key import DataKey, DataKeyProps

from config.derived.names import app_name, copies_bucket_name, copies_key_alias
from config.schema import StageConfig
from stacks.props.function_environment import function_environment


class CopiesStack(cdk.Stack):
    """In each region that may be active of a stage with several. It copies nothing itself, and so needs no
    other region: these stacks come first, everywhere, and then the buckets that are copied from.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, stage: StageConfig, model_days: int | None
    ) -> None:
        """stage: as the region sees it. model_days: that copies of models are kept; None: there are none."""
        super().__init__(
            scope,
            construct_id,
            description=f"Recommendations, {stage.name}: copies of other regions' data",
            termination_protection=stage.protected,
        )
        key = DataKey(
            self,
            "Key",
            DataKeyProps(
                description=f"Copies of the data of {app_name(stage.name)} in other regions",
                retain=stage.keeps_data,
                for_personalize=False,
            ),
        )
        kms.Alias(self, "Alias", alias_name=copies_key_alias(stage.name), target_key=key.key)
        self.bucket = DataBucket(
            self,
            "Bucket",
            DataBucketProps(
                name=copies_bucket_name(stage.name, stage.account, stage.region),
                key=key.key,
                retain=stage.keeps_data,
                versioned=True,
                model_days=model_days,
                for_personalize=False,
            ),
        )
        if not stage.keeps_data:
            self._empty_buckets(function_environment(stage))
        cdk.CfnOutput(
            self,
            "CopiesBucketName",
            value=self.bucket.bucket.bucket_name,
            description="Datasets, events, models and records of runs of other regions",
        )

    def _empty_buckets(self, environment: dict[str, str]) -> None:
        """Log files arrive while the bucket is emptied: theirs is emptied after it is gone."""
        props = [
            BucketEmptierProps(bucket=bucket, environment=environment)
            for bucket in (self.bucket.access_logs, self.bucket.bucket)
        ]
        self.bucket.bucket.node.add_dependency(BucketEmptier(self, "AccessLogsEmptier", props[0]))
        BucketEmptier(self, "CopiesEmptier", props[1])


def receivers(stage: StageConfig, region: str) -> tuple[Receiver, ...]:
    """Those of the stage, as configured, that get copies of what this region's bucket has."""
    return tuple(
        Receiver(
            region=other,
            bucket_name=copies_bucket_name(stage.name, stage.account, other),
            key_alias=copies_key_alias(stage.name),
        )
        for other in stage.active_regions
        if other != region
    )
