"""uvicorn as we run it: on sockets that are given, until SIGTERM or Ctrl-C."""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import uvicorn

from personalize_server.facts.options import Options
from personalize_server.wire.direct_protocol import DirectProtocol
from personalize_server.wire.http_protocol import close_late

_TICKS = 10
"""of uvicorn's ten a second, between two looks at slow clients"""
_GRACE_SECONDS = 10
_IDLE_SECONDS = 75
"""An idle connection is kept for so long (nginx's default; AWS load balancers keep theirs for 60): a client
that does not retry fails if it sends at the very moment at which the connection ends."""


class HttpServer(uvicorn.Server):
    """`on_start` is called once requests are answered, `on_drain` when the server is asked to end.

    After that it answers on for the options' `drain_seconds`, unless it is asked a second time.
    """

    def __init__(
        self, app: Any, on_start: Callable[[], None], on_drain: Callable[[], None], options: Options
    ) -> None:
        config = uvicorn.Config(
            app,
            http=DirectProtocol,
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=True,
            proxy_headers=False,
            timeout_keep_alive=_IDLE_SECONDS,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        super().__init__(config)
        self._on_start = on_start
        self._on_drain = on_drain
        self._read_timeout = options.read_timeout
        self._drain_seconds = options.drain_seconds
        self._draining = False

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Ends quietly: uvicorn would end itself by the same signal once more."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._on_drain()
        if self._drain_seconds and not self._draining:
            self._draining = True
            asyncio.get_running_loop().call_later(self._drain_seconds, super().handle_exit, sig, frame)
        else:
            super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        if counter % _TICKS == 0:
            now = asyncio.get_running_loop().time()
            idle_since = now - self.config.timeout_keep_alive
            close_late(self.server_state.connections, now - self._read_timeout, idle_since)
        return await super().on_tick(counter)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_start()
