"""The gateway's own port: HTTP in, HTTP out, in a thread of the local cloud's process."""

import asyncio
import socket
from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import uvicorn

from local_cloud.gateway.gateway import Gateway
from local_cloud.gateway.messages import LARGEST_BODY, HttpAnswer, HttpRequest
from local_cloud.machine.ports import HOST, PortTaken

_BACKLOG = 512
_START_SECONDS = 10.0
_IDLE_SECONDS = 75
"""of a connection; a client that does not retry fails if it sends at the moment at which its own ends"""


class _Server(uvicorn.Server):
    """Runs beside the main thread, which keeps its signal handlers."""

    def __init__(self, config: uvicorn.Config, started: Event) -> None:
        super().__init__(config)
        self._listening = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._listening.set()


def start(port: int, make: Callable[[], Gateway]) -> Callable[[], None]:
    """Serve on the port until the answered function is called.

    Raises: PortTaken; RuntimeError, if it does not start in time.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as problem:
        listener.close()
        raise PortTaken(f"the gateway cannot listen on port {port} (--gateway-port N): {problem}") from None
    listener.listen(_BACKLOG)
    started = Event()
    gateway = make()
    config = uvicorn.Config(
        _app(gateway), log_level="error", access_log=False, lifespan="off", server_header=False,
        timeout_graceful_shutdown=1, timeout_keep_alive=_IDLE_SECONDS,
    )  # fmt: skip
    server = _Server(config, started)
    thread = Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), name="gateway", daemon=True)
    thread.start()
    if not started.wait(_START_SECONDS):
        raise RuntimeError(f"the gateway did not start on port {port}")

    def close() -> None:
        server.should_exit = True
        thread.join(5)
        gateway.close()
        listener.close()

    return close


def _app(gateway: Gateway) -> Any:
    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise ValueError(f"HTTP APIs do not speak {scope['type']}")
        answer = await gateway.answer(_request(scope, await _body(receive)))
        await send(
            {"type": "http.response.start", "status": answer.status, "headers": list(_headers(answer))}
        )
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else answer.body})

    return app


async def _body(receive: Any) -> bytes:
    """No more than shows that it is too large."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size <= LARGEST_BODY + len(part):
            parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


def _request(scope: dict[str, Any], body: bytes) -> HttpRequest:
    headers = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]]
    path = scope["raw_path"].decode("latin-1").partition("?")[0]
    return HttpRequest(
        method=scope["method"],
        path=path,
        full_path=path,
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=body,
        source_ip=scope["client"][0] if scope["client"] else "",
        host=dict(headers).get("host", ""),
        protocol=f"HTTP/{scope['http_version']}",
    )


def _headers(answer: HttpAnswer) -> list[tuple[bytes, bytes]]:
    headers = {"content-length": str(len(answer.body)), **answer.headers}
    if answer.status == 204:
        del headers["content-length"]
    pairs = [*headers.items(), *(("set-cookie", cookie) for cookie in answer.cookies)]
    return [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in pairs]
