"""Contents of very many small objects: a client's ordinary way costs several times what HTTP itself does.

Requests are signed by botocore, as a client's are, and sent over connections that are kept. Whatever does not
answer as it should (a proxy, a refusal, a broken connection) is asked for again in the ordinary way, with its
retries and its errors.
"""

from __future__ import annotations

import http.client
import ssl
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import boto3
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.httpsession import get_cert_path

from pipeline.storage import CONNECTIONS, Bucket, storage_errors

_AHEAD = 4 * CONNECTIONS
_OK = 200
_MOST_FAILURES = 8
"""After which the short way is not tried any more."""
_SECONDS = 30
_FAILED = (OSError, http.client.HTTPException)


def contents(bucket: Bucket, places: Sequence[str]) -> Iterator[bytes]:
    """In order, some ahead of what is asked for. Raises: ObjectMissing; StorageFailed."""
    short = _ShortWay(bucket)

    def content(place: str) -> bytes:
        found = short.content(place)
        if found is not None:
            return found
        with bucket.open(place) as body, storage_errors(f"reading {bucket.url(place)}"):
            read: bytes = body.read()
            return read

    with closing(short), ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="objects") as pool:
        waiting: deque[Future[bytes]] = deque()
        for place in places:
            waiting.append(pool.submit(content, place))
            if len(waiting) > _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@dataclass
class _ShortWay:
    """Of the threads that share it, each has a connection of its own."""

    bucket: Bucket
    _failures: int = 0
    _of_thread: threading.local = field(default_factory=threading.local)
    _opened: list[http.client.HTTPConnection] = field(default_factory=list)

    def __post_init__(self) -> None:
        client = self.bucket.client
        self._credentials = boto3.Session().get_credentials()
        self._config, self._endpoint = client.meta.config, urlsplit(client.meta.endpoint_url)
        self._possible = self._credentials is not None and not self._config.proxies

    def content(self, place: str) -> bytes | None:
        """None: it must be asked for in the ordinary way."""
        if not self._possible or self._failures >= _MOST_FAILURES:
            return None
        request = self._signed(place)
        # Whoever has hooks on the client's requests (a stub of tests, a trace) is not passed by.
        events = self.bucket.client.meta.events
        _, hooked = events.emit_until_response("before-send.s3.GetObject", request=request)
        try:
            status, content = self._sent(request, place) if hooked is None else _of(hooked)
        except _FAILED:
            self._of_thread.connection = None
            status, content = 0, b""
        if status != _OK:
            self._failures += 1
            return None
        return content

    def _sent(self, request: Any, place: str) -> tuple[int, bytes]:
        connection = self._connection()
        connection.request("GET", self._path(place), headers=_texts(request.headers))
        answer = connection.getresponse()
        return answer.status, answer.read()

    def _signed(self, place: str) -> Any:
        scheme, host = self._endpoint.scheme, self._endpoint.netloc
        request = AWSRequest("GET", f"{scheme}://{host}{self._path(place)}")
        request.context["client_config"] = self._config
        credentials = self._credentials.get_frozen_credentials()
        S3SigV4Auth(credentials, "s3", self.bucket.client.meta.region_name).add_auth(request)
        return request.prepare()

    def _path(self, place: str) -> str:
        return f"/{self.bucket.name}/{quote(place, safe='/-_.~')}"

    def _connection(self) -> http.client.HTTPConnection:
        made: http.client.HTTPConnection | None = getattr(self._of_thread, "connection", None)
        if made is None:
            host = self._endpoint.netloc
            if self._endpoint.scheme == "https":
                trust = ssl.create_default_context(cafile=get_cert_path(True))
                made = http.client.HTTPSConnection(host, timeout=_SECONDS, context=trust)
            else:
                made = http.client.HTTPConnection(host, timeout=_SECONDS)
            self._of_thread.connection = made
            self._opened.append(made)
        return made

    def close(self) -> None:
        for connection in self._opened:
            connection.close()


def _of(hooked: Any) -> tuple[int, bytes]:
    return hooked.status_code, hooked.content


def _texts(headers: Any) -> dict[str, str]:
    return {name: value.decode() if isinstance(value, bytes) else value for name, value in headers.items()}
