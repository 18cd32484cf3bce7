"""Servers that are started apart outlive who started them, and are no reason to warn."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil

_ROOT = Path(__file__).parents[2]
_STARTS_ONE = """
import sys
from pathlib import Path
from local_cloud.machine.processes import launch

ended = launch([sys.executable, "-c", ""], Path(sys.argv[1]) / "ended")
print(launch(["sleep", "600"], Path(sys.argv[1]) / "log").pid, flush=True)
if sys.argv[2] == "wait":
    ended.wait()
"""


def test_who_starts_a_server_ends_without_a_warning_and_the_server_lives_on(tmp_path: Path) -> None:
    for waits in ("wait", "no"):
        command = [sys.executable, "-W", "error", "-c", _STARTS_ONE, str(tmp_path), waits]
        ended = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=True)
        server = int(ended.stdout)
        try:
            assert ended.stderr == ""
            assert psutil.Process(server).status() != psutil.STATUS_ZOMBIE
        finally:
            os.kill(server, signal.SIGKILL)
