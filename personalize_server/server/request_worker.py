"""A process that answers requests beside others; jobs are its supervisor's."""

import asyncio
import multiprocessing
import os
import socket
import threading
from contextlib import suppress
from multiprocessing.connection import Connection

import uvloop

from personalize_server.facts.options import Options
from personalize_server.jobs.logs import configure_logging
from personalize_server.jobs.runner import ring
from personalize_server.server.app import App
from personalize_server.server.http_server import HttpServer
from personalize_server.server.readiness import Readiness
from personalize_server.server.shared_metrics import SharedMetrics
from personalize_server.state.store import Store


class Supervised:
    """The background as a worker sees it."""

    def __init__(self, bell: Connection) -> None:
        self._bell = bell

    def start(self) -> None:
        pass

    def wake(self) -> None:
        # With the supervisor gone this process ends in a moment; until then, what is done is answered so.
        with suppress(BrokenPipeError):
            ring(self._bell)

    def close(self) -> None:
        pass


def answer_requests(
    options: Options, number: int, listener: socket.socket, bell: Connection, started: Connection
) -> None:
    """Sends something to `started` when it answers; does not outlive its supervisor."""
    configure_logging(options.log_level)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    metrics = SharedMetrics(options.metrics, number)
    readiness = Readiness(options.ready, number, options.workers)
    app = App(options, Store(options.state_file), Supervised(bell), readiness, metrics)
    server = HttpServer(app, lambda: started.send_bytes(b"!"), readiness.drain, options)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(server.serve([listener]))


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
