"""The process a function runs in: imports the handler once, then answers one event after another.

Started by path, knows nothing of the local cloud. Its arguments: the two descriptors that it talks and lives
by, then the folders of layers. Over one socket, in frames of JSON, it says {"ready": true}
once the handler is imported, then receives {"event", "request_id", "deadline", "function_arn", "away"} and
answers {"result"} or {"error"}; "memory" is its peak in MB. away: seconds that the function's clock goes
before this machine's, where `_MOVED_CLOCK` is in the environment.
"""

import datetime
import importlib
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

_real_time = time.time
_RealDatetime = datetime.datetime


class Moved:
    """Before the handler is imported, in place of what a clock is read by. Timers of threads stay."""

    away = 0.0

    @classmethod
    def install(cls) -> None:
        real_monotonic = time.monotonic

        class Likeness(type):
            def __instancecheck__(cls, value: object) -> bool:
                return isinstance(value, _RealDatetime)

            def __subclasscheck__(cls, other: type) -> bool:
                return issubclass(other, _RealDatetime)

        class MovedDatetime(_RealDatetime, metaclass=Likeness):
            """Of which there are no values: all are datetimes."""

            def __new__(cls, *parts: Any, **named: Any) -> Any:
                return _RealDatetime(*parts, **named)

            @classmethod
            def now(cls, tz: datetime.tzinfo | None = None) -> Any:
                return _RealDatetime.fromtimestamp(time.time(), tz)

            @classmethod
            def utcnow(cls) -> Any:
                return _RealDatetime.fromtimestamp(time.time(), datetime.UTC).replace(tzinfo=None)

            @classmethod
            def today(cls) -> Any:
                return cls.now()

        setattr(time, "time", lambda: _real_time() + cls.away)  # noqa: B010
        # What was remembered for some seconds is old a day later.
        setattr(time, "monotonic", lambda: real_monotonic() + cls.away)  # noqa: B010
        setattr(datetime, "datetime", MovedDatetime)  # noqa: B010


@dataclass(frozen=True)
class Context:
    """Lambda's context object."""

    aws_request_id: str
    invoked_function_arn: str
    deadline: float
    function_name: str
    function_version: str
    memory_limit_in_mb: str
    log_group_name: str
    log_stream_name: str
    identity: None = None
    client_context: None = None

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self.deadline - _real_time()) * 1000))


class HandlerMissing(Exception):
    pass


def error(kind: str, message: str, trace: list[str] | None = None, **more: str) -> dict[str, Any]:
    return {"error": {"errorMessage": message, "errorType": kind, **more, "stackTrace": trace or []}}


def load_handler(name: str) -> Callable[[Any, Context], Any]:
    """The handler of module.function. Raises: HandlerMissing, if the module has no such function."""
    module, _, function = name.rpartition(".")
    loaded = importlib.import_module(module.replace("/", "."))
    try:
        handler: Callable[[Any, Context], Any] = getattr(loaded, function)
    except AttributeError:
        raise HandlerMissing(f"Handler '{function}' missing on module '{module}'") from None
    return handler


def load_failure(name: str, reason: Exception) -> dict[str, Any]:
    module = name.rpartition(".")[0]
    if isinstance(reason, HandlerMissing):
        return error("Runtime.HandlerNotFound", str(reason), requestId="")
    if isinstance(reason, ImportError):
        return error(
            "Runtime.ImportModuleError", f"Unable to import module '{module}': {reason}", requestId=""
        )
    if isinstance(reason, SyntaxError):
        return error(
            "Runtime.UserCodeSyntaxError", f"Syntax error in module '{module}': {reason}", requestId=""
        )
    return error(type(reason).__name__, str(reason), traceback.format_tb(reason.__traceback__)[1:])


def answer(handler: Callable[[Any, Context], Any], request: dict[str, Any]) -> dict[str, Any]:
    environ = os.environ
    context = Context(
        aws_request_id=request["request_id"],
        invoked_function_arn=request["function_arn"],
        deadline=request["deadline"],
        function_name=environ["AWS_LAMBDA_FUNCTION_NAME"],
        function_version=environ["AWS_LAMBDA_FUNCTION_VERSION"],
        memory_limit_in_mb=environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
        log_group_name=environ["AWS_LAMBDA_LOG_GROUP_NAME"],
        log_stream_name=environ["AWS_LAMBDA_LOG_STREAM_NAME"],
    )
    try:
        result = handler(request["event"], context)
    except Exception as failure:
        trace = traceback.format_tb(failure.__traceback__)[1:]
        print(f"[ERROR] {type(failure).__name__}: {failure}\nTraceback (most recent call last):")
        print("".join(trace))
        return error(type(failure).__name__, str(failure), trace, requestId=context.aws_request_id)
    try:
        json.dumps(result)
    except (TypeError, ValueError) as failure:
        return error("Runtime.MarshalError", f"Unable to marshal response: {failure}")
    return {"result": result}


def end_with_server(life: int) -> None:
    """The server holds the other end; when it is gone, however it went, so is this process."""
    os.read(life, 1)
    os._exit(0)


def send(connection: Connection, message: dict[str, Any]) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    connection.send_bytes(json.dumps({**message, "memory": peak_memory()}).encode())


def peak_memory() -> int | None:
    """MB, where /proc tells; getrusage would count the server that this process was forked from."""
    try:
        with open("/proc/self/status") as status:  # noqa: PTH123 (pathlib is not worth its import time here)
            line = next(line for line in status if line.startswith("VmHWM:"))
    except OSError:
        return None
    return int(line.split()[1]) // 1024


def main(channel: int, life: int) -> None:
    threading.Thread(target=end_with_server, args=(life,), daemon=True).start()
    connection = Connection(channel)
    name = os.environ["_HANDLER"]
    if os.environ.get("_MOVED_CLOCK"):
        Moved.install()
    try:
        handler = load_handler(name)
    except Exception as failure:
        traceback.print_exc()
        send(connection, load_failure(name, failure))
        return
    send(connection, {"ready": True})
    while True:
        try:
            request = json.loads(connection.recv_bytes())
        except EOFError:
            return
        Moved.away = request["away"] or 0.0
        send(connection, answer(handler, request))


if __name__ == "__main__":
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    sys.path.extend(sys.argv[3:])
    main(int(sys.argv[1]), int(sys.argv[2]))
