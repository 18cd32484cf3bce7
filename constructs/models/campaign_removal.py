"""Takes campaigns away, which training workflows have made, before their solutions go."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import aws_cdk as cdk
from constructs import Construct
from constructs.ground.access import Access
from constructs.ground.personalize_service import personalize_arn
from constructs.ground.python_function import PythonFunction, PythonFunctionProps


@dataclass(frozen=True, kw_only=True)
class CampaignRemovalProps:
    """retain_logs: whether the function's logs outlive the stack."""

    environment: Mapping[str, str] = field(default_factory=dict)
    retain_logs: bool = False


class CampaignRemoval(Construct):
    """A campaign is billed by the hour: it goes with the stack, or as soon as no use case asks for it."""

    def __init__(self, scope: Construct, construct_id: str, props: CampaignRemovalProps) -> None:
        super().__init__(scope, construct_id)
        self._function = PythonFunction(
            self,
            "Function",
            PythonFunctionProps(
                handler="steps.custom_resources.remove_campaign.lambda_handler",
                description="Deletes a campaign whose solution or use case goes",
                environment=props.environment,
                timeout_seconds=900,
                retain_logs=props.retain_logs,
            ),
        )

    def apply(
        self, scope: Construct, construct_id: str, *, campaign_name: str, solution_arn: str
    ) -> cdk.CustomResource:
        arn = personalize_arn(self, f"campaign/{campaign_name}")
        self._function.allow(
            Access(actions=("personalize:DeleteCampaign", "personalize:DescribeCampaign"), resources=(arn,))
        )
        removal = cdk.CustomResource(
            scope,
            construct_id,
            resource_type="Custom::CampaignRemoval",
            service_token=self._function.arn,
            service_timeout=cdk.Duration.minutes(16),
            properties={"CampaignArn": arn, "SolutionArn": solution_arn},
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        removal.node.add_dependency(self._function)
        return removal
