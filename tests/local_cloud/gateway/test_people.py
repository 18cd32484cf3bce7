"""People's side of the local cloud: tokens, APIs that take them, and pages."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug.test import Client

from config.types.demonstration import Demo
from config.use_cases import USE_CASES
from local_cloud.demo import page as demo_page
from local_cloud.demo.application import Application, UseCaseFacts
from local_cloud.demo.report import Person
from local_cloud.ground.settings import Settings
from local_cloud.people import addresses, pages
from local_cloud.people.issuer import Issuer, token_of
from tests.local_cloud.support.http_api import CODE, HttpApi, deploy, told
from tests.local_cloud.support.local_aws import LocalAws
from tests.local_cloud.support.stacks import Stacks, get, resource

ISSUER = "http://localhost:1/_local/issuer"


@pytest.fixture(scope="module")
def api(stacks: Stacks) -> HttpApi:
    return deploy(stacks, CODE, {"GET /mine": {"AuthorizationType": "AWS_IAM"}, "GET /open": {}})


@pytest.fixture(scope="module")
def people(api: HttpApi) -> HttpApi:
    return HttpApi(api.stack, addresses.api_for_people(api.url))


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_token_is_let_in_where_people_ask_and_the_function_knows_whose_it_is(
    aws: LocalAws, people: HttpApi
) -> None:
    event = told(people.ask("GET", "/mine?limit=5", headers=bearer(token_of(aws.settings, "anna/ü"))))

    assert event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"] == "anna/ü"
    assert (event["rawPath"], event["rawQueryString"]) == ("/mine", "limit=5")
    assert people.ask("GET", "/open").status_code == 200


def test_signatures_and_tokens_are_taken_each_at_its_own_address(
    aws: LocalAws, api: HttpApi, people: HttpApi
) -> None:
    assert api.signed("GET", "/mine").status_code == 200
    assert people.signed("GET", "/mine").status_code == 401
    assert people.ask("GET", "/mine").status_code == 401
    assert api.ask("GET", "/mine", headers=bearer(token_of(aws.settings, "anna"))).status_code == 403
    nowhere = f"{aws.settings.gateway_url}/{addresses.FOR_PEOPLE}/nobody/mine"
    assert requests.get(nowhere, timeout=30).status_code == 404


def test_the_page_may_ask_from_its_origin_and_no_other_site(aws: LocalAws, people: HttpApi) -> None:
    page = addresses.page(aws.settings).partition("/_local")[0]
    asking = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}

    allowed = people.ask("OPTIONS", "/mine", headers={**asking, "Origin": page})
    foreign = people.ask("OPTIONS", "/mine", headers={**asking, "Origin": "https://evil.example"})

    assert allowed.headers["access-control-allow-origin"] == page
    assert "authorization" in allowed.headers["access-control-allow-headers"]
    assert "POST" in allowed.headers["access-control-allow-methods"]
    assert "access-control-allow-origin" not in foreign.headers


def test_a_changed_api_is_at_once_changed_for_people(
    aws: LocalAws, stacks: Stacks, api: HttpApi, people: HttpApi
) -> None:
    gateway, api_id = aws.client("apigatewayv2"), api.stack.outputs["Id"]
    routes = gateway.get_routes(ApiId=api_id)["Items"]
    [route] = [one for one in routes if one["RouteKey"] == "GET /open"]
    token = bearer(token_of(aws.settings, "anna"))
    assert people.ask("GET", "/mine", headers=token).status_code == 200

    gateway.update_route(ApiId=api_id, RouteId=route["RouteId"], AuthorizationType="AWS_IAM")

    assert people.ask("GET", "/open").status_code == 401
    assert people.ask("GET", "/open", headers=token).status_code == 200


def test_a_token_is_verified_by_the_keys_that_the_issuer_publishes() -> None:
    now = int(time.time())
    issuer = Issuer(ISSUER, lambda: now)
    status, answer = issuer.answer("POST", "token", json.dumps({"sub": "196"}).encode())
    configuration = json.loads(issuer.answer("GET", ".well-known/openid-configuration", b"")[1])
    keys = json.loads(issuer.answer("GET", "keys", b"")[1])

    issued = json.loads(answer)
    token = jwt.decode(issued["access_token"], KeySet.import_key_set(keys), algorithms=["ES256"])  # type: ignore[no-untyped-call,unused-ignore]

    assert (status, issued["token_type"], issued["expires_in"]) == (200, "Bearer", 3600)
    claims: dict[str, Any] = {"iss": ISSUER, "sub": "196", "aud": "app", "iat": now, "exp": now + 3600}
    assert token.claims == claims
    assert configuration == {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys"}
    assert all("d" not in key for key in keys["keys"]), "the private part is nobody's"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"sub": 7}', b'{"sub": ""}', b'{"sub": null}'])
def test_a_token_of_nobody_is_refused_and_says_what_is_needed(body: bytes) -> None:
    status, answer = Issuer(ISSUER).answer("POST", "token", body)

    assert status == 400
    assert (
        json.loads(answer)["error"] == "invalid_request" and "sub" in json.loads(answer)["error_description"]
    )
    assert Issuer(ISSUER).answer("GET", "token", b"")[0] == 404


@pytest.fixture
def site(tmp_path: Path) -> Client:
    """Two folders and data, published; behind them an app that answers with its own words."""
    page, client = tmp_path / "a page", tmp_path / "client"
    (page / "deep").mkdir(parents=True)
    client.mkdir()
    (page / "index.html").write_text("<p>ü</p>", encoding="utf-8")
    (page / "deep" / "one.js").write_text("1")
    (client / "index.js").write_text("2")
    (tmp_path / "secret.txt").write_text("secret")
    (page / "way out").symlink_to(tmp_path / "secret.txt")
    pages.publish(
        tmp_path / "state", {"": page, "client": client}, {"labels": {"posts": {"1": "ü </script>"}}}
    )
    return Client(pages.Pages(others, Settings(state_dir=tmp_path / "state")))


def others(_environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    return [b"of others"]


def test_folders_are_served_each_below_its_name_and_data_as_json(site: Client) -> None:
    index, script = site.get("/_local/page/"), site.get("/_local/page/deep/one.js")
    module, data = site.get("/_local/page/client/index.js"), site.get("/_local/page/data/labels.json")

    assert (index.text, index.headers["Content-Type"]) == ("<p>ü</p>", "text/html; charset=utf-8")
    assert (script.text, script.headers["Content-Type"]) == ("1", "text/javascript; charset=utf-8")
    assert (module.text, data.json) == ("2", {"posts": {"1": "ü </script>"}})
    assert data.headers["Content-Type"] == "application/json; charset=utf-8"
    assert site.get("/_local/page").headers["Location"] == "/_local/page/"
    assert site.get("/_local/pages").text == "of others"


def test_a_page_may_run_its_own_scripts_only_and_ask_the_gateway_only(site: Client) -> None:
    headers = site.get("/_local/page/").headers
    policy = dict(rule.split(" ", 1) for rule in headers["Content-Security-Policy"].split("; "))

    assert policy["default-src"] == "'none'" and policy["script-src"] == "'self'"
    assert policy["connect-src"] == "'self' http://localhost:4569"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "%2e%2e/secret.txt",
        "client/../../secret.txt",
        "way out",
        "/etc/passwd",
        "deep",
        "a%00b",
    ],
)
def test_nothing_is_served_that_lies_elsewhere(site: Client, path: str) -> None:
    answer = site.get(f"/_local/page/{path}")

    assert answer.status_code == 404 and "secret" not in answer.text


def test_pages_are_read_and_not_written_and_without_one_it_is_said_how_to_have_one(
    site: Client, tmp_path: Path
) -> None:
    empty = Client(pages.Pages(others, Settings(state_dir=tmp_path)))

    assert site.post("/_local/page/").status_code == 405
    assert (empty.get("/_local/page/").status_code, "make demo" in empty.get("/_local/page/").text) == (
        404,
        True,
    )
    assert site.head("/_local/page/").status_code == 200


def test_the_server_answers_for_all_of_it(aws: LocalAws, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("here")
    pages.publish(aws.settings.state_dir, {"": tmp_path}, {})

    assert requests.get(addresses.page(aws.settings), timeout=30).text == "here"
    issuer = addresses.issuer(aws.settings)
    found = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=30).json()
    assert found["issuer"] == issuer and requests.get(found["jwks_uri"], timeout=30).json()["keys"]


def publish(settings: Settings, page: Path | None) -> tuple[tuple[str, str], ...]:
    """Of a business where post 1 is called so, for one person."""
    demo = Demo(sources={}, few=lambda _dsn, _say: "", people="", tastes="", page=page)
    posts = UseCaseFacts(frozenset(), {}, {}, {"1": "First steps"})
    person = Person("7/8", "Anna", "user 7/8", ("running",))
    facts = Application({}, {}, {}, {"posts": posts})
    return demo_page.publish(settings, demo, facts, USE_CASES, [person])


def test_the_demo_publishes_the_business_s_page_and_says_how_to_ask_what_it_asks(
    aws: LocalAws, stacks: Stacks, tmp_path: Path
) -> None:
    api = resource("AWS::ApiGatewayV2::Api", Name="test", ProtocolType="HTTP")
    address = stacks.create({"Api": api}, {"ApiUrl": get("Api", "ApiEndpoint")}).outputs["ApiUrl"]
    settings = replace(aws.settings, state_dir=tmp_path / "a cloud")

    steps = dict(publish(settings, tmp_path))

    session = json.loads((settings.state_dir / "page" / "session.json").read_text(encoding="utf-8"))
    people = addresses.api_for_people(address)
    assert session["api"] == people and session["people"][0]["id"] == "7/8"
    served = pages.published(settings.state_dir)
    assert (served[""], (served["recs-client"] / "index.js").is_file()) == (tmp_path, True)
    labels = json.loads((served["data"] / "labels.json").read_text(encoding="utf-8"))
    assert labels == {"posts": {"1": "First steps"}}
    [seen, asked] = steps.values()
    assert seen == addresses.page(settings)
    assert f"token --folder '{settings.state_dir}' 7/8" in asked
    assert f"{people}/v1/users/7%2F8/" in asked
    assert all(len(title) <= 78 for title in steps)


def test_a_business_without_a_page_has_none(aws: LocalAws, tmp_path: Path) -> None:
    settings = replace(aws.settings, state_dir=tmp_path)

    assert publish(settings, None) == ()
    assert pages.published(tmp_path) == {}
