"""Processes of functions have Lambda's own packages already, and notice nothing of it."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_cloud.functions.forking import ForkServer
from local_cloud.functions.process import WorkerKey, WorkerProcess
from tests.support.waiting import eventually

CODE = """
import os, sys, time

loaded = "boto3" in sys.modules
import boto3

def handler(event, context):
    if event.get("do") == "status":
        sys.exit(event["status"])
    return {
        "environment": dict(os.environ), "boto3": boto3.__file__, "loaded": loaded, "pid": os.getpid(),
        "leader": os.getsid(0) == os.getpid(), "folder": os.getcwd(), "zone": time.tzname[0],
    }
"""
ENVIRONMENT = {"_HANDLER": "index.handler", "PATH": os.environ["PATH"]} | {
    f"AWS_LAMBDA_{name}": "x"
    for name in (
        "FUNCTION_NAME",
        "FUNCTION_VERSION",
        "FUNCTION_MEMORY_SIZE",
        "LOG_GROUP_NAME",
        "LOG_STREAM_NAME",
    )
}


class Functions:
    def __init__(self, folder: Path) -> None:
        self.folder, self.forks = folder, ForkServer(folder)
        self.started: list[WorkerProcess] = []

    def start(self, name: str = "code", **environment: str) -> WorkerProcess:
        code = self.folder / name
        code.mkdir(exist_ok=True)
        (code / "index.py").write_text(CODE)
        process = WorkerProcess(
            WorkerKey("arn", "", "index.handler", ()), code, self.folder, "stream",
            {**ENVIRONMENT, **environment}, (), self.forks,
        )  # fmt: skip
        self.started.append(process)
        assert process.start()["ready"]
        return process


@pytest.fixture
def functions(tmp_path: Path) -> Iterator[Functions]:
    found = Functions(tmp_path)
    yield found
    for process in found.started:
        process.close()
    found.forks.close()


def run(process: WorkerProcess, **event: object) -> dict[str, object]:
    request = {"event": event, "request_id": "r", "deadline": 2e9, "function_arn": "arn", "away": None}
    found: dict[str, object] = process.run(request, 30)["result"]
    return found


def test_each_has_its_own_environment_folder_and_group_of_processes(functions: Functions) -> None:
    one, other = functions.start("one", MARK="1", TZ=":UTC"), functions.start("other", OWN="2", TZ="CET-1")
    first, second = run(one), run(other)
    assert first["loaded"] and second["loaded"]
    assert first["environment"] == {
        **ENVIRONMENT, "MARK": "1", "TZ": ":UTC", "LAMBDA_TASK_ROOT": str(functions.folder / "one"),
    }  # fmt: skip
    assert "MARK" not in second["environment"] and second["environment"]["OWN"] == "2"  # type: ignore[operator, index]
    assert (first["zone"], second["zone"]) == ("UTC", "CET")
    assert [each["folder"] for each in (first, second)] == [
        str(functions.folder / n) for n in ("one", "other")
    ]
    assert first["pid"] != second["pid"] and first["leader"] and second["leader"]


def test_a_function_that_brings_one_of_the_packages_has_its_own(functions: Functions) -> None:
    (functions.folder / "own").mkdir()
    (functions.folder / "own" / "boto3.py").write_text("")
    found = run(functions.start("own"))
    assert found["boto3"] == str(functions.folder / "own" / "boto3.py")
    assert not found["loaded"]


def test_when_the_fork_server_dies_its_functions_end_and_the_next_one_starts(functions: Functions) -> None:
    process = functions.start()
    before = int(str(run(process)["pid"]))
    parent = int(Path(f"/proc/{before}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(parent, signal.SIGKILL)
    eventually(lambda: not process.alive)
    eventually(lambda: not Path(f"/proc/{before}").exists())
    assert run(functions.start())["pid"] != before


def test_how_a_process_ended_is_told(functions: Functions) -> None:
    from local_cloud.functions.process import Exited

    process = functions.start()
    request = {"event": {"do": "status", "status": 7}, "request_id": "r", "deadline": 2e9}
    with pytest.raises(Exited, match="exit status 7"):
        process.run({**request, "function_arn": "arn", "away": None}, 30)
    killed = functions.start()
    os.kill(int(str(run(killed)["pid"])), signal.SIGKILL)
    with pytest.raises(Exited, match="signal: killed"):
        run(killed)


def test_none_is_left_when_the_server_of_the_cloud_has_gone(functions: Functions) -> None:
    pid = int(str(run(functions.start())["pid"]))
    functions.started.pop().close()
    functions.forks.close()
    eventually(lambda: not Path(f"/proc/{pid}").exists())
    assert subprocess.run(["ps", "-p", str(pid)], stdout=subprocess.DEVNULL, check=False).returncode != 0
