"""The wire protocols: JSON 1.1 for the control plane, REST-JSON for runtime and events."""

import logging
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson

from personalize_server.facts.errors import (
    ApiError,
    InternalFailure,
    RequestTooLarge,
    UnknownOperation,
    Unserializable,
    declared,
)
from personalize_server.facts.service_model import CONTROL, Operation, routes, service_model, targets

_log = logging.getLogger(__name__)
_random = random.Random()
_TARGET = "x-amz-target"
_ONCE = frozenset(
    {_TARGET, "host", "authorization", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token"}
)
"""headers that decide what is done, and for whom"""


@dataclass(frozen=True)
class Response:
    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...]


def operation_of(method: str, path: str, headers: Mapping[str, str]) -> Operation:
    """By the target header, or the path. Raises: UnknownOperation, if there is none."""
    target = headers.get(_TARGET)
    if target is not None and (method, path) == ("POST", "/"):
        if target not in targets():
            raise UnknownOperation(f"There is no operation {target[:100]}.")
        return targets()[target]
    try:
        return routes()[method, path]
    except KeyError:
        raise UnknownOperation(f"There is no operation at {method} {path[:100]}.") from None


def check_head(
    headers: Sequence[tuple[bytes, bytes]], named: Mapping[str, str], most_bytes: int, *, version: str
) -> None:
    """`named` are the headers by name; version: of HTTP, such as 1.1.

    Raises: Unserializable, for what proxies and servers may understand differently; RequestTooLarge, if the
    client asks before it sends: others do not read while they send.
    """
    if len(named) != len(headers):
        names = [name.decode("latin-1") for name, _ in headers]
        twice = sorted(name for name in set(names) & _ONCE if names.count(name) > 1)
        if twice:
            raise Unserializable(f"More than once among the headers: {', '.join(twice)}.")
    if "host" not in named and version != "1.0":
        raise Unserializable("A request needs a Host header.")
    if "upgrade" in named:
        raise Unserializable("Nothing but plain HTTP is spoken here: take the Upgrade header away.")
    if named.get("transfer-encoding", "chunked").strip().lower() != "chunked":
        raise Unserializable("The only Transfer-Encoding that is understood here is chunked.")
    if "expect" in named and int(named.get("content-length", 0)) > most_bytes:
        raise too_large(most_bytes)


def too_large(most_bytes: int) -> RequestTooLarge:
    return RequestTooLarge(f"A request can have at most {most_bytes} bytes.")


def parsed(body: bytes) -> Any:
    """The request's JSON; an empty body is an empty object. Raises: Unserializable, for what is no JSON."""
    try:
        return orjson.loads(body) if body else {}
    except ValueError:
        raise Unserializable("The request body is not valid JSON.") from None


def success(operation: Operation, answer: Mapping[str, Any]) -> Response:
    empty = operation.service != CONTROL and operation.model.output_shape is None
    body = b"" if empty else orjson.dumps(answer)
    return Response(200, body, _headers(operation.service))


def failure(operation: Operation | None, problem: ApiError) -> Response:
    service = operation.service if operation else CONTROL
    status = problem.status
    if service != CONTROL and problem.data_plane_status is not None:
        status = problem.data_plane_status
    message = problem.message.encode(errors="replace").decode()  # it may quote what does not encode
    body = orjson.dumps({"__type": problem.code, "message": message})
    return Response(status, body, (*_headers(service), (b"x-amzn-errortype", problem.code.encode())))


def failed(operation: Operation | None, problem: Exception) -> tuple[Response, str]:
    """What is told of it, and its code. What is no ApiError is our own mistake, which the log has."""
    if isinstance(problem, ApiError):
        told = declared(problem, operation.declared_errors) if operation else problem
    else:
        name = operation.name if operation else None
        _log.error("request failed", exc_info=problem, extra={"operation": name})
        told = InternalFailure("An internal error occurred.")
    return failure(operation, told), told.code


def _headers(service: str) -> tuple[tuple[bytes, bytes], ...]:
    return (_content_type(service), (b"x-amzn-requestid", _request_id()))


def _request_id() -> bytes:
    """A UUID of version 4: nobody has to be unable to guess it, and asking the system takes longer."""
    digits = f"{_random.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}".encode()


@cache
def _content_type(service: str) -> tuple[bytes, bytes]:
    metadata = service_model(service).metadata
    version = metadata.get("jsonVersion") if service == CONTROL else None
    kind = f"application/x-amz-json-{version}" if version else "application/json"
    return b"content-type", kind.encode()
