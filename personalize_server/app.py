"""The ASGI application: one port for control plane, runtime and events."""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any

from personalize_server import __name__ as server_name
from personalize_server.auto_training import train_what_is_due
from personalize_server.context import Caller, Context, Request
from personalize_server.errors import (
    ApiError,
    IncompleteBody,
    InternalFailure,
    NotImplementedYet,
    RequestTooLarge,
)
from personalize_server.identity import caller_of
from personalize_server.metrics import CONTENT_TYPE as METRICS_TYPE
from personalize_server.metrics import RequestMetrics, exposition, job_lines
from personalize_server.model import CONTROL, RUNTIME, Operation
from personalize_server.operations.deleting import sweep
from personalize_server.operations.registry import HANDLERS, IMPLEMENTED, RUNTIME_METHODS
from personalize_server.options import Options
from personalize_server.rate_limit import RateLimit
from personalize_server.runner import Runner
from personalize_server.shaping import shaped
from personalize_server.signatures import SignedRequest, Verifier, read_keys
from personalize_server.store import Store
from personalize_server.validation import validate
from personalize_server.wire import Response, failure, operation_of, parsed, success

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_TICK_SECONDS = 60.0
_log = logging.getLogger(__name__)


class App:
    """Requests on the event loop, the control plane's work one after the other in a thread."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._store = Store(options.state_file)
        self._runner = Runner(self._store, options)
        self._control = ThreadPoolExecutor(1, thread_name_prefix="control")
        self._runtime: Any = None  # brings numpy along: loaded when first asked
        keys = read_keys(options.access_keys) if options.access_keys else None
        self._verifier = Verifier(keys, time.time) if keys else None
        self._metrics = RequestMetrics()
        self._limit = RateLimit(options.rate_limit) if options.rate_limit else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await _reply(send, await self._respond(scope, receive))

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._runner.start()
                clock = asyncio.create_task(self._tick())
                await send({"type": "lifespan.startup.complete"})
            else:
                clock.cancel()
                await asyncio.to_thread(self._runner.close)
                self._control.shutdown()
                if self._runtime is not None:
                    self._runtime.close()
                self._store.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _tick(self) -> None:
        """What happens because of the time alone."""
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            context = self._context(Caller(self._options.account, self._options.region))
            try:
                await asyncio.get_running_loop().run_in_executor(self._control, train_what_is_due, context)
            except Exception:
                _log.exception("tick failed")

    async def _respond(self, scope: Scope, receive: Receive) -> Response:
        if scope["method"] == "GET" and scope["path"] in ("/health", "/ready"):
            return _plain({"status": "ok", "server": server_name})
        if scope["method"] == "GET" and scope["path"] == "/metrics":
            return await self._figures()
        started = time.perf_counter()
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        operation, code = None, "OK"
        try:
            body = await self._body(receive)
            operation = operation_of(scope["method"], scope["path"], headers)
            caller = self._caller(SignedRequest(scope["method"], scope["path"], headers, body))
            return await self._perform(operation, caller, body)
        except ApiError as problem:
            code = problem.code
            return failure(operation, problem)
        except Exception:
            code = InternalFailure.code
            _log.exception("request failed", extra={"operation": operation.name if operation else None})
            return failure(operation, InternalFailure("An internal error occurred."))
        finally:
            name = operation.name if operation else "unknown"
            self._metrics.answered(name, code, time.perf_counter() - started)

    async def _figures(self) -> Response:
        jobs = await asyncio.to_thread(self._store.jobs)
        body = exposition((*self._metrics.lines(), *job_lines(jobs)))
        return Response(200, body, ((b"content-type", METRICS_TYPE.encode()),))

    async def _perform(self, operation: Operation, caller: Caller, body: bytes) -> Response:
        if self._limit and operation.service == CONTROL:
            self._limit.check((operation.name, caller))
        if operation.name not in IMPLEMENTED:
            raise NotImplementedYet(f"{operation.name} is not implemented yet.")
        request = validate(operation.model.input_shape, parsed(body))
        if operation.service == RUNTIME:
            return await self._runtime_answer(operation, caller, request)
        handler = HANDLERS[operation.name]

        def work() -> Response:
            context = self._context(caller)
            sweep(context)
            return success(operation, shaped(operation.model.output_shape, handler(context, request)))

        started = time.perf_counter()
        try:
            response = await asyncio.get_running_loop().run_in_executor(self._control, work)
        finally:
            milliseconds = round((time.perf_counter() - started) * 1000, 2)
            _log.debug("request", extra={"operation": operation.name, "milliseconds": milliseconds})
        return response

    async def _runtime_answer(self, operation: Operation, caller: Caller, request: Request) -> Response:
        if self._runtime is None:
            module = await asyncio.to_thread(import_module, "personalize_server.runtime")
            self._runtime = self._runtime or module.Runtime(self._options)
        handler = getattr(self._runtime, RUNTIME_METHODS[operation.name])
        answer = await handler(self._context(caller), request)
        return success(operation, shaped(operation.model.output_shape, answer))

    def _caller(self, request: SignedRequest) -> Caller:
        return self._verifier.caller(request) if self._verifier else caller_of(request.headers, self._options)

    def _context(self, caller: Caller) -> Context:
        return Context(caller, self._store, self._options, time.time(), self._runner.wake)

    async def _body(self, receive: Receive) -> bytes:
        parts, size = [], 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise IncompleteBody("The request ended before its body did.")
            part = message.get("body", b"")
            size += len(part)
            if size > self._options.max_request_bytes:
                raise RequestTooLarge(f"A request can have at most {self._options.max_request_bytes} bytes.")
            parts.append(part)
            if not message.get("more_body"):
                return b"".join(parts)


async def _reply(send: Send, response: Response) -> None:
    headers = [*response.headers, (b"content-length", str(len(response.body)).encode())]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})


def _plain(value: Any) -> Response:
    return Response(200, json.dumps(value).encode(), ((b"content-type", b"application/json"),))
