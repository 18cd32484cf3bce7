"""Requests and answers, and the answers that the gateway gives by itself."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from urllib.parse import parse_qsl

LARGEST_BODY = 10 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class HttpRequest:
    """`path` begins behind the API's id, as sent; headers in lower case, in the order of sending."""

    method: str
    path: str
    full_path: str
    """as the caller sent and signed it"""
    query: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    source_ip: str
    host: str
    protocol: str = "HTTP/1.1"

    @cached_property
    def merged_headers(self) -> dict[str, str]:
        """Several of one name joined by commas, as the payload format has them."""
        merged: dict[str, str] = {}
        for name, value in self.headers:
            merged[name] = f"{merged[name]},{value}" if name in merged else value
        return merged

    @cached_property
    def parameters(self) -> dict[str, str]:
        """Of the query; several of one name joined by commas."""
        merged: dict[str, str] = {}
        for name, value in parse_qsl(self.query, keep_blank_values=True):
            merged[name] = f"{merged[name]},{value}" if name in merged else value
        return merged


@dataclass(frozen=True, kw_only=True)
class HttpAnswer:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Sequence[str] = ()
    error: str = ""
    """what went wrong, for the access log"""


def refusal(status: int, message: str, *, error: str = "", **headers: str) -> HttpAnswer:
    """As API Gateway says it: {"message": ...}."""
    shown = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpAnswer(
        status=status,
        body=json.dumps({"message": message}, separators=(",", ":")).encode(),
        headers={"content-type": "application/json", **shown},
        error=error or message,
    )


NOT_FOUND = refusal(HTTPStatus.NOT_FOUND, "Not Found")
FORBIDDEN = refusal(HTTPStatus.FORBIDDEN, "Forbidden")
TOO_MANY = refusal(HTTPStatus.TOO_MANY_REQUESTS, "Too Many Requests")
TOO_LARGE = refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Request Entity Too Large")
BROKEN = refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error")
UNAVAILABLE = refusal(HTTPStatus.SERVICE_UNAVAILABLE, "Service Unavailable")
