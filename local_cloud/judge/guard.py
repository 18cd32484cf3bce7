"""In front of every service: who signed a request, what it needs, and whether that is allowed."""

import logging
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

import urllib3

from local_cloud.ground.settings import Rights, Settings
from local_cloud.judge.actions import objects
from local_cloud.judge.actions.need import Need, NoMapping
from local_cloud.judge.actions.requests import Asked, Signature, Unreadable, read, signature_of
from local_cloud.judge.actions.services import needs_of
from local_cloud.judge.authority import Authority
from local_cloud.judge.callers import Caller
from local_cloud.judge.refusals import Refused

Environ = dict[str, Any]
WsgiApp = Callable[[Environ, Any], Iterable[bytes]]
JUDGED = "local_cloud.judged"
"""in the environ of requests that policies allow"""
_log = logging.getLogger(__name__)
_NOT_HANDED_ON = {"host", "content-length", "connection", "transfer-encoding"}


def _is_judged(caller: Caller | None) -> bool:
    return caller is not None and caller.holders is not None


class Guard:
    """A WSGI app around the services' and Personalize's. The cloud's own user, and who does not sign, may do
    everything.
    """

    def __init__(self, services: WsgiApp, settings: Settings, authority: Authority) -> None:
        self._services = services
        self._settings = settings
        self._authority = authority
        self._pool = urllib3.PoolManager(maxsize=50, block=False, retries=False)

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Raises: Refused; NotImplementedError, for a call of which nobody knows what rights it needs."""
        signature = signature_of(environ)
        caller = self._caller(signature) if signature else None
        if signature is not None and signature.service == "personalize" and not _is_judged(caller):
            return self._handed_on(environ, start_response)
        if signature is None or caller is None or caller.holders is None:
            return self._services(environ, start_response)
        asked = self._judged(environ, signature, caller)
        environ[JUDGED] = True
        if signature.service == "personalize":
            return self._handed_on(environ, start_response)
        absent = objects.to_see_that_it_is_absent(asked) if asked and asked.service == "s3" else None
        if absent is None:
            return self._services(environ, start_response)
        return self._seen_only_by_who_may_list(environ, start_response, caller, absent, signature.region)

    def _caller(self, signature: Signature) -> Caller | None:
        """None for keys that are nobody's: as ever, they are not looked at."""
        try:
            return self._authority.callers.find(signature.key_id)
        except KeyError:
            return None
        except LookupError as missing:
            raise Refused(f"The security token included in the request is invalid: {missing}") from None

    def _judged(self, environ: Environ, signature: Signature, caller: Caller) -> Asked | None:
        if not self._authority.judges:
            return None
        try:
            asked = read(environ, signature, self._settings.account)
            self._authority.caller_needs(caller, needs_of(asked), signature.region)
        except (NoMapping, Unreadable) as problem:
            told = f"{problem}; {caller.principal.arn} asked"
            if self._settings.rights is Rights.ENFORCE:
                raise NotImplementedError(told) from None
            _log.warning(told)
            return None
        return asked

    def _seen_only_by_who_may_list(
        self, environ: Environ, start_response: Any, caller: Caller, need: Need, region: str
    ) -> Iterable[bytes]:
        statuses: list[str] = []

        def begin(status: str, headers: Any, exc_info: Any = None) -> Any:
            statuses.append(status)
            return start_response(status, headers, exc_info)

        body = self._services(environ, begin)
        if statuses and statuses[-1].startswith("404"):
            self._authority.caller_needs(caller, [need], region)
        return body

    def _handed_on(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """To the Personalize server, which believes who asks it."""
        length = int(environ.get("CONTENT_LENGTH") or 0)
        headers = {
            name[5:].replace("_", "-").lower(): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        headers = {name: value for name, value in headers.items() if name not in _NOT_HANDED_ON}
        if environ.get("CONTENT_TYPE"):
            headers["content-type"] = environ["CONTENT_TYPE"]
        query = environ.get("QUERY_STRING")
        path = quote(environ.get("PATH_INFO", "/")) + (f"?{query}" if query else "")
        answer = self._pool.request(
            environ["REQUEST_METHOD"],
            self._settings.personalize_address + path,
            body=environ["wsgi.input"].read(length) if length else b"",
            headers=headers,
        )
        kept = [(k, v) for k, v in answer.headers.items() if k.lower() not in _NOT_HANDED_ON]
        start_response(f"{answer.status} -", [*kept, ("Content-Length", str(len(answer.data)))])
        return [answer.data]
