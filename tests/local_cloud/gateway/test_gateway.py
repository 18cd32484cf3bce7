"""HTTP APIs of the local cloud: routes, payloads, limits and failures as API Gateway has them."""

import base64
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.local_cloud.support.http_api import HttpApi, deploy, told
from tests.local_cloud.support.local_aws import LocalAws
from tests.local_cloud.support.stacks import Stacks, get, resource
from tests.support.waiting import eventually

CODE = """
import json, pathlib, time

def handler(event, context):
    asked = event.get("queryStringParameters") or {}
    do = asked.get("do")
    if "in" in asked:
        (pathlib.Path(asked["in"]) / "begun").touch()
        while not (pathlib.Path(asked["in"]) / "over").exists():
            time.sleep(0.02)
    if do == "raise":
        raise ValueError("secret detail")
    if do == "sleep":
        time.sleep(1.5)
    if do == "plain":
        return {"no": "status"}
    if do == "binary":
        return {"statusCode": 201, "body": "AAH/", "isBase64Encoded": True, "cookies": ["a=1", "b=2"],
                "headers": {"Content-Type": "image/x", "X-Own": "here"}}
    if do == "nonsense":
        return {"statusCode": "many"}
    return {"statusCode": 200, "body": json.dumps(event)}
"""
ROUTES: dict[str, dict[str, Any]] = {
    key: {}
    for key in (
        "GET /things/{id}",
        "GET /things/best",
        "ANY /things/{id}",
        "GET /files/{path+}",
        "GET /files/{path+}/extra",
        "POST /things",
        "$default",
    )
}


@pytest.fixture(scope="module")
def api(stacks: Stacks) -> HttpApi:
    return deploy(stacks, CODE, {key: ROUTES[key] for key in ROUTES if not key.endswith("extra")})


@pytest.mark.parametrize(
    ("method", "path", "route", "parameters"),
    [
        ("GET", "/things/7", "GET /things/{id}", {"id": "7"}),
        ("GET", "/things/a%20b%2Fc", "GET /things/{id}", {"id": "a b/c"}),
        ("GET", "/things/best", "GET /things/best", None),
        ("PUT", "/things/best", "ANY /things/{id}", {"id": "best"}),
        ("GET", "/files/a/b/c", "GET /files/{path+}", {"path": "a/b/c"}),
        ("POST", "/things", "POST /things", None),
        ("GET", "/", "$default", None),
        ("DELETE", "/nothing/here", "$default", None),
    ],
)
def test_the_most_exact_route_answers(
    api: HttpApi, method: str, path: str, route: str, parameters: dict[str, str] | None
) -> None:
    event = told(api.ask(method, path))

    assert event["routeKey"] == event["requestContext"]["routeKey"] == route
    assert event.get("pathParameters") == parameters
    assert event["rawPath"] == path


def test_a_function_sees_a_request_in_payload_format_2(api: HttpApi) -> None:
    headers = {"X-Two": "1", "Cookie": "a=1; b=2", "Content-Type": "application/json"}
    event = told(api.ask("POST", "/things?a=1&a=2&b=%C3%BC&c=", headers=headers, data='{"ü": 1}'.encode()))

    assert event["version"] == "2.0"
    assert event["rawQueryString"] == "a=1&a=2&b=%C3%BC&c="
    assert event["queryStringParameters"] == {"a": "1,2", "b": "ü", "c": ""}
    assert event["cookies"] == ["a=1", "b=2"]
    assert event["headers"]["x-two"] == "1"
    assert "cookie" not in event["headers"]
    assert (event["body"], event["isBase64Encoded"]) == ('{"ü": 1}', False)
    context = event["requestContext"]
    assert (context["http"]["method"], context["http"]["path"], context["stage"]) == (
        "POST",
        "/things",
        "$default",
    )
    assert context["http"]["sourceIp"] == "127.0.0.1"
    assert context["accountId"] == "123456789012"
    assert "authorizer" not in context


def test_bytes_travel_in_base64_both_ways(api: HttpApi) -> None:
    content = bytes(range(256))
    event = told(api.ask("POST", "/things", data=content, headers={"Content-Type": "image/png"}))
    assert (base64.b64decode(event["body"]), event["isBase64Encoded"]) == (content, True)

    answer = api.ask("GET", "/things/1?do=binary")

    assert (answer.status_code, answer.content) == (201, b"\x00\x01\xff")
    assert (answer.headers["content-type"], answer.headers["x-own"]) == ("image/x", "here")
    assert dict(answer.cookies) == {"a": "1", "b": "2"}


def test_an_answer_without_status_is_the_body_of_a_200(api: HttpApi) -> None:
    answer = api.ask("GET", "/things/1?do=plain")

    assert (answer.status_code, answer.json()) == (200, {"no": "status"})
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("do", ["raise", "nonsense"])
def test_a_function_that_fails_is_a_500_without_details(api: HttpApi, do: str) -> None:
    answer = api.ask("GET", f"/things/1?do={do}")

    assert (answer.status_code, answer.json()) == (500, {"message": "Internal Server Error"})


def test_a_body_beyond_ten_megabytes_is_refused(api: HttpApi) -> None:
    answer = api.ask("POST", "/things", data=b"x" * (10 * 1024 * 1024 + 1))

    assert (answer.status_code, answer.json()) == (413, {"message": "Request Entity Too Large"})


def test_an_unknown_api_and_an_unknown_route_are_not_found(aws: LocalAws, stacks: Stacks) -> None:
    api = deploy(stacks, CODE, {"GET /only": {}})

    for url in (f"{api.url}/other", f"{aws.settings.gateway_url}/nobody/only", aws.settings.gateway_url):
        answer = HttpApi(api.stack, url).ask("GET", "")
        assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})


def test_a_function_that_takes_longer_than_the_integration_waits_is_a_503(stacks: Stacks) -> None:
    api = deploy(stacks, CODE, {"GET /": {}}, integration={"TimeoutInMillis": 1000})
    api.ask("GET", "/")

    answer = api.ask("GET", "/?do=sleep")

    assert (answer.status_code, answer.json()) == (503, {"message": "Service Unavailable"})


def test_a_function_whose_policy_does_not_name_the_gateway_is_not_called(stacks: Stacks) -> None:
    api = deploy(stacks, CODE, {"GET /": {}}, permitted=False)

    assert api.ask("GET", "/").status_code == 500


def test_requests_beyond_the_burst_are_throttled_until_the_rate_lets_them(stacks: Stacks) -> None:
    settings = {"ThrottlingBurstLimit": 3, "ThrottlingRateLimit": 0.2}
    api = deploy(stacks, CODE, {"GET /": {}}, stage={"DefaultRouteSettings": settings})

    begin, passed = time.monotonic(), 0
    while (answer := api.ask("GET", "/")).status_code == 200:
        passed += 1

    assert 3 <= passed <= 3 + 0.2 * (time.monotonic() - begin)
    assert (answer.status_code, answer.json()) == (429, {"message": "Too Many Requests"})
    eventually(lambda: api.ask("GET", "/").status_code == 200)


def test_a_named_stage_is_part_of_the_path(stacks: Stacks) -> None:
    stage = {"StageName": "live", "StageVariables": {"colour": "blue"}}
    api = deploy(stacks, CODE, {"GET /things/{id}": {}}, stage=stage)

    event = told(api.ask("GET", "/live/things/1"))

    assert (event["rawPath"], event["requestContext"]["stage"]) == ("/live/things/1", "live")
    assert (event["pathParameters"], event["stageVariables"]) == ({"id": "1"}, {"colour": "blue"})
    assert api.ask("GET", "/things/1").status_code == 404


def test_browsers_of_allowed_origins_may_call_and_no_others(stacks: Stacks) -> None:
    cors = {
        "AllowOrigins": ["https://app.example.com"],
        "AllowMethods": ["GET", "POST"],
        "AllowHeaders": ["authorization"],
        "MaxAge": 600,
    }
    api = deploy(stacks, CODE, {"GET /": {"AuthorizationType": "AWS_IAM"}}, api={"CorsConfiguration": cors})
    asking = {"Origin": "https://app.example.com", "Access-Control-Request-Method": "GET"}

    allowed = api.ask("OPTIONS", "/", headers=asking)
    foreign = api.ask("OPTIONS", "/", headers=asking | {"Origin": "https://evil.example"})
    refused = api.ask("GET", "/", headers={"Origin": "https://app.example.com"})

    assert allowed.status_code == foreign.status_code == 204
    assert allowed.headers["access-control-allow-origin"] == "https://app.example.com"
    assert allowed.headers["access-control-allow-methods"] == "GET,POST"
    assert allowed.headers["access-control-max-age"] == "600"
    assert "access-control-allow-origin" not in foreign.headers
    assert refused.status_code == 403
    assert refused.headers["access-control-allow-origin"] == "https://app.example.com"


def test_every_request_is_a_line_of_the_access_log(aws: LocalAws, stacks: Stacks) -> None:
    form = '{"route":"$context.routeKey","status":"$context.status","why":"$context.authorizer.error"}'
    logs = {"DestinationArn": get("Log", "Arn"), "Format": form}
    routes = {"GET /open": {}, "GET /closed": {"AuthorizationType": "AWS_IAM"}}
    others = {"Log": resource("AWS::Logs::LogGroup", LogGroupName="/test/gateway")}
    api = deploy(stacks, CODE, routes, stage={"AccessLogSettings": logs}, others=others)

    for path in ("/open", "/closed", "/nowhere"):
        api.ask("GET", path)

    events = aws.client("logs").filter_log_events(logGroupName="/test/gateway")["events"]
    lines = [json.loads(event["message"]) for event in events]
    assert [(line["route"], line["status"]) for line in lines] == [
        ("GET /open", "200"),
        ("GET /closed", "403"),
        ("-", "404"),
    ]
    assert lines[1]["why"] == "Missing Authentication Token"


def test_a_changed_route_is_served_at_once(stacks: Stacks) -> None:
    api = deploy(stacks, CODE, {"GET /old": {}})
    gateway = stacks.aws.client("apigatewayv2")
    api_id = api.stack.outputs["Id"]
    [route] = gateway.get_routes(ApiId=api_id)["Items"]

    gateway.update_route(ApiId=api_id, RouteId=route["RouteId"], RouteKey="GET /new")

    assert [api.ask("GET", path).status_code for path in ("/new", "/old")] == [200, 404]


def test_a_slow_function_holds_up_nobody_else(stacks: Stacks, api: HttpApi, tmp_path: Path) -> None:
    slow = deploy(stacks, CODE, {"GET /": {}})

    with ThreadPoolExecutor(12) as threads:
        waiting = [threads.submit(slow.ask, "GET", f"/?in={tmp_path}") for _ in range(12)]
        try:
            eventually((tmp_path / "begun").exists)
            assert api.ask("GET", "/things/1").status_code == 200
            assert not any(each.done() for each in waiting)
        finally:
            (tmp_path / "over").touch()
        assert {each.result().status_code for each in waiting} == {200}


def test_an_api_that_cannot_be_served_does_not_keep_others_from_it(aws: LocalAws, api: HttpApi) -> None:
    gateway = aws.client("apigatewayv2")
    odd = gateway.create_api(Name="odd", ProtocolType="HTTP")["ApiId"]
    try:
        gateway.create_integration(ApiId=odd, IntegrationType="AWS_PROXY", PayloadFormatVersion="2.0")

        assert api.ask("GET", "/things/best").status_code == 200
    finally:
        gateway.delete_api(ApiId=odd)
