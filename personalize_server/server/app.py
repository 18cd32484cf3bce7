"""The ASGI application: one port for control plane, runtime and events."""

import asyncio
import gc
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from itertools import chain
from typing import Any, Protocol

from personalize_server.facts.errors import NotImplementedYet
from personalize_server.facts.options import Options
from personalize_server.facts.rates import NO_LIMITS
from personalize_server.facts.service_model import CONTROL, Operation
from personalize_server.operations.deleting import sweep
from personalize_server.operations.registry import HANDLERS
from personalize_server.server.at_once import RecommendingAtOnce
from personalize_server.server.event_intake import EventIntake
from personalize_server.server.identity import caller_of
from personalize_server.server.methods import IMPLEMENTED, INTAKE_METHODS, RUNTIME_METHODS
from personalize_server.server.metrics import CONTENT_TYPE as METRICS_TYPE
from personalize_server.server.metrics import (
    RequestMetrics,
    attribution_lines,
    exposition,
    fault_lines,
    job_lines,
)
from personalize_server.server.rate_limit import RateLimit
from personalize_server.server.readiness import Readiness
from personalize_server.server.shared_buckets import SharedBuckets
from personalize_server.server.shared_metrics import SharedMetrics
from personalize_server.server.signatures import SignedRequest, Verifier, read_keys
from personalize_server.state.attribution_ledger import all_totals
from personalize_server.state.context import Caller, Context, Request
from personalize_server.state.store import Store
from personalize_server.wire.acceptance import accepted
from personalize_server.wire.asgi import Receive, Scope, Send, json_response, read_body, reply
from personalize_server.wire.body_room import SMALL, BodyRoom, said_size
from personalize_server.wire.protocols import (
    Response,
    check_head,
    failed,
    operation_of,
    parsed,
    success,
)
from personalize_server.wire.shaping import shaped
from personalize_server.wire.validation import validate

_NAME = "personalize_server"
_SHARING_SECONDS = 1.0
_BODY_BYTES = 48_000_000
"""of large requests that a process has in memory at once"""
_PLAIN = ("/health", "/ready", "/metrics")
_READING = ("Describe", "Get", "List")
_log = logging.getLogger(__name__)


class Background(Protocol):
    """Where jobs are carried out: in this process's runner, or in that of the process that started it."""

    def start(self) -> None: ...
    def wake(self) -> None: ...
    def close(self) -> None: ...


class App:
    """Requests on the event loop, the control plane's work one after the other in a thread."""

    def __init__(
        self,
        options: Options,
        store: Store,
        background: Background,
        readiness: Readiness,
        metrics: SharedMetrics | None = None,
    ) -> None:
        self._options = options
        self._store = store
        self._background = background
        self._control = ThreadPoolExecutor(1, thread_name_prefix="control")
        self._prepared = False
        self._runtime: Any = None  # brings numpy along
        self._intake: EventIntake | None = None
        self._readiness = readiness
        keys = read_keys(options.access_keys) if options.access_keys else None
        self._verifier = Verifier(keys, time.time) if keys else None
        self._bodies = BodyRoom(max(_BODY_BYTES, options.max_request_bytes))
        self._shared = metrics
        self._metrics = metrics.own if metrics else RequestMetrics()
        limited = options.rates != NO_LIMITS
        self._limit = RateLimit(options.rates, SharedBuckets(options.buckets)) if limited else None
        at_once = RecommendingAtOnce(
            options, self._verifier, self._limit, self._metrics, lambda: self._runtime
        )
        self.at_once = {at_once.route: at_once}
        """what DirectProtocol asks"""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await reply(send, await self._respond(scope, receive))
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._background.start()
                self._intake = EventIntake(self._options)
                tasks = [asyncio.create_task(work) for work in (self._prepare(), self._tell(), self._mend())]
                await send({"type": "lifespan.startup.complete"})
            else:
                self._readiness.drain()
                for task in tasks:
                    task.cancel()
                await asyncio.to_thread(self._background.close)
                self._control.shutdown()
                if self._runtime is not None:
                    self._runtime.close()
                if self._intake is not None:
                    self._intake.close()
                self._store.close()
                if self._limit is not None:
                    self._limit.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _prepare(self) -> None:
        """Every campaign's model at hand, before anybody asks."""
        try:
            if self._store.everything("Campaign") or self._store.everything("Recommender"):
                await (await self._loaded_runtime()).preload()
        except Exception:
            _log.exception("not preloaded")
        gc.collect()
        gc.freeze()  # what is there now stays: requests need not wait until it has been looked through
        self._prepared = True
        self._say()

    async def _tell(self) -> None:
        """Other processes, and who asks them."""
        while True:
            self._say()
            await asyncio.sleep(_SHARING_SECONDS)

    def _say(self) -> None:
        try:
            if self._shared is not None:
                self._shared.write()
            if self._prepared and self._runtime is not None:
                self._readiness.begin(self._runtime.faults, self._runtime.answering)
            elif self._prepared:
                self._readiness.begin()
        except OSError as problem:
            _log.error("figures not written", extra={"reason": str(problem)})

    async def _mend(self) -> None:
        """What could not be loaded is tried again now and then."""
        while True:
            await asyncio.sleep(_SHARING_SECONDS)
            if self._prepared and self._runtime is not None:
                try:
                    await self._runtime.try_again()
                except Exception:
                    _log.exception("not tried again")

    async def _respond(self, scope: Scope, receive: Receive) -> Response:
        if scope["method"] == "GET" and scope["path"] in _PLAIN:
            return await self._plain(scope["path"])
        started = time.perf_counter()
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        operation, code = None, "OK"
        try:
            most = self._options.max_request_bytes
            check_head(scope["headers"], headers, most, version=scope["http_version"])
            operation = operation_of(scope["method"], scope["path"], headers)
            if (size := said_size(headers, most)) <= SMALL:
                return await self._read(scope, receive, headers, operation)
            if self._verifier:
                self._verifier.check_head(headers)
            async with self._bodies.room(size):
                return await self._read(scope, receive, headers, operation)
        except Exception as problem:
            response, code = failed(operation, problem)
            return response
        finally:
            name = operation.name if operation else "unknown"
            self._metrics.answered(name, code, time.perf_counter() - started)

    async def _read(
        self, scope: Scope, receive: Receive, headers: dict[str, str], operation: Operation
    ) -> Response:
        body = await read_body(receive, self._options.max_request_bytes)
        caller = self._caller(SignedRequest(scope["method"], _target(scope), headers, body))
        return await self._perform(operation, caller, body)

    async def _plain(self, path: str) -> Response:
        match path:
            case "/metrics":
                jobs = await asyncio.to_thread(self._store.jobs)
                # Nobody has said who asks: what belongs to an account is told where there is only one.
                totals = [] if self._verifier else await asyncio.to_thread(all_totals, self._store)
                requests = self._shared.whole() if self._shared else self._metrics
                by_arn = () if self._verifier else requests.lines_by_arn()
                faults = fault_lines(self._readiness.trouble(), named=not self._verifier)
                told = (requests.lines(), by_arn, job_lines(jobs), faults, attribution_lines(totals))
                lines = chain.from_iterable(told)
                body = exposition(lines)
                return Response(200, body, ((b"content-type", METRICS_TYPE.encode()),))
            case "/ready" if not self._readiness.everywhere():
                status = "draining" if self._readiness.draining else "loading"
                return json_response(503, {"status": status, "server": _NAME})
            case "/ready":
                ready, content = self._readiness.trouble().told(named=not self._verifier)
                return json_response(200 if ready else 503, {**content, "server": _NAME})
            case _:
                return json_response(200, {"status": "ok", "server": _NAME})

    async def _perform(self, operation: Operation, caller: Caller, body: bytes) -> Response:
        name, shape = operation.name, operation.model.input_shape
        if self._limit and operation.service == CONTROL:
            self._limit.check_control(name, caller)
        if name not in IMPLEMENTED:
            raise NotImplementedYet(f"{name} is not implemented yet.")
        if operation.service == CONTROL:
            return await self._controlled(operation, caller, validate(shape, parsed(body)))
        request = accepted(shape, parsed(body))
        if self._limit:
            self._limit.check_data(name, caller, request)
        if name in RUNTIME_METHODS:
            handler = getattr(self._runtime or await self._loaded_runtime(), RUNTIME_METHODS[name])
            answer = success(operation, await handler(caller, request))
            self._metrics.answered_from(request.get("campaignArn") or request["recommenderArn"], name)
            return answer
        if name in INTAKE_METHODS:
            handler = getattr(self._intake, INTAKE_METHODS[name])
            return success(operation, await handler(caller, request))
        return await self._controlled(operation, caller, request)

    async def _controlled(self, operation: Operation, caller: Caller, request: Request) -> Response:
        started = time.perf_counter()
        work = self._controlled_work
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._control, work, operation, caller, request)
        finally:
            milliseconds = round((time.perf_counter() - started) * 1000, 2)
            _log.debug("request", extra={"operation": operation.name, "milliseconds": milliseconds})

    def _controlled_work(self, operation: Operation, caller: Caller, request: Request) -> Response:
        """What is changed is changed as a whole, whatever other processes do; jobs start after that."""
        rings: list[bool] = []
        context = Context(caller, self._store, self._options, self._store.now(), lambda: rings.append(True))
        sweep(context)
        handler = HANDLERS[operation.name]
        if operation.name.startswith(_READING):
            answer = handler(context, request)
        else:
            with self._store.transaction():
                answer = handler(context, request)
        if rings:
            self._background.wake()
        return success(operation, shaped(operation.model.output_shape, answer))

    async def _loaded_runtime(self) -> Any:
        module = await asyncio.to_thread(import_module, "personalize_server.server.runtime")
        self._runtime = self._runtime or module.Runtime(self._options)
        return self._runtime

    def _caller(self, request: SignedRequest) -> Caller:
        return self._verifier.caller(request) if self._verifier else caller_of(request.headers, self._options)


def _target(scope: Scope) -> str:
    """Path and query as they were sent, which is what is signed."""
    query = scope["query_string"].decode("latin-1")
    return f"{scope['path']}?{query}" if query else str(scope["path"])
