"""No, wrong, foreign and expired credentials on every route of the deployed API, signed and with tokens."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import requests
from botocore.credentials import Credentials
from joserfc.jwk import RSAKey

from app import build_app
from config.schema import ApiConfig, JwtAuthorization
from local_cloud.lifecycle.serving_api import ServingApi
from tests.app.support.business.stages import LOCAL
from tests.app.support.clouds.community_cloud import CommunityCloud
from tests.local_cloud.support.http_api import OWN, signature
from tests.local_cloud.support.issuer import Issuer, issuing

ISSUER = "https://id.example.com"
USER = "1"


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    authorization: str

    @property
    def concrete(self) -> str:
        """About user 1, and anything else for the other parameters."""
        path = self.path.replace("{userId}", USER)
        return "/".join("x1" if part.startswith("{") else part for part in path.split("/"))

    @property
    def body(self) -> bytes:
        return b"{}" if self.method in ("POST", "PUT") else b""


def routes(community: CommunityCloud, url: str) -> list[Route]:
    """What the API has, as it is deployed: new routes are tried without being named here."""
    gateway = community.client("apigatewayv2")
    found = []
    for page in gateway.get_paginator("get_routes").paginate(ApiId=urlsplit(url).path.strip("/")):
        for item in page["Items"]:
            method, _, path = item["RouteKey"].partition(" ")
            found.append(Route(method, path, item["AuthorizationType"]))
    assert len(found) >= 5, found
    return found


def ask(url: str, route: Route, headers: Mapping[str, str]) -> requests.Response:
    return requests.request(
        route.method,
        url + route.concrete,
        data=route.body,
        headers={"Content-Type": "application/json", **headers},
        timeout=30,
    )


Headers = Callable[[Route], Mapping[str, str]]


def answers(url: str, found: list[Route], headers: Headers) -> dict[str, requests.Response]:
    """Of every route that asks for credentials."""
    return {
        f"{route.method} {route.path}": ask(url, route, headers(route))
        for route in found
        if route.authorization != "NONE"
    }


def statuses(url: str, found: list[Route], headers: Headers) -> dict[str, int]:
    return {name: answer.status_code for name, answer in answers(url, found, headers).items()}


def let_in(url: str, found: list[Route], headers: Headers) -> dict[str, bool]:
    """Whether the function answered, even if it is to refuse a request that names no user: the gateway says
    no in its own form.
    """
    refusals = ({"message": "Forbidden"}, {"message": "Unauthorized"})
    return {
        name: answer.status_code < 500 and (not answer.content or answer.json() not in refusals)
        for name, answer in answers(url, found, headers).items()
    }


@pytest.fixture(scope="module")
def signed(deployed: CommunityCloud) -> str:
    return ServingApi.deployed(deployed.cloud.settings).url


def stranger(community: CommunityCloud) -> Credentials:
    """A user of the account whom no policy lets call the API."""
    iam, name = community.client("iam"), f"stranger-{uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return Credentials(key["AccessKeyId"], key["SecretAccessKey"])


@pytest.mark.prove
def test_without_a_good_signature_no_route_of_the_signed_api_answers(
    deployed: CommunityCloud, signed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = routes(deployed, signed)

    def by(credentials: Credentials) -> Headers:
        return lambda route: signature(route.method, signed + route.concrete, route.body, credentials)

    tried = {
        "none": statuses(signed, found, lambda _: {}),
        "wrong secret": statuses(signed, found, by(Credentials("test", "guessed"))),
        "unknown key": statuses(signed, found, by(Credentials("AKIANOBODY0000000000", "test"))),
        "foreign": statuses(signed, found, by(stranger(deployed))),
        "a token": statuses(signed, found, lambda _: {"Authorization": "Bearer abc"}),
    }
    good = let_in(signed, found, by(OWN))
    past = datetime.now(UTC) - timedelta(minutes=20)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: past.replace(tzinfo=None))
    tried["expired"] = statuses(signed, found, by(OWN))

    for name, seen in tried.items():
        assert set(seen.values()) == {403}, (name, seen)
    assert len(good) >= 4
    assert all(good.values()), good


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with issuing() as issuer:
        yield issuer


@pytest.fixture(scope="module")
def tokens(
    deployed: CommunityCloud, issuer: Issuer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The serving stack once more, for users with tokens: its address."""
    authorization = JwtAuthorization(issuer=ISSUER, audience=("app",))
    stage = replace(LOCAL, api=replace(LOCAL.api, authorization=authorization))
    assert isinstance(stage.api, ApiConfig)
    app = build_app((stage,), outdir=str(tmp_path_factory.mktemp("cdk.out")))
    [artifact] = [
        stack
        for nested in app.synth().nested_assemblies
        for stack in nested.nested_assembly.stacks
        if stack.stack_name.endswith("-Serving")
    ]
    # Beside the deployed stack: what has a name of its own there needs another one here.
    template = json.loads(json.dumps(artifact.template).replace(ISSUER, issuer.url))
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::SSM::Parameter":
            resource["Properties"].pop("Name", None)
    for output in template["Outputs"].values():
        output.pop("Export", None)
    cloudformation, name = deployed.client("cloudformation"), "serving-with-tokens"
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=json.dumps(template),
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
    )
    [stack] = cloudformation.describe_stacks(StackName=name)["Stacks"]
    events = cloudformation.describe_stack_events(StackName=stack["StackId"])["StackEvents"]
    reasons = [each["ResourceStatusReason"] for each in events if each.get("ResourceStatusReason")]
    assert stack["StackStatus"] == "CREATE_COMPLETE", reasons
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    yield outputs["ApiUrl"]
    cloudformation.delete_stack(StackName=name)


def bearer(token: str) -> Headers:
    return lambda _: {"Authorization": f"Bearer {token}"}


@pytest.mark.prove
def test_without_a_good_token_no_route_of_the_users_api_answers(
    deployed: CommunityCloud, tokens: str, issuer: Issuer
) -> None:
    found, now = routes(deployed, tokens), int(time.time())
    forged = issuer.token(USER, key=RSAKey.generate_key(2048, parameters={"kid": "first"}))

    tried = {
        "none": statuses(tokens, found, lambda _: {}),
        "wrong": statuses(tokens, found, bearer("no.token.atall")),
        "forged": statuses(tokens, found, bearer(forged)),
        "foreign audience": statuses(tokens, found, bearer(issuer.token(USER, aud="another-app"))),
        "foreign issuer": statuses(tokens, found, bearer(issuer.token(USER, iss="https://evil.example"))),
        "expired": statuses(tokens, found, bearer(issuer.token(USER, exp=now - 1))),
        "a signature": statuses(
            tokens,
            found,
            lambda route: signature(route.method, tokens + route.concrete, route.body, OWN),
        ),
    }
    good = let_in(tokens, found, bearer(issuer.token(USER)))

    for name, seen in tried.items():
        assert set(seen.values()) == {401}, (name, seen)
    assert len(good) >= 4
    assert all(good.values()), good


@pytest.mark.prove
def test_a_user_with_a_good_token_gets_nothing_of_another_user(
    deployed: CommunityCloud, tokens: str, issuer: Issuer
) -> None:
    about_users = [route for route in routes(deployed, tokens) if "{userId}" in route.path]

    own = statuses(tokens, about_users, bearer(issuer.token(USER)))
    foreign = statuses(tokens, about_users, bearer(issuer.token("2")))

    assert about_users
    assert set(foreign.values()) == {403}, foreign
    assert 403 not in own.values(), own


@pytest.mark.prove
def test_only_what_the_api_s_description_calls_public_needs_no_credentials(
    deployed: CommunityCloud, signed: str
) -> None:
    description = requests.get(f"{signed}/v1/openapi.json", timeout=30).json()
    public = {
        f"{method.upper()} {path}"
        for path, operations in description["paths"].items()
        for method, operation in operations.items()
        if method in ("get", "put", "post", "delete") and operation.get("security") == []
    }

    open_routes = {
        f"{route.method} {route.path}" for route in routes(deployed, signed) if route.authorization == "NONE"
    }

    assert open_routes == public
    assert "GET /v1/openapi.json" in open_routes
