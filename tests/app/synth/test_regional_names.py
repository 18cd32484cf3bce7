"""A stage with a domain: a name for each region, checks of their health, and where the shared name leads."""

import json
from dataclasses import replace
from typing import Any

import aws_cdk as cdk
import pytest
from cdk_nag import AwsSolutionsChecks
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from config.schema import ApiConfig, ApiDomain, JwtAuthorization, Routing, StageConfig
from config.use_cases import USE_CASES
from review.reading.templates import Template, resources_of
from stacks.routing import ROUTED_FROM, RoutingStack
from stacks.serving import ServingStack
from tests.app.support.business.stages import PROD
from tests.app.support.snapshots import NO_BUNDLING

HOME, AWAY = PROD.regions
ZONE = "Z0123456789ABC"
DOMAIN = ApiDomain(
    name="api.example.com",
    zone_id=ZONE,
    zone_name="example.com",
    check_seconds=10,
    check_failures=2,
    check_from=("eu-west-1", "us-east-1", "sa-east-1"),
)
TOKENS = JwtAuthorization(issuer="https://login.example.com", audience=("web",))


def stage(routing: Routing | None) -> StageConfig:
    api = ApiConfig(domain=replace(DOMAIN, routing=routing))
    return replace(PROD, api=replace(api, authorization=TOKENS) if routing else api)


@pytest.fixture(scope="module")
def of_routing() -> dict[Routing | None, dict[str, Template]]:
    """The stacks, by region, of each kind of routing; without it callers sign. cdk-nag fails the synth."""
    made: dict[Routing | None, dict[str, Template]] = {}
    for routing in (None, Routing.FAILOVER, Routing.LATENCY):
        app, whole = cdk.App(context={**NO_BUNDLING}), stage(routing)
        assert whole.api.domain
        stacks: dict[str, cdk.Stack] = {}
        for region in (AWAY, ROUTED_FROM):
            environment = cdk.Environment(account=PROD.account, region=region)
            scope = cdk.Stage(app, whole.id_in(region), env=environment)
            stacks[region] = (
                RoutingStack(scope, "Routing", stage=whole, domain=whole.api.domain)
                if region == ROUTED_FROM
                else ServingStack(
                    scope, "Serving", stage=whole, whole=whole, region=region, use_cases=USE_CASES[:1]
                )
            )
        cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
        assembly = app.synth()
        made[routing] = {
            region: assembly.get_nested_assembly(f"assembly-{whole.id_in(region)}")
            .get_stack_artifact(stack.artifact_id)
            .template
            for region, stack in stacks.items()
        }
    return made


def only(template: Template, type_: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = [*resources_of(template, type_).values()]
    [one] = found
    return one


Stacks = dict[Routing | None, dict[str, Template]]


def test_cfn_lint_has_nothing_to_say(of_routing: Stacks) -> None:
    for region, template in of_routing[Routing.FAILOVER].items():
        args = ManualArgs(regions=[region], ignore_checks=["W3005"])
        assert [str(finding) for finding in lint(json.dumps(template), config=args)] == []


@pytest.mark.parametrize("routing", [None, *Routing])
def test_each_api_has_a_name_of_its_region_with_a_certificate_of_that_region(
    of_routing: Stacks, routing: Routing | None
) -> None:
    template = of_routing[routing][AWAY]
    own, shared = f"{AWAY}.api.example.com", ["api.example.com"] if routing else []

    certificate = only(template, "AWS::CertificateManager::Certificate")
    domains = resources_of(template, "AWS::ApiGatewayV2::DomainName")
    record = only(template, "AWS::Route53::RecordSet")

    assert {one["DomainName"] for one in domains.values()} == {own, *shared}
    for domain in domains.values():
        [settings] = domain["DomainNameConfigurations"]
        assert (settings["EndpointType"], settings["SecurityPolicy"]) == ("REGIONAL", "TLS_1_2")
    assert {certificate["DomainName"], *certificate.get("SubjectAlternativeNames", ())} == {own, *shared}
    zones = {one["HostedZoneId"] for one in certificate["DomainValidationOptions"]}
    assert (certificate["ValidationMethod"], zones) == ("DNS", {ZONE})
    assert len(resources_of(template, "AWS::ApiGatewayV2::ApiMapping")) == len(domains)
    [target] = [name for name, domain in domains.items() if domain["DomainName"] == own]
    assert record["Name"] == f"{own}."
    assert record["AliasTarget"]["DNSName"] == {"Fn::GetAtt": [target, "RegionalDomainName"]}


@pytest.mark.parametrize("routing", [None, *Routing])
def test_each_region_s_health_is_checked_and_watched_where_its_metrics_are(
    of_routing: Stacks, routing: Routing | None
) -> None:
    template = of_routing[routing][ROUTED_FROM]

    checks = resources_of(template, "AWS::Route53::HealthCheck")
    alarms = resources_of(template, "AWS::CloudWatch::Alarm").values()

    for check in checks.values():
        config = dict(check["HealthCheckConfig"])
        assert config.pop("FullyQualifiedDomainName") in {
            f"{region}.api.example.com" for region in PROD.regions
        }
        assert config == {
            "Type": "HTTPS",
            "Port": 443,
            "EnableSNI": True,
            "ResourcePath": "/v1/health",
            "RequestInterval": 10,
            "FailureThreshold": 2,
            "Regions": ["eu-west-1", "us-east-1", "sa-east-1"],
        }
    watched = [alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0] for alarm in alarms]
    assert sorted(watched) == sorted(checks) and len(checks) == len(PROD.regions)
    assert {(alarm["Namespace"], alarm["MetricName"]) for alarm in alarms} == {
        ("AWS/Route53", "HealthCheckStatus")
    }


def test_the_shared_name_leads_to_healthy_regions_by_role_or_by_latency(of_routing: Stacks) -> None:
    how = {
        routing: {
            record["SetIdentifier"]: (record.get("Failover"), record.get("Region"))
            for record in resources_of(stacks[ROUTED_FROM], "AWS::Route53::RecordSet").values()
        }
        for routing, stacks in of_routing.items()
    }
    assert how == {
        None: {},
        Routing.FAILOVER: {HOME: ("PRIMARY", None), AWAY: ("SECONDARY", None)},
        Routing.LATENCY: {HOME: (None, HOME), AWAY: (None, AWAY)},
    }
    for stacks in of_routing.values():
        checks = resources_of(stacks[ROUTED_FROM], "AWS::Route53::HealthCheck")
        for record in resources_of(stacks[ROUTED_FROM], "AWS::Route53::RecordSet").values():
            region = record["SetIdentifier"]
            checked = checks[record["HealthCheckId"]["Fn::GetAtt"][0]]["HealthCheckConfig"]
            assert record["Name"] == "api.example.com."
            assert record["AliasTarget"]["DNSName"] == f"{region}.api.example.com."
            assert record["AliasTarget"]["HostedZoneId"] == ZONE
            assert checked["FullyQualifiedDomainName"] == f"{region}.api.example.com"


def test_a_stage_without_a_domain_has_none_of_it(templates: dict[str, Template]) -> None:
    kinds = ("AWS::Route53", "AWS::CertificateManager", "AWS::ApiGatewayV2::DomainName")

    found = {one["Type"] for stack in templates.values() for one in stack["Resources"].values()}

    assert not [kind for kind in found if kind.startswith(kinds)]
