"""Settings of a solution that CloudFormation does not know."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct
from constructs.ground.access import Access
from constructs.ground.personalize_service import personalize_arn
from constructs.ground.python_function import PythonFunction, PythonFunctionProps


@dataclass(frozen=True, kw_only=True)
class SolutionSettingsProps:
    """retain_logs: whether the function's logs outlive the stack."""

    environment: Mapping[str, str] = field(default_factory=dict)
    retain_logs: bool = False


class SolutionSettings(Construct):
    """Turns off automatic training, which is billed every week beside our own, and sets event weights.

    A deployment waits for that, up to a quarter of an hour, and fails with Personalize's reason.
    """

    def __init__(self, scope: Construct, construct_id: str, props: SolutionSettingsProps) -> None:
        super().__init__(scope, construct_id)
        self._function = PythonFunction(
            self,
            "Function",
            PythonFunctionProps(
                handler="steps.custom_resources.solution_settings.lambda_handler",
                description="Turns off a solution's automatic training and sets its event weights",
                environment=props.environment,
                timeout_seconds=900,
                retain_logs=props.retain_logs,
            ),
        )

    @property
    def deployments(self) -> cloudwatch.Metric:
        """A value of 1 or more in the hours in which solutions were made or their settings changed."""
        return self._function.function.metric_invocations(statistic="Sum", period=cdk.Duration.hours(1))

    def apply(
        self,
        scope: Construct,
        construct_id: str,
        *,
        solution_name: str,
        solution_arn: str,
        event_weights: Mapping[str, float],
    ) -> cdk.CustomResource:
        """The name gives the right to change the solution before it exists; the ARN waits for it."""
        self._function.allow(
            Access(
                actions=("personalize:DescribeSolution", "personalize:UpdateSolution"),
                resources=(personalize_arn(self, f"solution/{solution_name}"),),
            )
        )
        settings = cdk.CustomResource(
            scope,
            construct_id,
            resource_type="Custom::SolutionSettings",
            service_token=self._function.arn,
            service_timeout=cdk.Duration.minutes(16),
            properties={
                "SolutionArn": solution_arn,
                "EventTypes": [
                    {"name": name, "weight": weight} for name, weight in sorted(event_weights.items())
                ],
            },
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        settings.node.add_dependency(self._function)
        return settings
