"""Who may call an HTTP API of the local cloud by a signature: users and roles, and what policies allow."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from botocore.credentials import Credentials

from tests.local_cloud.support.http_api import CODE, OWN, HttpApi, deploy, signature, told
from tests.local_cloud.support.local_aws import LocalAws
from tests.local_cloud.support.stacks import Stacks

IAM: dict[str, Any] = {"AuthorizationType": "AWS_IAM"}


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
