"""The description that an API serves is that of its own template's routes."""

import os
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import pytest

from api import openapi
from api.environment import api_environment
from tests.app.support.gateway_events import CONTEXT, event
from tests.app.support.template_reading import STACKS

ROUTE = "GET /v1/openapi.json"


@pytest.fixture(params=[stack for stack in STACKS if stack.endswith("-Serving")])
def serving(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def described(resources: Callable[..., dict[str, Any]], serving: str) -> Iterator[dict[str, Any]]:
    """What the function of this stack answers, given the stack's environment."""
    [function] = [
        resource["Properties"]
        for resource in resources(serving, "AWS::Lambda::Function").values()
        if resource["Properties"]["Handler"] == "api.openapi.lambda_handler"
    ]
    with mock.patch.dict(os.environ, function["Environment"]["Variables"]):
        for cached in (openapi._response, api_environment):
            cached.cache_clear()
        yield openapi._response().body
    for cached in (openapi._response, api_environment):
        cached.cache_clear()


def routes_of(resources: Callable[..., dict[str, Any]], stack: str) -> dict[str, str]:
    """Kind of authorisation by route."""
    return {
        resource["Properties"]["RouteKey"]: resource["Properties"]["AuthorizationType"]
        for resource in resources(stack, "AWS::ApiGatewayV2::Route").values()
    }


def test_the_routes_are_those_described(
    resources: Callable[..., dict[str, Any]], serving: str, described: dict[str, Any]
) -> None:
    documented = {
        f"{method.upper()} {path}" for path, operations in described["paths"].items() for method in operations
    }

    assert set(routes_of(resources, serving)) == documented


def test_the_routes_ask_for_the_credentials_that_are_described(
    resources: Callable[..., dict[str, Any]], serving: str, described: dict[str, Any]
) -> None:
    [scheme] = described["components"]["securitySchemes"]

    for route, authorization in routes_of(resources, serving).items():
        method, path = route.split(" ")
        free = described["paths"][path][method.lower()].get("security") == []
        assert authorization == ("NONE" if free else {"iam": "AWS_IAM", "jwt": "JWT"}[scheme]), route


def test_the_description_is_served_without_credentials(described: dict[str, Any]) -> None:
    answer = openapi.lambda_handler(event(ROUTE), CONTEXT)

    assert answer["statusCode"] == 200
    assert answer["headers"]["cache-control"] == "public, max-age=300"
    assert described["openapi"] == "3.1.0"
