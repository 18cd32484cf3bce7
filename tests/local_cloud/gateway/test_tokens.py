"""Who may call an HTTP API of the local cloud by tokens of an issuer."""

import base64
import hmac
import math
import time
from collections.abc import Iterator
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from tests.local_cloud.support.http_api import CODE, HttpApi, deploy, told
from tests.local_cloud.support.issuer import Issuer, issuing
from tests.local_cloud.support.stacks import Stacks, ref, resource


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with issuing() as issuer:
        yield issuer


@pytest.fixture(scope="module")
def tokens(stacks: Stacks, issuer: Issuer) -> HttpApi:
    authorizer = resource(
        "AWS::ApiGatewayV2::Authorizer",
        ApiId=ref("Api"),
        Name="people",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Issuer": issuer.url, "Audience": ["app", "web"]},
    )
    jwt_route = {"AuthorizationType": "JWT", "AuthorizerId": ref("People")}
    routes = {"GET /mine": jwt_route, "GET /admin": {**jwt_route, "AuthorizationScopes": ["admin", "root"]}}
    return deploy(stacks, CODE, routes, others={"People": authorizer})


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_token_of_the_issuer_is_let_in_and_the_function_knows_its_claims(
    tokens: HttpApi, issuer: Issuer
) -> None:
    token = issuer.token("anna", scope="read write", email_verified=True, groups=["a", "b"])

    event = told(tokens.ask("GET", "/mine", headers=bearer(token)))

    shown = event["requestContext"]["authorizer"]["jwt"]
    assert shown["claims"]["sub"] == "anna"
    assert (shown["claims"]["email_verified"], shown["claims"]["groups"]) == ("true", "[a b]")
    assert shown["scopes"] == ["read", "write"]


@pytest.mark.parametrize("claims", [{"aud": ["x", "web"]}, {"aud": None, "client_id": "app"}, {"nbf": 1}])
def test_the_audience_may_be_one_of_several(tokens: HttpApi, issuer: Issuer, claims: dict[str, Any]) -> None:
    assert tokens.ask("GET", "/mine", headers=bearer(issuer.token("a", **claims))).status_code == 200


@pytest.mark.parametrize(
    ("claim", "seconds_from_now"),
    [("exp", -1), ("nbf", 600), ("iat", 600)],
    ids=["expired", "not yet", "of later"],
)
def test_a_token_that_is_not_meant_for_now_is_refused(
    tokens: HttpApi, issuer: Issuer, claim: str, seconds_from_now: int
) -> None:
    claims: dict[str, Any] = {claim: int(time.time()) + seconds_from_now}
    answer = tokens.ask("GET", "/mine", headers=bearer(issuer.token("a", **claims)))

    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": math.nan},
        {"exp": math.inf},
        {"exp": True},
        {"nbf": math.nan},
        {"iat": -math.inf},
        {"iss": "https://other.example"},
        {"aud": "another-app"},
        {"aud": None},
    ],
    ids=str,
)
def test_a_token_that_is_not_meant_for_here_is_refused(
    tokens: HttpApi, issuer: Issuer, claims: dict[str, Any]
) -> None:
    answer = tokens.ask("GET", "/mine", headers=bearer(issuer.token("a", **claims)))

    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})
    assert answer.headers["www-authenticate"] == "Bearer"


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def forgeries(issuer: Issuer) -> dict[str, str]:
    good = issuer.token("anna")
    head, claims, seal = good.split(".")
    stranger = RSAKey.generate_key(2048, parameters={"kid": "first"})
    public = issuer.key.as_pem(private=False)
    # Whoever took the header's word for the algorithm would verify this by the public key.
    header = _encoded(b'{"alg":"HS256","kid":"first"}')
    hashed = f"{header}.{claims}"
    confused = f"{hashed}.{_encoded(hmac.digest(public, hashed.encode(), 'sha256'))}"
    unsigned = "eyJhbGciOiJub25lIn0." + claims + "."
    return {
        "nothing": "",
        "no token": "hello",
        "another key": issuer.token("anna", key=stranger),
        "no signature": unsigned,
        "public key as secret": confused,
        "claims of another token": f"{head}.{issuer.token('bob').split('.')[1]}.{seal}",
        "signature cut": f"{head}.{claims}.{seal[:-4]}",
    }


def test_a_forged_token_is_refused(tokens: HttpApi, issuer: Issuer) -> None:
    answers = {
        name: tokens.ask("GET", "/mine", headers=bearer(token)).status_code
        for name, token in forgeries(issuer).items()
    }

    assert set(answers.values()) == {401}, answers
    assert tokens.ask("GET", "/mine").status_code == 401


def test_a_route_may_ask_for_one_of_several_scopes(tokens: HttpApi, issuer: Issuer) -> None:
    without = tokens.ask("GET", "/admin", headers=bearer(issuer.token("a", scope="read")))
    root = tokens.ask("GET", "/admin", headers=bearer(issuer.token("a", scope="read root")))
    listed = tokens.ask("GET", "/admin", headers=bearer(issuer.token("a", scp=["admin"])))

    assert (without.status_code, without.json()) == (403, {"message": "Forbidden"})
    assert 'error="insufficient_scope"' in without.headers["www-authenticate"]
    assert (root.status_code, listed.status_code) == (200, 200)


def test_keys_are_read_once_and_again_when_the_issuer_changes_them(
    stacks: Stacks, tokens: HttpApi, issuer: Issuer
) -> None:
    for _ in range(3):
        assert tokens.ask("GET", "/mine", headers=bearer(issuer.token("a"))).status_code == 200
    before = issuer.reads

    for _ in range(3):
        assert tokens.ask("GET", "/mine", headers=bearer(issuer.token("a"))).status_code == 200
    assert issuer.reads == before

    old = issuer.token("a")
    issuer.change_key()
    # Not for every token that cannot be verified: a stranger must not make the gateway ask the issuer.
    time.sleep(5.1)
    assert tokens.ask("GET", "/mine", headers=bearer(issuer.token("a"))).status_code == 200
    assert tokens.ask("GET", "/mine", headers=bearer(old)).status_code == 401


def test_an_issuer_that_cannot_be_reached_lets_nobody_in(stacks: Stacks, issuer: Issuer) -> None:
    authorizer = resource(
        "AWS::ApiGatewayV2::Authorizer",
        ApiId=ref("Api"),
        Name="people",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Issuer": "http://localhost:9", "Audience": ["app"]},
    )
    route = {"AuthorizationType": "JWT", "AuthorizerId": ref("People")}
    api = deploy(stacks, CODE, {"GET /mine": route}, others={"People": authorizer})

    assert api.ask("GET", "/mine", headers=bearer(issuer.token("a"))).status_code == 401
