"""uvicorn as we run it: on sockets that are given, until SIGTERM or Ctrl-C."""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from personalize_server.http_protocol import GuardedProtocol, close_late

_TICKS = 10
"""of uvicorn's ten a second, between two looks at slow clients"""
_GRACE_SECONDS = 10


class HttpServer(uvicorn.Server):
    """`started` is called once requests are answered."""

    def __init__(self, app: Any, on_start: Callable[[], None], *, read_timeout: float) -> None:
        config = uvicorn.Config(
            app,
            http=GuardedProtocol,
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=True,
            proxy_headers=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        super().__init__(config)
        self._on_start = on_start
        self._read_timeout = read_timeout

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Ends quietly: uvicorn would end itself by the same signal once more."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)

    async def on_tick(self, counter: int) -> bool:
        if counter % _TICKS == 0:
            since = asyncio.get_running_loop().time() - self._read_timeout
            close_late(self.server_state.connections, since)
        return await super().on_tick(counter)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_start()
