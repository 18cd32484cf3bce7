"""What operators rely on: logs, metrics, readiness, an orderly end, no pickles."""

import ast
import json
import re
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.personalize_server.support.model_requests import call
from tests.personalize_server.support.processes import ROOT, PersonalizeServer
from tests.personalize_server.support.world import BUCKET, QUOTAS, World

_CODE = (*(ROOT / "personalize_server").rglob("*.py"), *(ROOT / "engine").rglob("*.py"))
_EXECUTING = {
    "pickle",
    "cPickle",
    "dill",
    "cloudpickle",
    "joblib",
    "shelve",
    "marshal",
    "jsonpickle",
    "torch",
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PersonalizeServer]:
    (tmp_path / "objects" / BUCKET).mkdir(parents=True)
    options = ("--file-root", str(tmp_path / "objects"), *QUOTAS)
    running = PersonalizeServer(tmp_path / "data", None, options).start()
    yield running
    if running.process is not None and running.process.poll() is None:
        running.stop()


def get(server: PersonalizeServer, path: str) -> tuple[int, str]:
    with urllib.request.urlopen(server.url + path, timeout=20) as answer:
        return answer.status, answer.read().decode()


def test_health_and_readiness_are_told(server: PersonalizeServer) -> None:
    for path in ("/health", "/ready"):
        status, text = get(server, path)
        assert (status, json.loads(text)["status"]) == (200, "ok")


def test_a_server_without_jobs_is_one_process(server: PersonalizeServer) -> None:
    assert json.loads(get(server, "/ready")[1])["status"] == "ok"
    assert server.process is not None
    assert psutil.Process(server.process.pid).children(recursive=True) == []


def test_prometheus_reads_the_metrics(server: PersonalizeServer) -> None:
    call(server.url, "ListSchemas", {})
    call(server.url, "DescribeSchema", {"schemaArn": "no arn"})
    call(server.url, "GetRecommendations", {"userId": '"quoted"\n'})
    families = {family.name: family for family in text_string_to_metric_families(get(server, "/metrics")[1])}
    assert families["personalize_requests"].type == "counter"
    assert families["personalize_request_seconds"].type == "histogram"
    answered = {
        (sample.labels["operation"], sample.labels["code"]): sample.value
        for sample in families["personalize_requests"].samples
    }
    assert answered["ListSchemas", "OK"] == 1
    assert answered["DescribeSchema", "InvalidInputException"] == 1
    assert all(family.documentation for family in families.values())
    assert "personalize_jobs" in families


def test_every_line_of_the_log_is_json(tmp_path: Path) -> None:
    server = PersonalizeServer(tmp_path / "data", None, ("--log-level", "debug"))
    with (tmp_path / "log").open("w") as log:
        server.start(log)
        call(server.url, "ListSchemas", {})
        assert server.stop() == 0
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    for line in lines:
        assert {"time", "level", "logger", "message"} <= set(line)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line["time"])
    assert "ListSchemas" in {line.get("operation") for line in lines}, lines


@pytest.mark.prove
def test_at_the_end_requests_are_finished_and_jobs_go_on_at_the_next_start(
    server: PersonalizeServer, tmp_path: Path
) -> None:
    world = World(server.url, tmp_path / "objects" / BUCKET)
    version = world.training_version()
    answers: list[Any] = []

    def ask() -> None:
        for _ in range(1000):
            try:
                answers.append(world.ask("ListRecipes"))
            except OSError:
                return

    asking = threading.Thread(target=ask)
    asking.start()
    while len(answers) < 5:
        time.sleep(0.01)
    assert server.stop() == 0
    asking.join()
    assert {answer.status for answer in answers} == {200}
    server.start()
    assert world.settled("DescribeSolutionVersion", solutionVersionArn=version) == version


def test_nothing_is_read_that_could_execute_code() -> None:
    for file in _CODE:
        for node in ast.walk(ast.parse(file.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            elif isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called not in ("eval", "exec", "yaml.load", "yaml.unsafe_load"), (file, called)
                allowed = [k.value for k in node.keywords if k.arg == "allow_pickle"]
                assert all(isinstance(v, ast.Constant) and v.value is False for v in allowed), file
            assert not {name.partition(".")[0] for name in names} & _EXECUTING, file
