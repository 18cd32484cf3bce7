"""One warm process of a function."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Pipe
from pathlib import Path
from typing import Any

from local_cloud.functions.forking import Forked, ForkServer

WORKER = Path(__file__).with_name("worker.py")


START_SECONDS = 60.0


class TimedOut(Exception):
    """The handler did not answer in its time; its process is gone."""


class Exited(Exception):
    """The process ended while handling an event; the message says how, in Lambda's words."""


@dataclass(frozen=True)
class WorkerKey:
    """Whatever makes a running process the wrong one when it changes."""

    function_arn: str
    code_sha_256: str
    handler: str
    environment: tuple[tuple[str, str], ...]
    layers: tuple[str, ...] = ()

    @property
    def region(self) -> str:
        return self.function_arn.split(":")[3]


def _started(
    code: Path,
    environment: Mapping[str, str],
    layers: Sequence[Path],
    descriptors: tuple[int, int, int],
    forks: ForkServer | None,
) -> "subprocess.Popen[bytes] | Forked":
    """descriptors: what the process talks by, lives by and writes to."""
    environment = {**environment, "LAMBDA_TASK_ROOT": str(code)}
    if forks is not None and forks.can_start(code, environment):
        return forks.start(code, environment, layers, descriptors)
    talk, life, output = descriptors
    return subprocess.Popen(
        # -P keeps this package's folder off the function's import path.
        [*(sys.executable, "-P", "-u", str(WORKER), str(talk), str(life)), *map(str, layers)],
        cwd=code,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        pass_fds=(talk, life),
        start_new_session=True,
    )


class WorkerProcess:
    """`log_stream` is the stream of this process, as in Lambda, where each sandbox writes its own.

    layers: folders that Python looks into after its own packages. forks: where it may have its imports from.
    """

    def __init__(
        self,
        key: WorkerKey,
        code: Path,
        scratch: Path,
        log_stream: str,
        environment: Mapping[str, str],
        layers: Sequence[Path] = (),
        forks: ForkServer | None = None,
    ) -> None:
        self.key = key
        self.log_stream = log_stream
        self.started = False
        self.idle_since = time.monotonic()
        # Of a forked process it is the only thing that tells from outside which function it is.
        self._log_path = scratch / f"{key.handler.replace('/', '.')}-{uuid.uuid4().hex}.log"
        self._log = self._log_path.open("w+b", buffering=0)
        self._connection, theirs = Pipe()
        their_life, self._life = os.pipe()
        # Appending, because the file is emptied after each event.
        output = os.open(self._log_path, os.O_WRONLY | os.O_APPEND)
        try:
            self._process = _started(code, environment, layers, (theirs.fileno(), their_life, output), forks)
        finally:
            theirs.close()
            os.close(their_life)
            os.close(output)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def start(self) -> dict[str, Any]:
        """The first frame: "ready", or "error" when the handler cannot be loaded, which ends the process."""
        self.started = True
        frame = self._receive(START_SECONDS)
        if "error" in frame:
            self.stop()
        return frame

    def run(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """The worker's answer. Raises: TimedOut or Exited, and then this process is over."""
        try:
            self._connection.send_bytes(json.dumps(request).encode())
        except OSError:
            raise Exited(self._ending()) from None
        return self._receive(seconds)

    def _receive(self, seconds: float) -> dict[str, Any]:
        try:
            if not self._connection.poll(seconds):
                self.stop()
                raise TimedOut
            frame: dict[str, Any] = json.loads(self._connection.recv_bytes())
        except (EOFError, OSError):
            raise Exited(self._ending()) from None
        self.idle_since = time.monotonic()
        return frame

    def take_log(self) -> str:
        """What was printed since the last call."""
        self._log.seek(0)
        text = self._log.read().decode(errors="replace")
        self._log.truncate(0)
        return text

    def stop(self) -> None:
        if self.alive:
            for kill in (os.killpg, os.kill):  # one that has only just begun may not lead its group yet
                with suppress(ProcessLookupError):
                    kill(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def close(self) -> None:
        self.stop()
        self._connection.close()
        os.close(self._life)
        self._log.close()
        self._log_path.unlink(missing_ok=True)

    def _ending(self) -> str:
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.stop()
            return "Runtime exited without providing a reason"
        if code == 0:
            return "Runtime exited without providing a reason"
        if code < 0:
            names = {
                signal.SIGKILL: "killed",
                signal.SIGSEGV: "segmentation fault",
                signal.SIGTERM: "terminated",
            }
            name = names.get(signal.Signals(-code), signal.Signals(-code).name)
            return f"Runtime exited with error: signal: {name}"
        return f"Runtime exited with error: exit status {code}"
