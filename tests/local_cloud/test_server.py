"""The server of the local cloud as a process: readiness, ports, signals, gaps."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from functools import partial
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.support.local_aws import ROOT, LocalAws, serving
from tests.support.waiting import eventually


def test_it_says_when_it_is_ready(aws: LocalAws) -> None:
    with urllib.request.urlopen(f"{aws.settings.endpoint_url}/_local/health") as answer:
        assert json.load(answer) == {"status": "ready"}


def test_a_taken_port_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [
            sys.executable,
            "-m",
            "local_cloud.server",
            "--port",
            str(port),
            "--state-dir",
            str(tmp_path),
        ]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)

    assert ended.returncode == 1
    assert f"port {port} is already in use" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert list(tmp_path.iterdir()) == []


CODE = """
import os, pathlib, time

def handler(event, context):
    pathlib.Path(event["file"]).write_text(str(os.getpid()))
    time.sleep(event["seconds"])
    return os.getppid()
"""


@pytest.mark.parametrize("ending", [pytest.param(signal.SIGTERM, marks=pytest.mark.prove), signal.SIGKILL])
def test_however_it_ends_its_functions_end_with_it(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, ending: signal.Signals
) -> None:
    notes = tmp_path_factory.mktemp("notes")
    with serving(tmp_path) as aws:
        function, lambda_ = aws.function(CODE), aws.client("lambda")
        done = json.dumps({"file": str(notes / "idle"), "seconds": 0})
        server = json.loads(lambda_.invoke(FunctionName=function, Payload=done)["Payload"].read())
        busy = aws.function(CODE)
        sleeps = json.dumps({"file": str(notes / "busy"), "seconds": 60})
        lambda_.invoke(FunctionName=busy, InvocationType="Event", Payload=sleeps)
        eventually(lambda: (notes / "busy").exists() and (notes / "busy").read_text())

        os.kill(server, ending)

        for note in notes.iterdir():
            process = int(note.read_text())
            eventually(partial(gone, process))
    if ending != signal.SIGKILL:
        assert [path.name for path in tmp_path.iterdir()] == ["server.log"]


def test_an_operation_that_is_not_implemented_fails_by_name(aws: LocalAws) -> None:
    calls = [
        ("sqs", "cancel_message_move_task", {"TaskHandle": "x"}, "CancelMessageMoveTask"),
        (
            "sns",
            "put_data_protection_policy",
            {"ResourceArn": "x", "DataProtectionPolicy": "y"},
            "put_data_protection",
        ),
        (
            "lambda",
            "list_durable_executions_by_function",
            {"FunctionName": "x"},
            "lambda GET .*durable-executions",
        ),
    ]
    for service, method, arguments, named in calls:
        with pytest.raises(ClientError, match=f"local cloud does not implement this: .*{named}") as problem:
            getattr(aws.client(service), method)(**arguments)
        assert problem.value.response["Error"]["Code"] == "NotImplemented"


def test_a_service_that_does_not_exist_here_fails_by_name(aws: LocalAws) -> None:
    with pytest.raises(ClientError, match="mturk"):
        aws.client("mturk").get_account_balance()


def gone(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] == "Z"
    except FileNotFoundError:
        return True
