"""A signal of a first deployment, of a variant or of a campaign, for alarms that wait for its first run."""

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct
from constructs.ground.construct_id import construct_id_of
from constructs.ground.pipeline_metrics import PipelineMetrics
from constructs.ground.python_function import PythonFunction, PythonFunctionProps

CAMPAIGN = "campaign"
"""In a variant's place: that a use case was given a campaign, which its next run makes."""


class FirstDeployments(Construct):
    """CloudFormation creates a custom resource once: its function counts that, and nothing that follows.

    Later deployments say nothing, however many, so that they never hide a pipeline that does not run.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Mapping[str, str],
        metrics: PipelineMetrics,
        retain_logs: bool = False,
    ) -> None:
        """retain_logs: whether the function's logs outlive the stack."""
        super().__init__(scope, construct_id)
        self._metrics = metrics
        self._function = PythonFunction(
            self,
            "Function",
            PythonFunctionProps(
                handler="steps.custom_resources.first_deployment.lambda_handler",
                description="Counts that a variant of a use case was deployed for the first time",
                environment=environment,
                retain_logs=retain_logs,
            ),
        )

    def count(self, use_case: str, variant: str) -> cdk.CustomResource:
        """What is to be seen only after the deployment was counted depends on it.

        variant: its name, or CAMPAIGN.
        """
        counted = cdk.CustomResource(
            self,
            construct_id_of(use_case) + variant.capitalize(),
            resource_type="Custom::FirstDeployment",
            service_token=self._function.arn,
            service_timeout=cdk.Duration.minutes(2),
            properties={"UseCase": use_case, "Variant": variant},
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        counted.node.add_dependency(self._function)
        return counted

    def metric(self, use_case: str, variant: str) -> cloudwatch.Metric:
        """1 in the hour in which the variant, or the campaign, was deployed for the first time."""
        return self._metrics.metric("FirstDeployment", use_case, variant=variant)
