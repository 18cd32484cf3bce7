"""Processes: started apart from the one who starts them, recognised later, ended without leftovers."""

import atexit
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

import psutil

# How far apart two readings of a process's start may be; a later process under its number is farther off.
_SAME_START_SECONDS = 2.0
_launched: list[subprocess.Popen[bytes]] = []


class StartFailed(RuntimeError):
    """A server ended before it was ready, or did not get ready; the message carries its last lines."""


@dataclass(frozen=True)
class Handle:
    """A process that any later run can find again: a number alone may be a stranger's by then."""

    pid: int
    started: float

    @classmethod
    def of(cls, process: psutil.Process) -> "Handle":
        return cls(process.pid, process.create_time())

    def process(self) -> psutil.Process | None:
        """None if it has ended."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < _SAME_START_SECONDS
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None


# Loaded here: between fork and exec nothing may be imported.
_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """For Popen's preexec_fn: even a process of ours that is killed leaves no children (on Linux)."""
    if sys.platform == "linux":
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def launch(command: Sequence[str | Path], log: Path, **options: Any) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, with its output added to the log; options are Popen's."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **options,
        )
    _launched[:] = [other for other in _launched if other.poll() is None] + [process]
    return process


@atexit.register
def _detach() -> None:
    """Those that still run do so on purpose: else Python warns of each that is forgotten while it runs."""
    for process in _launched:
        if process.poll() is None:
            process.returncode = 0


def start(
    command: Sequence[str | Path],
    *,
    log: Path,
    ready: str,
    environment: Mapping[str, str],
    launched: Callable[[psutil.Process], None],
    patience: float = 60,
) -> None:
    """Start a server that outlives this process; wait for its line that begins with `ready`.

    `launched` is told at once, so that the server is known even if this process is killed.
    Raises: StartFailed, if it ends or is not ready in time.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    before = log.stat().st_size if log.exists() else 0
    server = launch(command, log, env={**os.environ, **environment})
    process = psutil.Process(server.pid)
    launched(process)
    try:
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            written = log.read_bytes()[before:].decode(errors="replace").splitlines()
            if any(line.startswith(ready) for line in written):
                return
            if server.poll() is not None:
                raise StartFailed(f"it ended with {server.returncode}: {_last(written)} ({log})")
            time.sleep(0.05)
        raise StartFailed(f"it was not ready after {patience:.0f} s: {_last(written)} ({log})")
    except BaseException:
        end(process)
        raise


def _last(lines: Sequence[str]) -> str:
    return lines[-1] if lines else "it said nothing"


def end(process: psutil.Process, *, gently: signal.Signals = signal.SIGTERM, patience: float = 10) -> None:
    """Ask, wait, then kill; whatever it started goes with it."""
    with suppress(psutil.NoSuchProcess):
        family = [process, *process.children(recursive=True)]
        process.send_signal(gently)
        _, left = psutil.wait_procs(family, timeout=patience)
        for survivor in left:
            with suppress(psutil.NoSuchProcess):
                survivor.kill()
        psutil.wait_procs(left, timeout=5)


def by_option(options: Mapping[tuple[str, str], str]) -> list[tuple[str, psutil.Process]]:
    """Those whose command line has one of these options with this very value, each with the option's name."""
    return [
        (options[argument], process)
        for process in psutil.process_iter(["cmdline"])
        for argument in pairwise(process.info["cmdline"] or ())
        if argument in options
    ]


@contextmanager
def private_file(path: Path) -> Iterator[IO[str]]:
    """A new file that nobody else may read."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        yield file
