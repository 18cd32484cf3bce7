"""Who may call an HTTP API of the local cloud: signatures, policies, and tokens of an issuer."""

import base64
import hmac
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from botocore.credentials import Credentials
from joserfc.jwk import RSAKey

from tests.local_cloud.support.http_api import OWN, HttpApi, deploy, signature, told
from tests.local_cloud.support.issuer import Issuer, issuing
from tests.local_cloud.support.local_aws import LocalAws
from tests.local_cloud.support.stacks import Stacks, ref, resource

CODE = """
import json

def handler(event, context):
    return {"statusCode": 200, "body": json.dumps(event)}
"""
IAM: dict[str, Any] = {"AuthorizationType": "AWS_IAM"}


@pytest.fixture(scope="module")
def stacks(aws: LocalAws) -> Iterator[Stacks]:
    made = Stacks(aws)
    yield made
    made.clean()


@pytest.fixture(scope="module")
def signed(stacks: Stacks) -> HttpApi:
    return deploy(stacks, CODE, {"GET /v1/{name}": IAM, "POST /v1/{name}": IAM})


def refused(api: HttpApi, method: str, path: str, **more: Any) -> bool:
    answer = api.ask(method, path, **more)
    return (answer.status_code, answer.json()) == (403, {"message": "Forbidden"})


def test_the_cloud_s_own_credentials_may_call_and_the_function_knows_them(signed: HttpApi) -> None:
    event = told(signed.signed("POST", "/v1/a%20b?x=1&y=%C3%BC", body=b'{"a": 1}'))

    iam = event["requestContext"]["authorizer"]["iam"]
    assert (iam["accessKey"], iam["userArn"]) == ("test", "arn:aws:iam::123456789012:root")
    assert event["body"] == '{"a": 1}'


@pytest.mark.parametrize(
    "credentials",
    [Credentials("test", "wrong"), Credentials("AKIAUNKNOWN", "test"), Credentials("nobody", "x")],
    ids=["wrong secret", "unknown key", "unknown key and secret"],
)
def test_other_credentials_are_refused(signed: HttpApi, credentials: Credentials) -> None:
    answer = signed.signed("GET", "/v1/x", credentials=credentials)

    assert (answer.status_code, answer.json()) == (403, {"message": "Forbidden"})


def test_a_request_without_signature_is_refused(signed: HttpApi) -> None:
    assert refused(signed, "GET", "/v1/x")
    assert refused(signed, "GET", "/v1/x", headers={"Authorization": "Bearer abc"})


@pytest.mark.parametrize("other", [{"region": "us-east-1"}, {"service": "s3"}])
def test_a_signature_for_something_else_is_refused(signed: HttpApi, other: dict[str, Any]) -> None:
    assert signed.signed("GET", "/v1/x", **other).status_code == 403


def test_a_signature_holds_for_what_was_signed_only(signed: HttpApi) -> None:
    headers = signature("POST", signed.url + "/v1/x?a=1", b"{}", OWN)

    assert signed.ask("POST", "/v1/x?a=1", data=b"{}", headers=headers).status_code == 200
    assert refused(signed, "POST", "/v1/y?a=1", data=b"{}", headers=headers)
    assert refused(signed, "POST", "/v1/x?a=2", data=b"{}", headers=headers)
    assert refused(signed, "POST", "/v1/x?a=1", data=b"[]", headers=headers)
    assert refused(signed, "GET", "/v1/x?a=1", headers=headers)


def test_a_signature_expires(signed: HttpApi, monkeypatch: pytest.MonkeyPatch) -> None:
    long_ago = datetime.now(UTC) - timedelta(minutes=16)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: long_ago.replace(tzinfo=None))

    headers = signature("GET", signed.url + "/v1/x", b"", OWN)

    assert headers["X-Amz-Date"] == f"{long_ago:%Y%m%dT%H%M%SZ}"
    assert refused(signed, "GET", "/v1/x", headers=headers)


def user(aws: LocalAws, *statements: dict[str, Any]) -> tuple[str, Credentials]:
    """A new user with these statements as its policy: its name and its credentials."""
    iam, name = aws.client("iam"), f"test-{uuid4().hex[:10]}"
    iam.create_user(UserName=name)
    if statements:
        document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return name, Credentials(key["AccessKeyId"], key["SecretAccessKey"])


def allow(api: HttpApi, what: str, effect: str = "Allow") -> dict[str, Any]:
    arn = f"arn:aws:execute-api:eu-west-1:123456789012:{api.stack.outputs['Id']}/{what}"
    return {"Effect": effect, "Action": "execute-api:Invoke", "Resource": arn}


def test_users_may_do_what_their_policies_say(aws: LocalAws, signed: HttpApi) -> None:
    _, nobody = user(aws)
    _, reader = user(aws, allow(signed, "*/GET/*"))
    _, all_but_one = user(aws, allow(signed, "*"), allow(signed, "*/GET/v1/secret", "Deny"))

    def statuses(credentials: Credentials) -> list[int]:
        asked = (("GET", "/v1/x"), ("POST", "/v1/x"), ("GET", "/v1/secret"))
        return [signed.signed(method, path, credentials=credentials).status_code for method, path in asked]

    assert statuses(nobody) == [403, 403, 403]
    assert statuses(reader) == [200, 403, 200]
    assert statuses(all_but_one) == [200, 200, 403]


def test_a_key_that_is_no_longer_active_is_refused(aws: LocalAws, signed: HttpApi) -> None:
    name, credentials = user(aws, allow(signed, "*"))
    assert signed.signed("GET", "/v1/x", credentials=credentials).status_code == 200

    aws.client("iam").update_access_key(UserName=name, AccessKeyId=credentials.access_key, Status="Inactive")

    assert signed.signed("GET", "/v1/x", credentials=credentials).status_code == 403


def test_an_assumed_role_may_do_what_the_role_may_with_its_token(aws: LocalAws, signed: HttpApi) -> None:
    iam, name = aws.client("iam"), f"test-{uuid4().hex[:10]}"
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    version = {"Version": "2012-10-17"}
    role = iam.create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps({**version, "Statement": [trust]})
    )["Role"]["Arn"]
    document = json.dumps({**version, "Statement": [allow(signed, "*/GET/*")]})
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document)
    session = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="app")["Credentials"]
    key, secret = session["AccessKeyId"], session["SecretAccessKey"]

    event = told(signed.signed("GET", "/v1/x", credentials=Credentials(key, secret, session["SessionToken"])))

    arn = event["requestContext"]["authorizer"]["iam"]["userArn"]
    assert arn == f"arn:aws:sts::123456789012:assumed-role/{name}/app"
    for credentials in (Credentials(key, secret), Credentials(key, secret, "another")):
        assert signed.signed("GET", "/v1/x", credentials=credentials).status_code == 403
    full = Credentials(key, secret, session["SessionToken"])
    assert signed.signed("POST", "/v1/x", credentials=full).status_code == 403


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
