"""Payload format 2.0: what a function gets of a request, and what its answer means."""

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from local_cloud.gateway.apis import HttpApi, Route, Stage
from local_cloud.gateway.messages import BROKEN, HttpAnswer, HttpRequest

_TEXT = ("text/", "application/json", "application/javascript", "application/xml")
_NEVER_PASSED_ON = {"content-length", "transfer-encoding", "connection"}


def event(
    request: HttpRequest,
    *,
    api: HttpApi,
    stage: Stage,
    route: Route,
    parameters: Mapping[str, str],
    authorizer: Mapping[str, Any] | None,
    request_id: str,
    now: datetime,
) -> dict[str, Any]:
    headers = {name: value for name, value in request.merged_headers.items() if name != "cookie"}
    cookies = [
        cookie.strip() for name, value in request.headers if name == "cookie" for cookie in value.split(";")
    ]
    context: dict[str, Any] = {
        "accountId": api.account,
        "apiId": api.id,
        "domainName": request.host,
        "domainPrefix": api.id,
        "http": {
            "method": request.method,
            "path": request.path,
            "protocol": request.protocol,
            "sourceIp": request.source_ip,
            "userAgent": headers.get("user-agent", ""),
        },
        "requestId": request_id,
        "routeKey": route.key.text,
        "stage": stage.name,
        "time": f"{now:%d/%b/%Y:%H:%M:%S} +0000",
        "timeEpoch": int(now.timestamp() * 1000),
    }
    if authorizer:
        context["authorizer"] = authorizer
    made: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route.key.text,
        "rawPath": request.path,
        "rawQueryString": request.query,
        "headers": headers,
        "requestContext": context,
        "isBase64Encoded": False,
    }
    optional = {
        "cookies": cookies,
        "queryStringParameters": request.parameters,
        "pathParameters": dict(parameters),
        "stageVariables": dict(stage.variables),
    }
    made |= {name: value for name, value in optional.items() if value}
    if request.body:
        made |= _body(request.body, headers.get("content-type", ""))
    return made


def _body(body: bytes, content_type: str) -> dict[str, Any]:
    """Text as it is; anything else in base64."""
    if not content_type or content_type.lower().startswith(_TEXT) or "+json" in content_type:
        try:
            return {"body": body.decode(), "isBase64Encoded": False}
        except UnicodeDecodeError:
            pass
    return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}


def answer(payload: bytes) -> HttpAnswer:
    """A function's answer: with a statusCode as said, anything else is the body of a 200."""
    value = json.loads(payload)
    if not isinstance(value, dict) or "statusCode" not in value:
        body = value if isinstance(value, str) else json.dumps(value)
        return HttpAnswer(status=200, body=body.encode(), headers={"content-type": "application/json"})
    try:
        return _said(value)
    except (AttributeError, TypeError, ValueError):
        return BROKEN


def _said(value: Mapping[str, Any]) -> HttpAnswer:
    body = value.get("body") or ""
    text = body if isinstance(body, str) else json.dumps(body)
    given = {name.lower(): str(each) for name, each in (value.get("headers") or {}).items()}
    headers = {name: each for name, each in given.items() if name not in _NEVER_PASSED_ON}
    status = int(value["statusCode"])
    if not 100 <= status <= 599:
        raise ValueError(f"status code {status}")
    return HttpAnswer(
        status=status,
        body=base64.b64decode(text, validate=True) if value.get("isBase64Encoded") else text.encode(),
        headers={"content-type": "text/plain;charset=UTF-8", **headers} if text else headers,
        cookies=tuple(str(cookie) for cookie in value.get("cookies") or ()),
    )
