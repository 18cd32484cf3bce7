"""Events as API Gateway's HTTP APIs send them (payload format 2.0)."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

CONTEXT = SimpleNamespace(
    function_name="f",
    memory_limit_in_mb=512,
    invoked_function_arn="arn",
    aws_request_id="id",
    get_remaining_time_in_millis=lambda: 10_000,
)
BACKEND = {"iam": {"accountId": "123456789012", "userArn": "arn:aws:sts::123456789012:assumed-role/app/1"}}


def user(user_id: str, claim: str = "sub") -> dict[str, Any]:
    return {"jwt": {"claims": {claim: user_id, "iss": "https://issuer.example"}, "scopes": None}}


def event(
    route: str,
    *,
    path: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    body: Any = None,
    authorizer: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> dict[str, Any]:
    """route: `METHOD /path/{parameter}`. body: a text as it is, everything else as JSON."""
    method, template = route.split(" ", 1)
    concrete = template
    for name, value in (path or {}).items():
        concrete = concrete.replace(f"{{{name}}}", value)
    context: dict[str, Any] = {
        "accountId": "123456789012",
        "apiId": "api",
        "domainName": "api.example",
        "http": {"method": method, "path": concrete, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"},
        "requestId": "request-1",
        "routeKey": route,
        "stage": "$default",
        "timeEpoch": 1_800_000_000_000,
    }
    if authorizer:
        context["authorizer"] = authorizer
    made: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": concrete,
        "rawQueryString": "",
        "headers": {"Content-Type": "application/json", **(headers or {})},
        "requestContext": context,
        "isBase64Encoded": False,
    }
    if path:
        made["pathParameters"] = path
    if query:
        made["queryStringParameters"] = query
    if body is not None:
        made["body"] = body if isinstance(body, str) else json.dumps(body)
    return made
