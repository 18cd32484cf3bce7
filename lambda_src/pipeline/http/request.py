"""A request in API Gateway's payload format 2.0."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.http.caller import Caller
from pipeline.http.problems import BadRequest, TooLarge, UnsupportedMedia

LARGEST_BODY = 512 * 1024
ELSEWHERE = "-"
"""In a path, of an id that the query names."""
_NO_JSON = "The body must be a JSON document in UTF-8."


@dataclass(frozen=True)
class Request:
    """route: for example `GET /v1/users/{userId}/films`. parameters: of the path. headers: in lower case."""

    route: str
    method: str
    path: str
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    caller: Caller
    request_id: str
    body: bytes

    @classmethod
    def from_event(cls, event: Mapping[str, Any], *, user_claim: str = "sub") -> Request:
        """Raises: BadRequest, if the body is said to be base64 and is not."""
        context = event["requestContext"]
        parameters, query = _named(
            event.get("pathParameters") or {}, event.get("queryStringParameters") or {}
        )
        return cls(
            route=event["routeKey"],
            method=context["http"]["method"],
            path=event["rawPath"],
            parameters=parameters,
            query=query,
            headers={name.lower(): value for name, value in (event.get("headers") or {}).items()},
            caller=Caller.from_context(context, user_claim),
            request_id=str(context.get("requestId", "")),
            body=_body(event),
        )

    def json(self) -> Any:
        """The parsed body. Raises: BadRequest, TooLarge, UnsupportedMedia."""
        kind = self.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise UnsupportedMedia("The body must be application/json.")
        if len(self.body) > LARGEST_BODY:
            raise TooLarge(
                f"The body has {len(self.body):,} bytes, {LARGEST_BODY:,} at most: send less at once."
            )
        try:
            if b"\\u" in self.body or b"\xed" in self.body:
                return json.loads(self.body, object_pairs_hook=_object)
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise BadRequest(_NO_JSON) from None


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Raises: BadRequest, for a name that nobody can be told of. Values are checked by who reads them."""
    for name, _ in members:
        try:
            name.encode()
        except UnicodeEncodeError:
            raise BadRequest(f"The body has a member {name!a}, with a lone surrogate.") from None
    return dict(members)


def _named(path: Mapping[str, str], query: Mapping[str, str]) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """An id that is `-` in the path may stand in the query, under the parameter's name.

    Whether a gateway takes `%2F` for a part of a segment or for the end of one is not said: ids with a slash
    are safe there.
    """
    moved = {name: query[name] for name, value in path.items() if value == ELSEWHERE and name in query}
    if not moved:
        return path, query
    return {**path, **moved}, {name: value for name, value in query.items() if name not in moved}


def _body(event: Mapping[str, Any]) -> bytes:
    text: str = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return text.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise BadRequest(_NO_JSON) from None
