"""The least an ASGI application can do: it takes a body in, and answers the same bytes always."""

import os
from pathlib import Path
from typing import Any

BODY, HEADERS = "BARE_BODY", "BARE_HEADERS"
"""environment variables: a file with the body, and one with a header a line"""


async def _whole(receive: Any) -> None:
    while (await receive()).get("more_body"):
        pass


class Bare:
    def __init__(self, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
        self._start = {"type": "http.response.start", "status": 200, "headers": headers}
        self._body = {"type": "http.response.body", "body": body}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await _whole(receive)
        await send(self._start)
        await send(self._body)


def app() -> Bare:
    lines = Path(os.environ[HEADERS]).read_bytes().splitlines()
    headers = [tuple(line.split(b": ", 1)) for line in lines]
    return Bare(Path(os.environ[BODY]).read_bytes(), headers)  # type: ignore[arg-type]
