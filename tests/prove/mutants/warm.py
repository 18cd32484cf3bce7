"""Has the libraries in memory and forks for each run of pytest: half of a short run is imports.

Started as a file in a checkout, so that nothing of the checkout is imported before the fork. Reads lines of
JSON, the arguments of pytest and after how many seconds to give up; answers each with pytest's exit code, or
null for one that did not end in time.
"""

import importlib
import json
import os
import signal
import sys
import time
from pathlib import Path

# Not hypothesis, whose plugin pytest wants to import itself, and nothing that starts threads or processes.
_LIBRARIES = ("pytest", "numpy", "scipy.stats", "scipy.sparse.linalg", "boto3", "moto", "asyncpg")


def _run(arguments: list[str]) -> None:
    """In a session of its own, so that whatever it starts ends with it."""
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nothing, stream)
    code = 1
    try:
        code = int(sys.modules["pytest"].main(arguments))
    finally:
        os._exit(code)


def _ended(child: int, seconds: float) -> int | None:
    until = time.monotonic() + seconds

    def end(*_: object) -> None:
        os.killpg(child, signal.SIGKILL)
        os._exit(1)

    signal.signal(signal.SIGTERM, end)
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > until:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return None
        time.sleep(0.02)


def main() -> None:
    """Until its input ends."""
    sys.path[0] = str(Path.cwd())
    for name in _LIBRARIES:
        importlib.import_module(name)
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if not child:
            _run(asked["arguments"])
        print(json.dumps(_ended(child, asked["seconds"])), flush=True)


if __name__ == "__main__":
    main()
