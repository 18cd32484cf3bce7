"""/health says that a process lives, /ready that whoever answers next has everything at hand."""

import contextlib
import fcntl
import json
import shutil
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from personalize_server.server.readiness import Readiness, not_ready
from tests.personalize_server.support.journey import Journey
from tests.personalize_server.support.model_requests import call
from tests.personalize_server.support.processes import PersonalizeServer

_PATIENCE_SECONDS = 60
_ASKED = 12
"""requests on connections of their own, so that each of the processes answers some"""


@pytest.fixture(scope="module")
def deployed(
    s3_endpoint: str, s3: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PersonalizeServer]:
    """A server of two processes that has a campaign; stopped."""
    data = tmp_path_factory.mktemp("readiness") / "data"
    server = PersonalizeServer(data, s3_endpoint, ("--workers", "2", "--drain-seconds", "600")).start()
    journey = Journey(server.client(), s3, "readiness")
    version = journey.train(journey.solution(journey.ready_to_train()))["solutionVersionArn"]
    journey.personalize.create_campaign(name="readiness", solutionVersionArn=version)
    assert server.process is not None
    server.process.send_signal(signal.SIGTERM)
    _until(lambda: _asked_anyhow(server) == 503)
    server.stop()
    yield server
    server.kill()


def _asked(server: PersonalizeServer, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"{server.url}{path}", timeout=_PATIENCE_SECONDS) as answer:
            return answer.status, json.loads(answer.read())["status"]
    except urllib.error.HTTPError as problem:
        with problem:
            return problem.code, json.loads(problem.read())["status"]


def _answers(server: PersonalizeServer, path: str) -> set[tuple[int, str]]:
    return {_asked(server, path) for _ in range(_ASKED)}


def _until(happens: Callable[[], bool]) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while not happens():
        assert time.monotonic() < until
        time.sleep(0.05)


@contextlib.contextmanager
def _nothing_loads(data: Path) -> Iterator[None]:
    """Images have to be made anew, and nobody can make one as long as this lasts."""
    (data / "serving").mkdir(exist_ok=True)
    with (data / "serving" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for image in (data / "serving").iterdir():
            if image.is_dir():
                shutil.rmtree(image)
        yield


def _workers(server: PersonalizeServer) -> list[psutil.Process]:
    assert server.process is not None
    family = psutil.Process(server.process.pid).children(recursive=True)
    return [one for one in family if any(at.laddr.port == server.port for at in one.net_connections("tcp"))]


@pytest.mark.prove
def test_a_server_is_ready_when_every_process_has_every_campaign(deployed: PersonalizeServer) -> None:
    with _nothing_loads(deployed.data):
        deployed.start()
        assert _answers(deployed, "/health") == {(200, "ok")}
        assert _answers(deployed, "/ready") == {(503, "loading")}
    _until(lambda: _asked(deployed, "/ready") == (200, "ok"))
    assert _answers(deployed, "/ready") == {(200, "ok")}

    with _nothing_loads(deployed.data):
        _workers(deployed)[0].kill()
        _until(lambda: _asked_anyhow(deployed) == 503)
        _until(lambda: len(_workers(deployed)) == 2)
        assert _answers(deployed, "/ready") == {(503, "loading")}, "the other one knows, too"
        assert _answers(deployed, "/health") == {(200, "ok")}
    _until(lambda: _asked(deployed, "/ready") == (200, "ok"))


def _asked_anyhow(server: PersonalizeServer) -> int:
    """0 where the process that was to answer has just died."""
    try:
        return _asked(server, "/ready")[0]
    except OSError:
        return 0


def test_a_server_that_is_to_end_says_so_and_answers_on_for_a_while(deployed: PersonalizeServer) -> None:
    if deployed.process is None or deployed.process.poll() is not None:
        deployed.start()
    assert deployed.process is not None
    deployed.process.send_signal(signal.SIGTERM)
    _until(lambda: _answers(deployed, "/ready") == {(503, "draining")})
    assert _answers(deployed, "/health") == {(200, "ok")}
    assert {call(deployed.url, "ListSchemas", {}).status for _ in range(_ASKED)} == {200}
    deployed.process.send_signal(signal.SIGTERM)
    assert deployed.process.wait(_PATIENCE_SECONDS) == 0, "asked once more, it does not wait"


def test_a_process_alone_drains_as_well(tmp_path: Path) -> None:
    server = PersonalizeServer(tmp_path, None, ("--drain-seconds", "600")).start()
    assert server.process is not None
    _until(lambda: _asked(server, "/ready") == (200, "ok"))
    server.process.send_signal(signal.SIGTERM)
    _until(lambda: _asked(server, "/ready") == (503, "draining"))
    assert call(server.url, "ListSchemas", {}).status == 200
    assert server.stop() == 0


def test_marks_of_processes_count_together(tmp_path: Path) -> None:
    first, second = (Readiness(tmp_path, number, 2) for number in range(2))
    first.begin()
    assert not first.everywhere()
    second.begin()
    assert first.everywhere() and second.everywhere()
    not_ready(tmp_path, 1)
    assert not first.everywhere() and not second.everywhere()
    second.begin()
    first.drain()
    first.begin()
    assert not first.everywhere() and not second.everywhere(), "what drains does not begin again"
