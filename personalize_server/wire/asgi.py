"""Requests and responses as ASGI messages."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson

from personalize_server.facts.errors import IncompleteBody
from personalize_server.wire.protocols import Response, too_large

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def read_body(receive: Receive, most: int) -> bytes:
    """Raises: IncompleteBody, if the client goes away, and too_large's error beyond so many bytes."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise IncompleteBody("The request ended before its body did.")
        part = message.get("body", b"")
        size += len(part)
        if size > most:
            raise too_large(most)
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


async def reply(send: Send, response: Response) -> None:
    headers = [*response.headers, (b"content-length", str(len(response.body)).encode())]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})


def json_response(status: int, value: Any) -> Response:
    return Response(status, orjson.dumps(value), ((b"content-type", b"application/json"),))
