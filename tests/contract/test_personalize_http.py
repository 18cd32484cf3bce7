"""What every request meets before an operation does: unknown targets, limits, kept connections."""

import http.client
import json
import statistics
import time
import urllib.error
import urllib.request

import pytest

from tests.contract.personalize_processes import PersonalizeServer
from tests.contract.personalize_requests import call

pytest_plugins = ("tests.contract.personalize_fixtures",)


def test_an_unknown_operation_is_named(server: PersonalizeServer) -> None:
    request = urllib.request.Request(
        server.url, b"{}", {"X-Amz-Target": "AmazonPersonalize.CreateMagic"}, method="POST"
    )
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=10)
    with caught.value as problem:
        assert problem.code == 400
        assert json.loads(problem.read())["message"] == "There is no operation AmazonPersonalize.CreateMagic."


def test_a_request_that_is_too_large_is_refused(server: PersonalizeServer) -> None:
    answer = call(server.url, "ListSchemas", b" " * 7_000_000)
    assert (answer.status, answer.code) == (413, "RequestEntityTooLargeException")


def test_the_server_says_that_it_is_well(server: PersonalizeServer) -> None:
    with urllib.request.urlopen(f"{server.url}/health", timeout=10) as answer:
        assert json.loads(answer.read())["status"] == "ok"


def test_answers_on_a_kept_connection_do_not_wait_for_acknowledgements(server: PersonalizeServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    seconds = []
    for _ in range(40):
        started = time.perf_counter()
        connection.request("GET", "/health")
        connection.getresponse().read()
        seconds.append(time.perf_counter() - started)
    connection.close()
    assert statistics.median(seconds) < 0.035, "a delayed acknowledgement takes 40 ms"
