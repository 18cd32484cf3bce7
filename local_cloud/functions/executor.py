"""Runs one invocation: a process from the pool, Lambda's error shapes, Lambda's log lines."""

import hashlib
import json
import math
import os
import tempfile
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local_cloud.functions import layers, logs
from local_cloud.functions.code_store import CodeStore
from local_cloud.functions.forking import ForkServer
from local_cloud.functions.pool import WorkerPool
from local_cloud.functions.process import Exited, TimedOut, WorkerKey, WorkerProcess
from local_cloud.functions.results import InvalidPayload, InvokeResult
from local_cloud.ground.clients import Keys
from local_cloud.ground.clock import Clock
from local_cloud.ground.settings import Settings
from local_cloud.judge.instance import installed
from local_cloud.regions.reach import Reach

LOG_TAIL_BYTES = 4096


class Executor:
    """`function` is moto's LambdaFunction. Memory is reported, not limited."""

    def __init__(self, settings: Settings, reach: Reach) -> None:
        settings.state_dir.mkdir(parents=True, exist_ok=True)
        root = Path(tempfile.mkdtemp(prefix="functions-", dir=settings.state_dir.resolve()))
        self._settings = settings
        self._clock = Clock(settings.state_dir)
        self._scratch = root
        self._code = CodeStore(root)
        self._pool = WorkerPool()
        self._forks = ForkServer(root)
        self._reach = reach
        reach.watch(lambda region, up: None if up else self._pool.lose(region))

    def close(self) -> None:
        self._pool.close()
        self._forks.close()
        self._code.remove()

    def retire(self, function_arn: str) -> None:
        self._pool.retire(function_arn)

    def invoke(self, function: Any, payload: bytes, request_id: str | None = None) -> InvokeResult:
        """Runs the function in a worker and waits for it.

        Raises: InvalidPayload, if the payload is no JSON; RegionDown, also if it goes down meanwhile.
        """
        self._reach.require(function.region)
        request_id = request_id or str(uuid.uuid4())
        try:
            event = json.loads(payload) if payload else {}
        except ValueError as problem:
            raise InvalidPayload(f"Could not parse request body into json: {problem}") from None
        keys = role_keys(function)
        environment = self._environment(function, keys)
        key = WorkerKey(
            function_arn=function.function_arn,
            code_sha_256=function.code_sha_256,
            handler=function.handler,
            environment=tuple(sorted(environment.items())),
            layers=layers.arns(function),
        )
        worker = self._pool.take(key, lambda: self._start(key, function, environment))
        try:
            return self._run(worker, function, event, request_id)
        finally:
            self._pool.give_back(worker)

    def _start(self, key: WorkerKey, function: Any, environment: dict[str, str]) -> WorkerProcess:
        digest = hashlib.sha256(function.code_bytes).hexdigest()
        stream = f"{datetime.now(UTC):%Y/%m/%d}/[{function.version}]{uuid.uuid4().hex}"
        return WorkerProcess(
            key,
            self._code.folder(function.code_bytes, digest),
            self._scratch,
            stream,
            {**environment, "AWS_LAMBDA_LOG_STREAM_NAME": stream},
            layers.python_folders(function, self._code),
            self._forks,
        )

    def _run(self, worker: WorkerProcess, function: Any, event: Any, request_id: str) -> InvokeResult:
        initialised = None
        begin = time.monotonic()
        remark = []
        try:
            frame: dict[str, Any] = {"ready": True}
            if not worker.started:
                frame = worker.start()
                initialised = time.monotonic() - begin
                begin = time.monotonic()
            if "error" not in frame:
                request = {
                    "event": event,
                    "request_id": request_id,
                    "deadline": time.time() + function.timeout,
                    "function_arn": function.function_arn,
                    "away": self._clock.away,
                }
                frame = worker.run(request, function.timeout)
        except TimedOut:
            message = f"Task timed out after {float(function.timeout):.2f} seconds"
            remark = [f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + f"Z {request_id} {message}"]
            frame = _error("Sandbox.Timedout", f"RequestId: {request_id} Error: {message}")
        except Exited as ending:
            self._reach.require(function.region)
            remark = [f"RequestId: {request_id} Error: {ending}", "Runtime.ExitError"]
            frame = _error("Runtime.ExitError", f"RequestId: {request_id} Error: {ending}")
        seconds = time.monotonic() - begin
        lines = [
            f"START RequestId: {request_id} Version: {function.version}",
            *worker.take_log().splitlines(),
            *remark,
            f"END RequestId: {request_id}",
            _report(request_id, seconds, function.memory_size, frame.get("memory"), initialised),
        ]
        keys, group = role_keys(function), log_group(function)
        logs.write(self._settings, function.region, group, worker.log_stream, lines, keys)
        failed = "error" in frame
        return InvokeResult(
            request_id=request_id,
            payload=json.dumps(frame["error"] if failed else frame["result"]).encode(),
            function_error="Unhandled" if failed else None,
            log_tail="\n".join(lines).encode()[-LOG_TAIL_BYTES:].decode(errors="ignore"),
            executed_version=str(function.version),
        )

    def _environment(self, function: Any, keys: Keys | None) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self._scratch),
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            **({} if self._clock.away is None else {"_MOVED_CLOCK": "1"}),
            **self._settings.environment(function.region),
            **(session_environment(self._settings, keys) if keys else {}),
            **{name: str(value) for name, value in function.environment_vars.items()},
            "_HANDLER": function.handler,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.run_time}",
            "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
            "AWS_LAMBDA_FUNCTION_VERSION": str(function.version),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
            "AWS_LAMBDA_LOG_GROUP_NAME": log_group(function),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        }


def role_keys(function: Any) -> Keys | None:
    """The credentials that the function has; None, if rights are not judged.

    Raises: Refused, if its role does not trust Lambda, or is not there.
    """
    arn, name = function.function_arn, function.function_name
    return installed().assume(function.role, "lambda.amazonaws.com", name, arn)


def session_environment(settings: Settings, keys: Keys) -> dict[str, str]:
    """Of a process that acts for a role: all of its calls are judged, also those for Personalize."""
    return {
        "AWS_ACCESS_KEY_ID": keys.key_id,
        "AWS_SECRET_ACCESS_KEY": keys.secret,
        "AWS_SESSION_TOKEN": keys.token,
        "AWS_ENDPOINT_URL_PERSONALIZE": settings.endpoint_url,
        "AWS_ENDPOINT_URL_PERSONALIZE_RUNTIME": settings.endpoint_url,
        "AWS_ENDPOINT_URL_PERSONALIZE_EVENTS": settings.endpoint_url,
    }


def log_group(function: Any) -> str:
    configured: str | None = function.further_configuration.get("LoggingConfig", {}).get("LogGroup")
    return configured or f"/aws/lambda/{function.function_name}"


def _error(kind: str, message: str) -> dict[str, Any]:
    return {"error": {"errorType": kind, "errorMessage": message}}


def _report(request_id: str, seconds: float, size: int, memory: int | None, initialised: float | None) -> str:
    parts = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {seconds * 1000:.2f} ms",
        f"Billed Duration: {math.ceil(seconds * 1000)} ms",
        f"Memory Size: {size} MB",
    ]
    if memory is not None:
        parts.append(f"Max Memory Used: {memory} MB")
    if initialised is not None:
        parts.append(f"Init Duration: {initialised * 1000:.2f} ms")
    return "\t".join(parts)
