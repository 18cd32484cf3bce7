"""What asks every region of a stage, in each of them."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.serving.canary import Canary, CanaryProps

from config.derived.names import regional_address, regional_api_parameter, serving_table_name
from config.schema import EndpointKind, IamAuthorization, StageConfig, UseCase
from stacks.props.canary import region_metrics
from stacks.props.function_environment import step_environment

_NOBODY = "canary"
"""A user without a list: what is popular answers."""


class CanaryStack(cdk.Stack):
    """Knows the other regions' APIs by address or parameter: no region is deployed for another one's sake."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: StageConfig,
        region: str,
        use_cases: Sequence[UseCase],
        topic: sns.ITopic,
    ) -> None:
        """stage: as configured. use_cases: of all regions. topic: of this region's failures."""
        super().__init__(
            scope,
            construct_id,
            description=f"Recommendations, {stage.name}: asks how the regions are",
        )
        self.canary = Canary(
            self,
            "Canary",
            CanaryProps(
                region=region,
                metrics=region_metrics(stage),
                addresses={name: regional_address(stage, name) for name in stage.regions},
                address_parameter=regional_api_parameter(stage.name),
                list_path=_list_path(stage, use_cases),
                table_name=serving_table_name(stage.name),
                active_regions=stage.active_regions,
                environment=step_environment(stage),
                topic=topic,
                latency_ms=stage.api.canary.latency_ms,
                generation_days=stage.generation_days,
                retain_logs=stage.keeps_data,
            ),
        )


def _list_path(stage: StageConfig, use_cases: Sequence[UseCase]) -> str | None:
    """Of a use case that every region has. A canary has no user's token."""
    if not isinstance(stage.api.authorization, IamAuthorization):
        return None
    for case in use_cases:
        everywhere = all(case.in_place(stage.name, region) for region in stage.regions)
        if case.endpoint and case.endpoint.kind is not EndpointKind.SIMILAR and everywhere:
            return f"/v1/users/{_NOBODY}/{case.endpoint.path}?limit=1"
    return None
