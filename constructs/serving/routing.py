"""Which region a stage's shared name leads to, by the health of each, and who hears of it."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.ground.alarm import LESS_THAN, alarm
from constructs.ground.construct_id import construct_id_of

FAILOVER, LATENCY = "failover", "latency"
_MINUTES = 3
_PATH = "/v1/health"


@dataclass(frozen=True, kw_only=True)
class RoutingProps:
    """names: of each region's API, by region, the primary's first; records of them are in the zone. shared:
    the name of all; None: there is none. policy: failover or latency. check_seconds: between two requests of
    each health checker. check_failures: in a row. check_from: regions of health checkers; none: all.
    """

    names: dict[str, str]
    shared: str | None
    policy: str | None
    zone_id: str
    check_seconds: int
    check_failures: int
    check_from: tuple[str, ...]
    topic: sns.ITopic


class Routing(Construct):
    """Belongs into us-east-1: metrics of health checks are there, and nowhere else.

    Records of the shared name are aliases of the regions' own names, so that nothing of the regions' stacks
    has to be known here.
    """

    def __init__(self, scope: Construct, construct_id: str, props: RoutingProps) -> None:
        super().__init__(scope, construct_id)
        self._props = props
        for number, region in enumerate(props.names):
            place = Construct(self, construct_id_of(region.replace("-", "_")))
            check = self._check(place, region)
            self._watch(place, region, check)
            if props.shared:
                self._record(place, region, check, first=number == 0)

    def _check(self, place: Construct, region: str) -> route53.CfnHealthCheck:
        props = self._props
        return route53.CfnHealthCheck(
            place,
            "Check",
            health_check_config=route53.CfnHealthCheck.HealthCheckConfigProperty(
                type="HTTPS",
                fully_qualified_domain_name=props.names[region],
                port=443,
                resource_path=_PATH,
                enable_sni=True,
                request_interval=props.check_seconds,
                failure_threshold=props.check_failures,
                regions=list(props.check_from) or None,
            ),
            health_check_tags=[
                route53.CfnHealthCheck.HealthCheckTagProperty(key="Name", value=props.names[region])
            ],
        )

    def _watch(self, place: Construct, region: str, check: route53.CfnHealthCheck) -> None:
        alarm(
            place,
            "Unhealthy",
            cloudwatch.Metric(
                namespace="AWS/Route53",
                metric_name="HealthCheckStatus",
                dimensions_map={"HealthCheckId": check.attr_health_check_id},
                statistic="Minimum",
                period=cdk.Duration.minutes(1),
            ),
            topic=self._props.topic,
            comparison=LESS_THAN,
            periods=_MINUTES,
            remedy="A region does not answer",
            what=f"Route 53 has found {region} unhealthy for {_MINUTES} minutes; the name that all regions "
            "share, if there is one, leads to another one that is healthy.",
            todo=f"Ask {self._props.names[region]}{_PATH}; if the region is lost, see docs/region-switch.md.",
        )

    def _record(self, place: Construct, region: str, check: route53.CfnHealthCheck, *, first: bool) -> None:
        props = self._props
        assert props.shared
        failover = props.policy == FAILOVER
        route53.CfnRecordSet(
            place,
            "Record",
            hosted_zone_id=props.zone_id,
            name=f"{props.shared}.",
            type="A",
            set_identifier=region,
            failover=("PRIMARY" if first else "SECONDARY") if failover else None,
            region=None if failover else region,
            health_check_id=check.attr_health_check_id,
            alias_target=route53.CfnRecordSet.AliasTargetProperty(
                dns_name=f"{props.names[region]}.",
                hosted_zone_id=props.zone_id,
                evaluate_target_health=False,
            ),
        )
