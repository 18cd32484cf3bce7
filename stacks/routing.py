"""Where the name leads that all regions of a stage share."""

import aws_cdk as cdk
from constructs import Construct
from constructs.ground.failure_topic import FailureTopic, FailureTopicProps
from constructs.serving.routing import Routing, RoutingProps

from config.derived.names import app_name, regional_name
from config.schema import ApiDomain, StageConfig

ROUTED_FROM = "us-east-1"
"""Metrics of health checks are there only, and so is Route 53's own control plane."""


class RoutingStack(cdk.Stack):
    """Once in a stage, whichever its regions are. Knows the APIs by the names that their stacks make."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: StageConfig, domain: ApiDomain) -> None:
        super().__init__(
            scope,
            construct_id,
            description=f"Recommendations, {stage.name}: health checks of the regions, and their shared name",
            termination_protection=stage.protected,
        )
        topic = FailureTopic(
            self, "Failures", FailureTopicProps(title=app_name(stage.name), emails=stage.alarm_emails)
        )
        Routing(
            self,
            "Routing",
            RoutingProps(
                names={region: regional_name(domain.name, region) for region in stage.regions},
                shared=domain.name if domain.routing else None,
                policy=domain.routing.value if domain.routing else None,
                zone_id=domain.zone_id,
                check_seconds=domain.check_seconds,
                check_failures=domain.check_failures,
                check_from=domain.check_from,
                topic=topic.topic,
            ),
        )
        cdk.CfnOutput(
            self,
            "FailureTopicArn",
            value=topic.topic.topic_arn,
            description="Tells of regions that are not healthy; subscribe to it",
        )
