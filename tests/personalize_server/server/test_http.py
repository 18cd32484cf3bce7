"""What every request meets before an operation does: unknown targets, limits, kept connections."""

import contextlib
import http.client
import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from tests.personalize_server.support.model_requests import call
from tests.personalize_server.support.processes import PersonalizeServer


def test_an_unknown_operation_is_named(server: PersonalizeServer) -> None:
    request = urllib.request.Request(
        server.url, b"{}", {"X-Amz-Target": "AmazonPersonalize.CreateMagic"}, method="POST"
    )
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=10)
    with caught.value as problem:
        assert problem.code == 400
        assert json.loads(problem.read())["message"] == "There is no operation AmazonPersonalize.CreateMagic."


def test_a_path_says_what_is_asked_whatever_the_target_says(server: PersonalizeServer) -> None:
    headers = {"X-Amz-Target": "AmazonPersonalize.ListSchemas"}
    request = urllib.request.Request(f"{server.url}/recommendations", b"{}", headers, method="POST")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=10)
    with caught.value as problem:
        assert problem.headers["x-amzn-errortype"] == "InvalidInputException"
        assert "campaignArn" in json.loads(problem.read())["message"]


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
    # Each but the first would wait; whatever else the machine does does not hold up all of them.
    assert min(seconds[20:]) < 0.035, "a delayed acknowledgement takes 40 ms"


def test_a_head_without_end_is_refused(server: PersonalizeServer) -> None:
    for line in (b"x: " + b"y" * 100, b"x" * 1000):
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            connection.sendall(b"POST / HTTP/1.1\r\n" + (b"" if b":" in line else b"a: "))
            with contextlib.suppress(ConnectionError):
                for _ in range(2_000_000 // len(line)):
                    connection.sendall(line + (b"\r\n" if b":" in line else b""))
            with contextlib.suppress(ConnectionError):
                assert connection.recv(100).startswith(b"HTTP/1.1 431 ")


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PersonalizeServer]:
    options = ("--read-timeout", "1", "--max-request-bytes", "1000")
    running = PersonalizeServer(tmp_path_factory.mktemp("impatient"), None, options).start()
    yield running
    running.stop()


@pytest.mark.parametrize(
    "sent", [b"", b"POST / HT", b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\n{}"]
)
def test_those_who_send_nothing_or_too_slowly_are_sent_away(
    impatient: PersonalizeServer, sent: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", impatient.port), timeout=20) as connection:
        connection.sendall(sent)
        assert connection.recv(100)[:5] in (b"", b"HTTP/")
        assert call(impatient.url, "ListSchemas", {}).status == 200


def test_the_size_of_requests_is_an_option(impatient: PersonalizeServer) -> None:
    assert call(impatient.url, "ListSchemas", b"{" + b" " * 998 + b"}").status == 200
    assert call(impatient.url, "ListSchemas", b"{" + b" " * 999 + b"}").status == 413


def test_many_silent_connections_do_not_keep_others_out(server: PersonalizeServer) -> None:
    with contextlib.ExitStack() as stack:
        for number in range(300):
            silent = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=10))
            silent.sendall(b"POST / HTTP/1.1\r\ncontent-length: 9\r\n\r\n"[: number % 40])
        assert call(server.url, "ListSchemas", {}).status == 200


def test_a_body_that_breaks_off_is_not_taken_for_whole(server: PersonalizeServer) -> None:
    name = f"half-{time.time_ns()}"
    schema = json.dumps({"name": name})
    head = (
        "POST / HTTP/1.1\r\nhost: x\r\nx-amz-target: AmazonPersonalize.CreateDatasetGroup\r\n"
        f"content-length: {len(schema) + 5}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall((head + schema).encode())
    groups = call(server.url, "ListDatasetGroups", {"maxResults": 100}).content["datasetGroups"]
    assert name not in [group["name"] for group in groups]
