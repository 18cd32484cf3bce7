"""Empties a bucket that goes with its stack."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from constructs import Construct
from constructs.ground.access import Access
from constructs.ground.python_function import PythonFunction, PythonFunctionProps


@dataclass(frozen=True, kw_only=True)
class BucketEmptierProps:
    bucket: s3.Bucket
    environment: Mapping[str, str] = field(default_factory=dict)


class BucketEmptier(Construct):
    """Deletes all objects and versions of a bucket just before CloudFormation deletes the bucket.

    Not for stages that keep their data: do not build one there. Each bucket has a function of its own, so
    that one bucket can depend on the emptying of another.
    """

    def __init__(self, scope: Construct, construct_id: str, props: BucketEmptierProps) -> None:
        super().__init__(scope, construct_id)
        function = PythonFunction(
            self,
            "Function",
            PythonFunctionProps(
                handler="steps.custom_resources.empty_bucket.lambda_handler",
                description="Empties a bucket that is about to be deleted",
                environment=props.environment,
                timeout_seconds=900,
            ),
        )
        function.allow(
            Access(
                actions=("s3:ListBucketVersions", "s3:ListBucketMultipartUploads"),
                resources=(props.bucket.bucket_arn,),
            ),
            Access(
                actions=("s3:DeleteObjectVersion", "s3:AbortMultipartUpload"),
                resources=(props.bucket.arn_for_objects("*"),),
                why="The bucket is about to be deleted, and so every object in it has to go",
            ),
        )
        emptied = cdk.CustomResource(
            self,
            "Emptied",
            resource_type="Custom::EmptyBucket",
            service_token=function.arn,
            service_timeout=cdk.Duration.minutes(16),
            properties={"BucketName": props.bucket.bucket_name},
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        emptied.node.add_dependency(function)
