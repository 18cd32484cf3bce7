"""Servers that stand for the API of a region: they take only what botocore signs alike, for their region."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

CREDENTIALS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "a/session+token=")
TOKEN = "a.user's.token"
UP, BROKEN, SILENT, DRIPPING, NONSENSE = "up", "broken", "silent", "dripping", "nonsense"


def signature_of(region: str, method: str, url: str, body: bytes, headers: dict[str, str]) -> str:
    """As botocore has it. headers: all that are signed, but the host."""
    request = AWSRequest(method, url, data=body, headers=headers)
    request.context["timestamp"] = request.headers["x-amz-date"]
    signer = SigV4Auth(CREDENTIALS, "execute-api", region)
    return str(signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request))


class RegionServer(ThreadingHTTPServer):
    """weather: how it answers. busy: as many requests are too many, and told `retry_after`. asked: requests
    so far, in whatever weather. events: ids that it took. says: what it answers, by the path; for everybody,
    if it begins with one of `public`.
    """

    daemon_threads = True

    def __init__(self, region: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.region, self.weather, self.asked = region, UP, 0
        self.events: list[str] = []
        self.says: Callable[[str], Any] = lambda path: {"region": region, "path": path}
        self.public: tuple[str, ...] = ()
        self.retry_after: str | None = None
        self.busy = 0
        self.ended = Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that give up close their connections."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: RegionServer

    def handle_any(self) -> None:
        here = self.server
        here.asked += 1
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if here.weather == SILENT:
            here.ended.wait()
            return
        if here.weather in (BROKEN, NONSENSE):
            self._answer(503 if here.weather == BROKEN else 200, b"<html>")
            return
        if here.busy:
            here.busy -= 1
            self._answer(429, b'{"message": "Too Many Requests"}', here.retry_after)
            return
        status = 200 if self._allowed(body) else 403
        if status == 200 and self.command == "POST":
            here.events += [event["eventId"] for event in json.loads(body)["events"]]
        self._answer(status, json.dumps(here.says(self.path)).encode())

    do_GET = do_POST = handle_any

    def _allowed(self, body: bytes) -> bool:
        if self.path.startswith(self.server.public or "none"):
            return True
        authorization = self.headers.get("Authorization", "")
        if authorization == f"Bearer {TOKEN}":
            return True
        parts = dict(part.split("=", 1) for part in authorization.split(" ", 1)[1].split(", "))
        names = [name for name in parts["SignedHeaders"].split(";") if name != "host"]
        headers = {name: self.headers[name] for name in names}
        url = f"http://{self.headers['Host']}{self.path}"
        scope = parts["Credential"].split("/")[2]
        return scope == self.server.region and parts["Signature"] == signature_of(
            self.server.region, self.command, url, body, headers
        )

    def _answer(self, status: int, body: bytes, retry_after: str | None = None) -> None:
        self.send_response(status)
        if retry_after is not None:
            self.send_header("Retry-After", retry_after)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.server.weather != DRIPPING:
            self.wfile.write(body)
            return
        for byte in body:
            self.wfile.write(bytes([byte]))
            time.sleep(0.05)

    def log_message(self, *_arguments: Any) -> None:
        """Nothing to read."""


@contextmanager
def serving(*regions: str) -> Iterator[dict[str, RegionServer]]:
    servers = {region: RegionServer(region) for region in regions}
    threads = [Thread(target=server.serve_forever, args=(0.01,), daemon=True) for server in servers.values()]
    for thread in threads:
        thread.start()
    try:
        yield servers
    finally:
        for server in servers.values():
            server.ended.set()
            server.shutdown()
            server.server_close()
        for thread in threads:
            thread.join()


def nobody() -> str:
    """An address where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
