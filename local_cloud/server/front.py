"""The door of the server: its own paths, then moto, whose gaps and failures are answered by name."""

import json
import logging
import re
import traceback
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import uuid4
from xml.sax.saxutils import escape

import botocore.session
from botocore.exceptions import UnknownServiceError

from local_cloud.judge.refusals import Refused, answer_of
from local_cloud.regions.reach import RegionDown

HEALTH_PATH = "/_local/health"
_SCOPE = re.compile(r"Credential=[^/]+/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
_log = logging.getLogger(__name__)

Environ = dict[str, Any]
WsgiApp = Callable[[Environ, Any], Iterable[bytes]]
# Takes method, the rest of the path and the body; answers status and body.
OwnPath = Callable[[str, str, bytes], tuple[int, bytes]]


class Front:
    """A WSGI app around moto's.

    moto answers an operation it does not have with an HTML page, an empty 404 or a stack trace; an SDK shows
    none of them. Here each becomes an error of the service's protocol that names service and operation.
    """

    def __init__(self, moto: WsgiApp, own_paths: Mapping[str, OwnPath]) -> None:
        self._moto = moto
        self._own_paths = {HEALTH_PATH: _healthy, **own_paths}

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        for prefix, answer in self._own_paths.items():
            if path.startswith(prefix):
                body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
                status, document = answer(
                    environ["REQUEST_METHOD"], path.removeprefix(prefix).strip("/"), body
                )
                return _respond(start_response, status, {"Content-Type": "application/json"}, document)
        return self._through_moto(environ, start_response)

    def _through_moto(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        begun: list[Any] = []

        def begin(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Callable[[bytes], Any]:
            begun[:] = [status, headers]
            return lambda _: None

        try:
            body = b"".join(self._moto(environ, begin))
        except NotImplementedError as gap:
            return _missing(environ, start_response, str(gap))
        except Refused as refusal:
            answer = answer_of(_service(environ))
            return _error(environ, start_response, answer.status, answer.code, str(refusal))
        except RegionDown as lost:
            return _error(environ, start_response, 503, "ServiceUnavailable", str(lost))
        except Exception as failure:
            _log.error("%s failed:\n%s", _operation(environ), traceback.format_exc())
            message = f"{_operation(environ)} failed in the local cloud: {type(failure).__name__}: {failure}"
            return _error(environ, start_response, 500, "InternalFailure", message)
        status, headers = begun
        if status.startswith("404") and environ["REQUEST_METHOD"] != "HEAD" and _says_nothing(headers, body):
            return _missing(environ, start_response, "")
        start_response(status, headers)
        return [body]


def _healthy(_method: str, _rest: str, _body: bytes) -> tuple[int, bytes]:
    return 200, b'{"status": "ready"}'


def _says_nothing(headers: list[tuple[str, str]], body: bytes) -> bool:
    kind = {name.lower(): value for name, value in headers}.get("content-type", "")
    return not body or (kind.startswith("text/html") and body.lower().startswith(b"<!doctype html>"))


def _service(environ: Environ) -> str:
    scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    return scope["service"] if scope else "s3"


def _protocol(environ: Environ) -> str:
    """json, query or rest-xml: the forms in which SDKs read errors."""
    if "HTTP_X_AMZ_TARGET" in environ:
        return "json"
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return "query"
    try:
        model = botocore.session.get_session().get_service_model(_service(environ))
    except UnknownServiceError:
        return "json"
    return "rest-xml" if model.protocol == "rest-xml" else "json"


def _operation(environ: Environ) -> str:
    target = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
    return f"{_service(environ)} {target or environ['REQUEST_METHOD'] + ' ' + environ.get('PATH_INFO', '')}"


def _missing(environ: Environ, start_response: Any, reason: str) -> Iterable[bytes]:
    message = f"The local cloud does not implement this: {_operation(environ)}. {reason}".strip()
    _log.error(message)
    return _error(environ, start_response, 501, "NotImplemented", message)


def _error(environ: Environ, start_response: Any, status: int, code: str, message: str) -> Iterable[bytes]:
    protocol = _protocol(environ)
    if protocol == "json":
        kind, document = "application/x-amz-json-1.1", json.dumps({"__type": code, "message": message})
    else:
        kind, document = "application/xml", f"<Code>{code}</Code><Message>{escape(message)}</Message>"
        document = f"<Error>{document}</Error>"
        if protocol == "query":
            document = f"<ErrorResponse>{document}<RequestId>local</RequestId></ErrorResponse>"
    return _respond(
        start_response,
        status,
        {"Content-Type": kind, "x-amzn-ErrorType": code, "x-amzn-RequestId": str(uuid4())},
        document.encode(),
    )


def _respond(start_response: Any, status: int, headers: dict[str, str], body: bytes) -> Iterable[bytes]:
    start_response(f"{status} -", [*headers.items(), ("Content-Length", str(len(body)))])
    return [body]
