"""What an HTTP request asks a service for: operation and members, as far as rights depend on them."""

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from moto.core.parse import RestXMLParser
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from werkzeug.exceptions import NotFound

_SCOPE = re.compile(r"Credential=(?P<key>[^/\s]+)/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
# Of signatures, and botocore's names of the services that sign by it.
_SIGNED_AS = {
    "states": ("stepfunctions",),
    "ses": ("sesv2", "ses"),
    "monitoring": ("cloudwatch",),
    "personalize": ("personalize", "personalize-runtime", "personalize-events"),
}


class Unreadable(ValueError):
    """No operation of the service is asked for in this way."""


@dataclass(frozen=True)
class Signature:
    key_id: str
    region: str
    service: str


@dataclass(frozen=True, kw_only=True)
class Asked:
    """`service`: botocore's name; `members` by the names of the service model."""

    service: str
    operation: str
    region: str
    account: str
    members: Mapping[str, Any]
    headers: Mapping[str, str]
    """by lower-case name"""


def signature_of(environ: Mapping[str, Any]) -> Signature | None:
    """Of Signature Version 4 in the header; None for whoever does not sign."""
    found = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    return Signature(found["key"], found["region"], found["service"]) if found else None


def read(environ: dict[str, Any], signature: Signature, account: str) -> Asked:
    """Leaves the body in the environ to be read once more. Raises: Unreadable."""
    # Whoever looks for the action in a form reads the body; a second reader would wait for ever.
    form = environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded")
    body = _body(environ) if form else b""
    request = Request(environ)
    name, operation, uri = _operation(request, signature.service)
    if form:
        environ["wsgi.input"] = io.BytesIO(body)
    headers = {each.lower(): value for each, value in request.headers.items()}
    return Asked(
        service=name,
        operation=operation.name,
        region=signature.region,
        account=account,
        members=_members(environ, request, name, operation, uri),
        headers=headers,
    )


def _operation(request: Request, signed_as: str) -> tuple[str, Any, Mapping[str, Any]]:
    for name in _SIGNED_AS.get(signed_as, (signed_as,)):
        try:
            return name, *get_service_router(name).match(request)
        except (NotFound, NotImplementedError):
            # The second: the service does not speak the protocol of the request.
            continue
    raise Unreadable(f"{signed_as} has no operation {request.method} {request.path}")


def _members(
    environ: dict[str, Any], request: Request, name: str, operation: Any, uri: Mapping[str, Any]
) -> Mapping[str, Any]:
    protocol = determine_request_protocol(get_service_model(name), request.content_type)
    shape = operation.input_shape
    if protocol in ("json", "rest-json"):
        # A function's event and other payloads of their own kind have no members.
        body = b"" if "payload" in (shape.serialization if shape else ()) else _body(environ)
        document = json.loads(body) if body else {}
    elif protocol in ("query", "ec2"):
        document = dict(parse_qsl(_body(environ).decode(), keep_blank_values=True))
    elif operation.name == "DeleteObjects":
        document = _deleted(environ, request, operation, uri)
    else:
        document = {}
    for member, about in (shape.members if shape else {}).items():
        wire, place = about.serialization.get("name", member), about.serialization.get("location")
        source: Any = {"uri": uri, "querystring": request.args, "header": request.headers}.get(place)
        if source is not None and source.get(wire) is not None:
            document[member] = source.get(wire)
    return document


def _deleted(
    environ: dict[str, Any], request: Request, operation: Any, uri: Mapping[str, Any]
) -> dict[str, Any]:
    parsed: dict[str, Any] = RestXMLParser(operation).parse(
        {
            "method": request.method,
            "values": request.args,
            "headers": request.headers,
            "body": _body(environ),
            "url_path": request.path,
            "url_params": dict(uri),
        }
    )
    return parsed


def _body(environ: dict[str, Any]) -> bytes:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body: bytes = environ["wsgi.input"].read(length) if length else b""
    environ["wsgi.input"] = io.BytesIO(body)
    return body
