"""Starts and stops the server: one process, or one that supervises several."""

import asyncio
import fcntl
import logging
import os
import socket
import sqlite3
import stat
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import uvloop

from personalize_server.disk.syncing import make_synced
from personalize_server.facts.options import Options
from personalize_server.jobs.logs import configure_logging
from personalize_server.server.app import App
from personalize_server.server.http_server import HttpServer
from personalize_server.server.leader import Leader
from personalize_server.server.readiness import Readiness, not_ready
from personalize_server.server.signatures import read_keys
from personalize_server.server.supervisor import Supervisor
from personalize_server.state.proof import proved
from personalize_server.state.store import Store

_log = logging.getLogger(__name__)


def serve(options: Options) -> int:
    """Until SIGTERM or Ctrl-C; the exit code."""
    configure_logging(options.log_level)
    try:
        if options.access_keys:
            read_keys(options.access_keys)
        make_synced(options.data)
        options.data.chmod(stat.S_IRWXU)
        with _only_server(options.data), proved(options), _listening(options) as listeners:
            options.buckets.unlink(missing_ok=True)
            for number in range(options.workers):
                not_ready(options.ready, number)
            port = listeners[0].getsockname()[1]
            shown = "localhost" if options.host in ("127.0.0.1", "0.0.0.0", "::") else options.host
            address = f"http://{shown}:{port}"
            if options.workers == 1:
                _alone(options, listeners[0], address)
            else:
                Supervisor(options, listeners, address).run()
    except (OSError, ValueError, sqlite3.Error) as problem:
        print(f"cannot serve: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    _log.info("stopped")
    return 0


def _alone(options: Options, listener: socket.socket, address: str) -> None:
    store = Store(options.state_file)
    readiness = Readiness(options.ready)
    app = App(options, store, Leader(store, options), readiness)
    server = HttpServer(app, lambda: announce(address), readiness.drain, options)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(server.serve([listener]))


def announce(address: str) -> None:
    print(f"listening on {address}", flush=True)


@contextmanager
def _listening(options: Options) -> Iterator[list[socket.socket]]:
    """A socket for each worker; the kernel deals connections out among them.

    They outlive a worker, so that connections which wait for a dead one are answered by its successor.
    """
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    port = options.port
    with ExitStack() as stack:
        listeners = []
        for _ in range(options.workers):
            # the protocol spelled out: event loops set TCP_NODELAY only where they see that it is TCP
            listener = stack.enter_context(socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if options.workers > 1:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            try:
                listener.bind((options.host, port))
            except OSError as problem:
                raise OSError(f"{options.host}:{port}: {problem.strerror}") from None
            except OverflowError:
                raise OSError(f"{options.host}:{port}: a port is a number from 0 to 65535") from None
            port = listener.getsockname()[1]
            listeners.append(listener)
        yield listeners


@contextmanager
def _only_server(data: Path) -> Iterator[None]:
    """Two servers on one folder would undo each other's work.

    The folder itself is locked, too, where that is possible: its file may be deleted by somebody.
    """
    folder = os.open(data, os.O_RDONLY)
    try:
        with (data / "lock").open("w") as lock:
            for locked in (lock.fileno(), folder):
                try:
                    fcntl.flock(locked, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise OSError(f"another server uses {data}") from None
                except OSError:
                    if locked != folder:
                        raise
            yield
    finally:
        os.close(folder)
