"""Starts and stops the HTTP server."""

import asyncio
import fcntl
import logging
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
import uvloop

from personalize_server.app import App
from personalize_server.http_protocol import GuardedProtocol, close_late
from personalize_server.logs import configure_logging
from personalize_server.options import Options

_TICKS = 10
"""of uvicorn's ten a second, between two looks at slow clients"""
_log = logging.getLogger(__name__)


class _Server(uvicorn.Server):
    """Says where it listens once it does."""

    def __init__(self, config: uvicorn.Config, address: str, read_timeout: float) -> None:
        super().__init__(config)
        self._address = address
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
            print(f"listening on {self._address}", flush=True)


def serve(options: Options) -> int:
    """Until SIGTERM or Ctrl-C; the exit code."""
    configure_logging(options.log_level)
    try:
        options.data.mkdir(parents=True, exist_ok=True)
        with _only_server(options.data), _listening(options) as listener:
            port = listener.getsockname()[1]
            shown = "localhost" if options.host in ("127.0.0.1", "0.0.0.0", "::") else options.host
            config = uvicorn.Config(
                App(options),
                http=GuardedProtocol,
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=True,
                timeout_graceful_shutdown=10,
            )
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                server = _Server(config, f"http://{shown}:{port}", options.read_timeout)
                runner.run(server.serve([listener]))
    except (OSError, ValueError) as problem:
        print(f"cannot serve: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    _log.info("stopped")
    return 0


@contextmanager
def _listening(options: Options) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    # the protocol spelled out: event loops set TCP_NODELAY only where they see that it is TCP
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((options.host, options.port))
        except OSError as problem:
            raise OSError(f"{options.host}:{options.port}: {problem.strerror}") from None
        yield listener


@contextmanager
def _only_server(data: Path) -> Iterator[None]:
    """Two servers on one folder would undo each other's work."""
    with (data / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise OSError(f"another server uses {data}") from None
        yield
