"""Decisions about the serving API's gateway."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app import build_app
from config.schema import ApiConfig, JwtAuthorization, Throttling
from pipeline.serving.settings import ApiSettings
from tests.app.support.business.stages import DEV, PROD
from tests.app.support.template_reading import STACKS

SERVING = [stack for stack in STACKS if stack.endswith("-Serving")]
WITH_TOKENS = ApiConfig(
    authorization=JwtAuthorization(
        issuer="https://login.example.com", audience=("web", "app"), user_claim="member"
    ),
    throttling=Throttling(rate_per_second=7, burst=9),
    cors_origins=("https://app.example.com",),
)


@pytest.fixture(scope="module")
def with_tokens(tmp_path_factory: pytest.TempPathFactory, no_bundling: dict[str, Any]) -> dict[str, Any]:
    """The template of a stage whose callers are users with tokens."""
    folder: Path = tmp_path_factory.mktemp("tokens")
    build_app((replace(DEV, api=WITH_TOKENS),), outdir=str(folder), context=no_bundling).synth()
    [file] = folder.glob("assembly-Dev-*/*Serving*.template.json")
    template: dict[str, Any] = json.loads(file.read_text())
    return template


def of_type(template: dict[str, Any], type_: str) -> dict[str, dict[str, Any]]:
    return {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == type_
    }


@pytest.mark.parametrize("stack", SERVING)
def test_only_signed_requests_reach_users_data_by_default(
    templates: dict[str, dict[str, Any]], stack: str
) -> None:
    routes = of_type(templates[stack], "AWS::ApiGatewayV2::Route").values()
    free = {route["RouteKey"] for route in routes if route["AuthorizationType"] == "NONE"}

    assert {route["AuthorizationType"] for route in routes} == {"AWS_IAM", "NONE"}
    assert not [route for route in free if "{userId}" in route or "{itemId}" in route]
    assert {"GET /v1/health", "GET /v1/openapi.json"} <= free


@pytest.mark.parametrize("stack", SERVING)
def test_who_asks_for_health_all_the_time_takes_nothing_of_what_readers_may_ask(
    templates: dict[str, dict[str, Any]], stack: str
) -> None:
    [stage] = [
        one for one in templates[stack]["Resources"].values() if one["Type"] == "AWS::ApiGatewayV2::Stage"
    ]
    [route] = [
        name
        for name, route in of_type(templates[stack], "AWS::ApiGatewayV2::Route").items()
        if route["RouteKey"] == "GET /v1/health"
    ]

    limit = stage["Properties"]["RouteSettings"]["GET /v1/health"]
    assert limit["ThrottlingRateLimit"] < stage["Properties"]["DefaultRouteSettings"]["ThrottlingRateLimit"]
    assert limit["DetailedMetricsEnabled"]
    assert route in stage["DependsOn"]


@pytest.mark.parametrize("stack", [stack for stack in SERVING if stack.startswith("Prod")])
def test_health_is_told_by_the_function_that_answers_readers_which_knows_the_role_of_its_region(
    templates: dict[str, dict[str, Any]], stack: str
) -> None:
    routes = {
        route["RouteKey"]: route["Target"]["Fn::Join"][1][1]["Ref"]
        for route in of_type(templates[stack], "AWS::ApiGatewayV2::Route").values()
    }
    integrations = of_type(templates[stack], "AWS::ApiGatewayV2::Integration")
    answering = {
        route: integrations[integration]["IntegrationUri"]["Fn::GetAtt"][0]
        for route, integration in routes.items()
    }
    function = of_type(templates[stack], "AWS::Lambda::Function")[answering["GET /v1/health"]]

    assert answering["GET /v1/health"] == answering["GET /v1/users/{userId}/posts"]
    variables, here = (
        function["Environment"]["Variables"],
        stack.removeprefix("Prod-").removesuffix("-Serving"),
    )
    assert variables["REGION_ROLE"] == PROD.roles[here]
    assert variables["ACTIVE_REGIONS"] == PROD.region


def test_with_an_issuer_only_its_tokens_for_the_named_applications_are_taken(
    with_tokens: dict[str, Any],
) -> None:
    [(name, authorizer)] = of_type(with_tokens, "AWS::ApiGatewayV2::Authorizer").items()
    routes = of_type(with_tokens, "AWS::ApiGatewayV2::Route").values()

    assert authorizer["JwtConfiguration"] == {
        "Issuer": "https://login.example.com",
        "Audience": ["web", "app"],
    }
    assert {route["AuthorizationType"] for route in routes} == {"JWT", "NONE"}
    for route in routes:
        assert route.get("AuthorizerId") == ({"Ref": name} if route["AuthorizationType"] == "JWT" else None)
    for function in of_type(with_tokens, "AWS::Lambda::Function").values():
        assert function["Environment"]["Variables"]["USER_CLAIM"] == "member"


def test_requests_are_throttled_and_browsers_come_from_named_origins_only(
    with_tokens: dict[str, Any],
) -> None:
    [stage] = of_type(with_tokens, "AWS::ApiGatewayV2::Stage").values()
    [api] = of_type(with_tokens, "AWS::ApiGatewayV2::Api").values()

    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] == 7
    assert stage["DefaultRouteSettings"]["ThrottlingBurstLimit"] == 9
    assert api["CorsConfiguration"]["AllowOrigins"] == ["https://app.example.com"]
    assert "AllowCredentials" not in api["CorsConfiguration"]


@pytest.mark.parametrize("stack", SERVING)
def test_no_browser_may_call_unless_configured(templates: dict[str, dict[str, Any]], stack: str) -> None:
    [api] = of_type(templates[stack], "AWS::ApiGatewayV2::Api").values()

    assert "CorsConfiguration" not in api


@pytest.mark.parametrize("stack", SERVING)
def test_the_access_log_names_no_user_and_no_address(
    templates: dict[str, dict[str, Any]], stack: str
) -> None:
    [stage] = of_type(templates[stack], "AWS::ApiGatewayV2::Stage").values()
    variables = set(json.loads(stage["AccessLogSettings"]["Format"]).values())

    assert {"$context.routeKey", "$context.status", "$context.requestId"} <= variables
    telling = ("path", "ip", "useragent", "identity", "claims", "accountid")
    assert not [one for one in variables if any(word in one.lower() for word in telling)]


@pytest.mark.parametrize("stack", SERVING)
def test_functions_are_called_by_their_own_api_only(templates: dict[str, dict[str, Any]], stack: str) -> None:
    [api] = of_type(templates[stack], "AWS::ApiGatewayV2::Api")
    permissions = of_type(templates[stack], "AWS::Lambda::Permission").values()

    assert permissions
    for permission in permissions:
        assert permission["Principal"] == "apigateway.amazonaws.com"
        assert {"Ref": api} in permission["SourceArn"]["Fn::Join"][1]


def test_real_time_is_asked_for_only_where_there_is_a_campaign(
    resources: Callable[..., dict[str, Any]],
) -> None:
    realtime = {}
    for stack in SERVING:
        [function] = [
            one["Properties"]
            for one in resources(stack, "AWS::Lambda::Function").values()
            if one["Properties"]["Handler"] == "api.recommendations.lambda_handler"
        ]
        settings = ApiSettings.from_json(function["Environment"]["Variables"]["API"])
        realtime[stack] = {one.use_case for one in settings.endpoints if one.realtime}

    assert {stack: found for stack, found in realtime.items() if found} == {
        "Local-eu-west-1-Serving": {"posts"}
    }
