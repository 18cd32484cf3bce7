"""Cross-origin requests, by an API's configuration."""

from collections.abc import Mapping
from typing import Any

from local_cloud.gateway.messages import HttpAnswer, HttpRequest


def preflight(configuration: Mapping[str, Any], request: HttpRequest) -> HttpAnswer | None:
    """The answer to a browser that asks whether it may; None if nobody asks."""
    headers = request.merged_headers
    if request.method != "OPTIONS" or "access-control-request-method" not in headers:
        return None
    answer = dict(shared(configuration, request))
    if answer:
        lists = {"allow-methods": "AllowMethods", "allow-headers": "AllowHeaders"}
        for header, member in lists.items():
            if values := _of(configuration, member):
                answer[f"access-control-{header}"] = ",".join(values)
        if (seconds := _of(configuration, "MaxAge")) is not None:
            answer["access-control-max-age"] = str(seconds)
    return HttpAnswer(status=204, headers=answer)


def shared(configuration: Mapping[str, Any], request: HttpRequest) -> Mapping[str, str]:
    """Headers for any answer to the origin; none if it may not read answers."""
    origin = request.merged_headers.get("origin")
    origins = _of(configuration, "AllowOrigins") or []
    if origin is None or not any(_matches(origin, allowed) for allowed in origins):
        return {}
    headers = {"access-control-allow-origin": "*" if "*" in origins else origin, "vary": "origin"}
    if _of(configuration, "AllowCredentials"):
        headers["access-control-allow-credentials"] = "true"
    if exposed := _of(configuration, "ExposeHeaders"):
        headers["access-control-expose-headers"] = ",".join(exposed)
    return headers


def _matches(origin: str, allowed: str) -> bool:
    if allowed.endswith("://*"):
        return origin.startswith(allowed[:-1])
    return allowed in ("*", origin)


def _of(configuration: Mapping[str, Any], member: str) -> Any:
    """Members are written as the API writes them."""
    return configuration.get(member[0].lower() + member[1:])
