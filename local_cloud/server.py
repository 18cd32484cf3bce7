"""The server of the local cloud: moto and every room around it, on one port.

`python -m local_cloud.server --port 4566` serves until SIGTERM or SIGINT and leaves no process behind.
"""

import argparse
import errno
import gc
import importlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from werkzeug.serving import BaseWSGIServer, make_server

from local_cloud import options as kinds
from local_cloud import ports
from local_cloud.front import Front
from local_cloud.settings import (
    DEFAULT_ACCOUNT,
    DEFAULT_GATEWAY_PORT,
    DEFAULT_PERSONALIZE_PORT,
    DEFAULT_PORT,
    Settings,
)

# The interpreter first: it must replace how moto's makes its clients before that is imported.
ROOMS = (
    "interpreter",
    "functions",
    "queues",
    "tables",
    "buckets",
    "alarms",
    "cloudformation",
    "events",
    "mail",
    "gateway",
)


class PortTaken(Exception):
    """Something else listens on the port."""


class Stopped(SystemExit):
    """SIGTERM or SIGINT."""


def install(settings: Settings) -> Callable[[], None]:
    """Put every room's patches into moto, once per process; returns what ends the rooms' processes."""
    environment = settings.environment() | {
        "MOTO_PORT": str(settings.port),
        "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
    }
    if settings.account != DEFAULT_ACCOUNT:
        environment["MOTO_ACCOUNT_ID"] = settings.account
    os.environ.update(environment)
    with ExitStack() as closing:
        for name in ROOMS:
            close = importlib.import_module(f"local_cloud.{name}").install(settings)
            if close is not None:
                closing.callback(close)
        return closing.pop_all().close


@contextmanager
def listening(settings: Settings) -> Iterator[BaseWSGIServer]:
    """A server that is bound and has all rooms installed; `serve_forever` of it answers requests."""
    with _bound(settings.port) as listener:
        close = install(settings)
        # moto reads its settings from the environment while it is imported.
        from moto.moto_server.werkzeug_app import (
            DomainDispatcherApplication,
            MotoRequestHandler,
            create_backend_app,
        )

        from local_cloud.cloudformation import custom_resource_answers

        class Handler(MotoRequestHandler):
            # Header and body leave in two packets; Nagle would hold the second one back for 40 ms.
            disable_nagle_algorithm = True

            def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
                """Successful requests are not worth a line."""

        app = Front(
            DomainDispatcherApplication(create_backend_app),
            {custom_resource_answers.PATH: custom_resource_answers.receive},
        )
        server = make_server(
            "127.0.0.1", settings.port, app, threaded=True, request_handler=Handler, fd=listener.fileno()
        )
        try:
            yield server
        finally:
            server.server_close()
            close()


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; prints one line when ready."""

    def stop(_signal: int, _frame: object) -> None:
        # A second one must not interrupt the cleaning up.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise Stopped

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    with listening(settings) as server:
        # moto's tables (every EC2 instance type, every managed policy) never die: not to be looked at again.
        gc.freeze()
        print(f"listening on {settings.endpoint_url}", flush=True)
        server.serve_forever()


@contextmanager
def _bound(port: int) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
            listener.listen(128)
        except OSError as problem:
            if problem.errno == errno.EADDRINUSE:
                raise PortTaken(
                    f"port {port} is already in use; is a local cloud running? (--port N)"
                ) from None
            raise
        yield listener


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=kinds.port(), default=DEFAULT_PORT)
    parser.add_argument("--personalize-port", type=kinds.port(), default=DEFAULT_PERSONALIZE_PORT)
    parser.add_argument("--gateway-port", type=kinds.port(), default=DEFAULT_GATEWAY_PORT)
    parser.add_argument(
        "--time-scale", type=kinds.time_scale, default=1.0, help="seconds of a deployed wait per real second"
    )
    parser.add_argument("--state-dir", type=kinds.folder, default=Path(".local"))
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    try:
        serve(
            Settings(
                port=options.port,
                personalize_port=options.personalize_port,
                gateway_port=options.gateway_port,
                time_scale=options.time_scale,
                state_dir=options.state_dir,
            )
        )
    except (PortTaken, ports.PortTaken) as problem:
        sys.exit(str(problem))
    except Stopped:
        # All is closed. Python's own end would take seconds to free moto's tables.
        sys.stdout.flush()
        os._exit(0)


if __name__ == "__main__":
    main()
