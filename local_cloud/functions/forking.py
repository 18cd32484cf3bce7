"""Starts processes of functions through a fork server, where they may have its imports."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

SERVER = Path(__file__).with_name("fork_server.py")
PRELOADED = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "urllib3")
"""What Lambda's own runtime brings; a function that brings one of them itself is not forked."""
MODELS = ("cloudwatch", "dynamodb", "personalize", "s3", "scheduler", "secretsmanager", "sns", "sqs", "ssm")
"""Services that many functions ask."""


class Forked:
    """What of subprocess.Popen a function's process needs."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._ended = threading.Event()
        self._status: int | None = None

    def end(self, status: int) -> None:
        self._status = status
        self._ended.set()

    def poll(self) -> int | None:
        return self._status

    def wait(self, timeout: float | None = None) -> int:
        """The exit status. Raises: subprocess.TimeoutExpired."""
        if not self._ended.wait(timeout):
            raise subprocess.TimeoutExpired("function", timeout or 0)
        assert self._status is not None
        return self._status


class ForkServer:
    """Begins with the first process that is asked for; one that has died is replaced."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._lock = threading.Lock()
        self._running: _Running | None = None

    @staticmethod
    def can_start(folder: Path, environment: Mapping[str, str]) -> bool:
        """Not what brings a package of its own that is imported already, nor what has a moved clock."""
        is_there = any((folder / name).exists() or (folder / f"{name}.py").exists() for name in PRELOADED)
        return sys.platform == "linux" and not is_there and "_MOVED_CLOCK" not in environment

    def start(
        self, folder: Path, environment: Mapping[str, str], layers: Sequence[Path], descriptors: Sequence[int]
    ) -> Forked:
        """folder: of the function's code. descriptors: that it talks by, lives by and writes its log to.

        Raises: OSError, if no process can be had.
        """
        asked = {"folder": str(folder), "environment": dict(environment), "layers": list(map(str, layers))}
        with self._lock:
            if self._running is not None and not self._running.alive:
                self._running.close()
                self._running = None
            if self._running is None:
                self._running = _Running(self._home)
            return self._running.forked(json.dumps(asked).encode(), descriptors)

    def close(self) -> None:
        with self._lock:
            if self._running is not None:
                self._running.close()
                self._running = None


class _Running:
    def __init__(self, home: Path) -> None:
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(home), "LANG": "en_US.UTF-8"}
        with theirs:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-P", "-u", str(SERVER), str(theirs.fileno())),
                    *(",".join(PRELOADED), ",".join(MODELS)),
                ],
                env=environment,
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        self._begun: list[Forked] = []
        self._known: dict[int, Forked] = {}
        self._changed = threading.Condition()
        self._over = False
        threading.Thread(target=self._listen, name="ends of functions", daemon=True).start()

    @property
    def alive(self) -> bool:
        return not self._over and self._process.poll() is None

    def forked(self, message: bytes, descriptors: Sequence[int]) -> Forked:
        socket.send_fds(self._channel, [message], list(descriptors))
        with self._changed:
            self._changed.wait_for(lambda: self._begun or self._over)
            if not self._begun:
                raise OSError("the fork server of functions has ended")
            return self._begun.pop()

    def close(self) -> None:
        with suppress(OSError):
            self._channel.shutdown(socket.SHUT_RDWR)
        self._process.wait()
        self._channel.close()

    def _listen(self) -> None:
        while True:
            try:
                received = self._channel.recv(4096)
            except OSError:
                received = b""
            with self._changed:
                if not received:
                    self._over = True
                    for process in self._known.values():
                        with suppress(ProcessLookupError):
                            os.killpg(process.pid, signal.SIGKILL)
                        process.end(-signal.SIGKILL)
                    self._changed.notify_all()
                    return
                told = json.loads(received)
                if "pid" in told:
                    self._known[told["pid"]] = process = Forked(told["pid"])
                    self._begun.append(process)
                    self._changed.notify_all()
                else:
                    self._known.pop(told["ended"]).end(told["status"])
