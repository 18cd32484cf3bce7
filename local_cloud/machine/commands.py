"""Commands that run and end within ours: when ours is interrupted, they end at once."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock

from local_cloud.machine.processes import die_with_parent


class CommandFailed(RuntimeError):
    """The message has the command's last words and where the rest is."""


class Interrupted(RuntimeError):
    """The command was ended because ours is."""


class Commands:
    """Runs commands, from several threads if need be; `close` ends what runs and refuses more."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._closed = False
        self._lock = Lock()

    def run(
        self, command: Sequence[str | Path], *, log: Path, environment: Mapping[str, str], folder: Path
    ) -> None:
        """Quietly: output goes to the log, of which the end is shown on failure.

        Raises: CommandFailed, if it fails; Interrupted, if all are to end.
        """
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            with self._lock:
                if self._closed:
                    raise Interrupted
                process = subprocess.Popen(
                    command,
                    cwd=folder,
                    env={**os.environ, **environment},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    preexec_fn=die_with_parent,
                )
                self._running.add(process)
            code = process.wait()
        with self._lock:
            self._running.discard(process)
            if self._closed:
                raise Interrupted
        if code:
            name = f"{Path(command[0]).name} {command[1]}"
            end = "\n".join(log.read_text(errors="replace").splitlines()[-25:])
            raise CommandFailed(f"`{name}` ended with {code}; all of it is in {log}\n{end}")

    def close(self) -> None:
        with self._lock:
            self._closed = True
            for process in self._running:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
