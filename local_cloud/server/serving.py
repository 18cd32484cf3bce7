"""Moto and every room around it, listening on one port until a signal ends them."""

import errno
import gc
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from werkzeug.serving import BaseWSGIServer, make_server

from local_cloud.ground.settings import (
    Settings,
)
from local_cloud.server.front import Front
from local_cloud.server.rooms import install


class PortTaken(Exception):
    """Something else listens on the port."""


class Stopped(SystemExit):
    """SIGTERM or SIGINT."""


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

        from local_cloud.cloudformation.resources import custom_resource_answers
        from local_cloud.events import schedules
        from local_cloud.judge import snapshot
        from local_cloud.judge.guard import Guard
        from local_cloud.judge.instance import installed
        from local_cloud.judge.recording import PATH
        from local_cloud.people import addresses, pages
        from local_cloud.people.issuer import Issuer
        from local_cloud.regions import admin, instance
        from local_cloud.regions.door import Door
        from local_cloud.replication import expiry

        class Handler(MotoRequestHandler):
            # Header and body leave in two packets; Nagle would hold the second one back for 40 ms.
            disable_nagle_algorithm = True

            def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
                """Successful requests are not worth a line."""

        class Dispatcher(DomainDispatcherApplication):
            # moto lists its folders for every request, one request at a time.
            get_backend_for_host = lru_cache(maxsize=1000)(DomainDispatcherApplication.get_backend_for_host)

        reach = instance.reach()
        guard = Guard(Dispatcher(create_backend_app), settings, installed())
        front = Front(
            Door(guard, reach, settings.account),
            {
                admin.PATH: admin.Admin(reach, instance.carrier()).answer,
                expiry.PATH: expiry.sweep(settings, reach),
                custom_resource_answers.PATH: custom_resource_answers.receive,
                PATH: snapshot.Snapshot(settings).answer,
                schedules.PATH: schedules.Firing(settings, reach).answer,
                addresses.ISSUER_PATH: Issuer(addresses.issuer(settings)).answer,
            },
        )
        app = pages.Pages(front, settings)
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
    # moto's tables (every EC2 instance type, every managed policy) never die: not to be looked at while they
    # are made, which would be a third of the start, nor ever again.
    gc.disable()
    with listening(settings) as server:
        gc.freeze()
        gc.enable()
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
