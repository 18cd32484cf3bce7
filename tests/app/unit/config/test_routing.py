"""Rules of names, health checks and canaries, each broken alone."""

from dataclasses import replace
from typing import Any

import botocore.session
import pytest

from config.derived.names import regional_address
from config.rules import check
from config.rules.routing import CHECKERS
from config.schema import ApiConfig, ApiDomain, Canary, JwtAuthorization, Routing, StageConfig
from config.types.errors import ConfigError
from tests.app.support.good_stage import GOOD
from tests.app.unit.config.test_regions import STAGE

TOKENS = JwtAuthorization(issuer="https://login.example.com", audience=("web",))
DOMAIN = ApiDomain(name="api.example.com", zone_id="Z0123ABC", zone_name="example.com")
TWO = replace(GOOD, replica_regions=("eu-central-1",))


def stage(whole: StageConfig = TWO, *, tokens: bool = True, **changes: Any) -> StageConfig:
    """With a domain that is changed so."""
    api = ApiConfig(domain=replace(DOMAIN, **changes))
    return replace(whole, api=replace(api, authorization=TOKENS) if tokens else api)


def canary(whole: StageConfig = GOOD, **changes: Any) -> StageConfig:
    return replace(whole, api=ApiConfig(canary=Canary(**changes)))


@pytest.mark.parametrize(
    "good",
    [
        stage(),
        stage(GOOD, routing=Routing.LATENCY),
        stage(routing=Routing.FAILOVER, check_from=CHECKERS[:3], check_seconds=10),
        stage(name="example.com"),
        stage(replace(GOOD, replica_regions=()), tokens=False),
        stage(name=f"{'a' * 36}.example.com", check_failures=1),
        stage(check_failures=10),
        canary(enabled=False),
        canary(minutes=1, latency_ms=1),
        canary(minutes=60),
    ],
)
def test_good_ones_have_no_problems(good: StageConfig) -> None:
    assert check((good,), ()) == ()


def test_each_region_has_a_name_of_its_own() -> None:
    assert regional_address(stage(), "eu-west-1") == "https://eu-west-1.api.example.com"
    assert regional_address(GOOD, "eu-west-1") is None


@pytest.mark.parametrize(
    ("broken", "field", "rule"),
    [
        (stage(name="API.example.com"), "domain.name", "in lower case"),
        (stage(name=f"{'a' * 37}.example.com"), "domain.name", "48 characters at most"),
        (stage(name="api.example.org"), "domain.name", "must be in the zone example.com"),
        (stage(name="badexample.com"), "domain.name", "must be in the zone example.com"),
        (stage(zone_name="example"), "domain.zone_name", "such as example.com"),
        (stage(zone_id="/hostedzone/Z1"), "domain.zone_id", "the id of a hosted zone"),
        (stage(tokens=False, routing=Routing.LATENCY), "domain.routing", "a signature (IAM) holds"),
        (stage(GOOD, routing=Routing.FAILOVER), "domain.routing", "two regions at most, and there are 3"),
        (
            stage(replace(GOOD, replica_regions=()), routing=Routing.LATENCY),
            "domain.routing",
            "the stage has one region",
        ),
        (stage(check_seconds=20), "domain.check_seconds", "10 or 30"),
        (stage(check_failures=11), "domain.check_failures", "from 1 to 10"),
        (stage(check_failures=0), "domain.check_failures", "from 1 to 10"),
        (stage(check_from=("eu-west-1", "us-east-1")), "domain.check_from", "3 different regions"),
        (stage(check_from=(*CHECKERS[:3], "eu-central-1")), "domain.check_from", "must be of ap-northeast-1"),
        (canary(minutes=0), "canary.minutes", "from 1 to 60"),
        (canary(minutes=61), "canary.minutes", "from 1 to 60"),
        (canary(latency_ms=0), "canary.latency_ms", "1 ms or more"),
        (canary(STAGE, enabled=False), "canary.enabled", "while the stage has standby_regions"),
    ],
)
def test_a_broken_rule_is_named(broken: StageConfig, field: str, rule: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check((broken,), ())

    [problem] = caught.value.problems
    assert problem.field == f"api.{field}" and rule in problem.rule


def test_health_checkers_are_where_route_53_s_model_says() -> None:
    model = botocore.session.get_session().get_service_model("route53")

    assert {*CHECKERS} == {*model.shape_for("HealthCheckRegion").enum}
