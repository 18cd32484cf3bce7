"""Connections that mean harm: ambiguous requests, slow ones, floods; none is answered for two."""

import asyncio
import contextlib
import json
import socket
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from personalize_server.facts.options import Options
from personalize_server.server.http_server import HttpServer
from tests.personalize_server.support.hostile import http
from tests.personalize_server.support.model_requests import call
from tests.personalize_server.support.processes import PersonalizeServer

_HEAD = b"POST / HTTP/1.1\r\nhost: x\r\nx-amz-target: AmazonPersonalize.ListSchemas\r\n"
_NEXT = b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n"
_CHUNKED = b"\r\n2\r\n{}\r\n0\r\n\r\n"
_SECONDS = 60


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PersonalizeServer]:
    options = ("--read-timeout", "2", "--max-request-bytes", "100000", "--log-level", "error")
    running = PersonalizeServer(tmp_path_factory.mktemp("hostile"), None, options).start()
    yield running
    running.stop()


def _connected(server: PersonalizeServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=_SECONDS)


def _statuses(answers: bytes) -> list[int]:
    return [int(answer[:3]) for answer in answers.split(b"HTTP/1.1 ")[1:]]


def _until_closed(connection: socket.socket) -> bytes:
    answers = b""
    with contextlib.suppress(ConnectionResetError):
        while some := connection.recv(65_536):
            answers += some
    return answers


_AMBIGUOUS = {
    "a length and chunks": b"content-length: 4\r\ntransfer-encoding: chunked\r\n" + _CHUNKED,
    "chunks and a length": b"transfer-encoding: chunked\r\ncontent-length: 4\r\n" + _CHUNKED,
    "two lengths": b"content-length: 2\r\ncontent-length: 40\r\n\r\n{}",
    "the same length twice": b"content-length: 2\r\ncontent-length: 2\r\n\r\n{}",
    "a list of lengths": b"content-length: 2, 2\r\n\r\n{}",
    "a signed length": b"content-length: +2\r\n\r\n{}",
    "a hexadecimal length": b"content-length: 0x2\r\n\r\n{}",
    "a length beyond 64 bits": b"content-length: 18446744073709551618\r\n\r\n{}",
    "a space before the colon": b"content-length: 2\r\ntransfer-encoding : chunked\r\n\r\n{}",
    "two codings": b"transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n" + _CHUNKED,
    "chunks within another coding": b"transfer-encoding: chunked, identity\r\n" + _CHUNKED,
    "an unknown coding": b"transfer-encoding: xchunked\r\n" + _CHUNKED,
    "an unknown coding with a length": b"content-length: 2\r\ntransfer-encoding: xchunked\r\n\r\n{}",
    "a control character": b"content-length: 2\r\ntransfer-encoding: \x0bchunked\r\n\r\n{}",
    "a folded header": b"content-length: 2\r\ntransfer-encoding:\r\n chunked\r\n\r\n{}",
    "lines that end with LF": b"content-length: 2\n\n{}",
    "a lone CR": b"x: a\rcontent-length: 2\r\n\r\n{}",
    "a NUL": b"x: a\0b\r\ncontent-length: 2\r\n\r\n{}",
    "a hexadecimal prefix of a chunk": b"transfer-encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n",
    "a signed chunk": b"transfer-encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n",
    "chunks that end with LF": b"transfer-encoding: chunked\r\n\r\n2\n{}\n0\n\n",
    "a chunk beyond 64 bits": b"transfer-encoding: chunked\r\n\r\n10000000000000002\r\n{}\r\n0\r\n\r\n",
    "a trailer": b"transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\ncontent-length: 9\r\n\r\n",
}


@pytest.mark.parametrize("rest", _AMBIGUOUS.values(), ids=_AMBIGUOUS.keys())
def test_a_request_whose_end_is_ambiguous_is_refused_with_all_that_follows(
    server: PersonalizeServer, rest: bytes
) -> None:
    with _connected(server) as connection:
        connection.sendall(_HEAD + rest + _NEXT)
        assert _statuses(_until_closed(connection)) == [400]


@pytest.mark.parametrize(
    "header",
    [
        b"host: elsewhere",
        b"x-amz-target: AmazonPersonalize.ListSolutions",
        b"authorization: a\r\nauthorization: b",
        b"x-amz-date: 1\r\nX-Amz-Date: 2",
    ],
)
def test_what_decides_a_request_is_said_once(server: PersonalizeServer, header: bytes) -> None:
    with _connected(server) as connection:
        connection.sendall(_HEAD + header + b"\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}")
        answer = _until_closed(connection)
    assert _statuses(answer) == [400]
    name = header.partition(b":")[0].decode()
    body = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert body == {
        "__type": "SerializationException",
        "message": f"More than once among the headers: {name}.",
    }


def test_a_body_of_a_request_that_has_none_is_not_the_next_request(server: PersonalizeServer) -> None:
    with _connected(server) as connection:
        hidden = http("ListSchemas", b"{}")
        connection.sendall(_NEXT[:-2] + b"content-length: %d\r\n\r\n" % len(hidden) + hidden)
        connection.sendall(_NEXT[:-2] + b"connection: close\r\n\r\n")
        answers = _until_closed(connection)
    assert _statuses(answers) == [200, 200]
    assert b"schemas" not in answers


_NAMES = ["ListSchemas", "ListFilters", "ListSolutions"]


def _many(count: int) -> bytes:
    """Requests on one connection that stays open."""
    whole = b"".join(http(_NAMES[number % 3], b"{}") for number in range(count))
    return whole.replace(b"connection: close\r\n", b"")


def test_requests_sent_before_answers_are_read_are_answered_in_order(server: PersonalizeServer) -> None:
    with _connected(server) as connection:
        connection.sendall(_many(80) + http("ListDatasets", b"{}"))
        answers = _until_closed(connection).split(b"HTTP/1.1 200")[1:]
    keys = [next(iter(json.loads(answer.partition(b"\r\n\r\n")[2]))) for answer in answers]
    assert keys == [["schemas", "Filters", "solutions"][number % 3] for number in range(80)] + ["datasets"]


def test_who_floods_a_connection_with_requests_is_sent_away_without_a_wrong_answer(
    server: PersonalizeServer,
) -> None:
    with _connected(server) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(_many(20_000))
        assert set(_statuses(_until_closed(connection))) <= {200}
    assert call(server.url, "ListSchemas", {}).status == 200


def test_what_is_no_request_after_requests_is_not_answered_in_their_place(server: PersonalizeServer) -> None:
    with _connected(server) as connection:
        connection.sendall(_many(20) + b"\0\0\r\n\r\n")
        assert set(_statuses(_until_closed(connection))) <= {200}


def test_a_body_that_is_said_to_be_too_large_need_not_be_sent(server: PersonalizeServer) -> None:
    with _connected(server) as connection:
        connection.sendall(_HEAD + b"expect: 100-continue\r\ncontent-length: 99999999999\r\n\r\n")
        assert _statuses(connection.recv(4096)) == [413]


def test_who_sends_a_byte_now_and_then_is_sent_away(server: PersonalizeServer) -> None:
    with _connected(server) as connection, contextlib.suppress(ConnectionError):
        connection.settimeout(0.2)
        for number in range(_SECONDS * 5):
            connection.sendall(_HEAD[number % len(_HEAD) :][:1])
            with contextlib.suppress(TimeoutError):
                if connection.recv(100)[:12] in (b"", b"HTTP/1.1 400"):
                    break
        else:
            pytest.fail("a request of a byte now and then is waited for")


def test_who_does_not_take_an_answer_is_sent_away(tmp_path: Path) -> None:
    async def answer(scope: Any, receive: Any, send: Any) -> None:
        """More than the kernel keeps for a client."""
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"x" * 50_000_000})
            return
        while (message := await receive())["type"] != "lifespan.shutdown":
            await send({"type": f"{message['type']}.complete"})
        await send({"type": "lifespan.shutdown.complete"})

    async def scenario() -> None:
        started = asyncio.Event()
        options = Options(data=tmp_path, read_timeout=1)
        http_server = HttpServer(answer, started.set, lambda: None, options)
        with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as client:
            serving = asyncio.create_task(http_server.serve([listener]))
            await started.wait()
            client.connect(listener.getsockname())
            client.sendall(_NEXT)
            connections = http_server.server_state.connections
            async with asyncio.timeout(_SECONDS):
                while not connections:
                    await asyncio.sleep(0.01)
                while connections:
                    await asyncio.sleep(0.05)
            http_server.should_exit = True
            await serving

    asyncio.run(scenario())


def test_an_idle_connection_is_kept_longer_than_a_load_balancer_keeps_its_own(tmp_path: Path) -> None:
    """Of 60 seconds, AWS's default: else clients that do not retry meet the end of a connection."""
    config = HttpServer(lambda: None, lambda: None, lambda: None, Options(data=tmp_path)).config
    assert config.timeout_keep_alive > 60


_NO_REQUEST_OF_OURS = {
    "no host": _HEAD.replace(b"host: x\r\n", b"") + b"content-length: 2\r\n\r\n{}",
    "a coding besides chunks": _HEAD + b"transfer-encoding: gzip, chunked" + _CHUNKED,
    "another protocol": _HEAD + b"upgrade: websocket\r\nconnection: upgrade\r\ncontent-length: 2\r\n\r\n{}",
}


@pytest.mark.parametrize("request_", _NO_REQUEST_OF_OURS.values(), ids=_NO_REQUEST_OF_OURS.keys())
def test_what_would_be_understood_otherwise_elsewhere_is_refused(
    server: PersonalizeServer, request_: bytes
) -> None:
    with _connected(server) as connection:
        connection.sendall(request_)
        connection.shutdown(socket.SHUT_WR)
        assert _statuses(_until_closed(connection))[:1] == [400]


def test_what_follows_a_body_in_chunks_is_no_header(server: PersonalizeServer) -> None:
    end = _CHUNKED.replace(b"0\r\n", b"0\r\nx-amz-target: AmazonPersonalize.ListSchemas\r\n")
    with _connected(server) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n" + end)
        connection.shutdown(socket.SHUT_WR)
        answers = _until_closed(connection)
    assert b"UnknownOperationException" in answers


def _signed_by(key: str) -> bytes:
    """By a head that may be right: only the body could tell."""
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    scope = f"{key}/{moment[:8]}/eu-west-1/personalize/aws4_request"
    names = "host;x-amz-date;x-amz-target"
    signature = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={names}, Signature={'0' * 64}"
    return f"x-amz-date: {moment}\r\nauthorization: {signature}\r\n".encode()


def test_bodies_that_do_not_end_keep_little_memory_and_nobody_from_being_answered(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"AKIA": {"secret": "s", "account": "1" * 12}}))
    options = ("--read-timeout", "5", "--log-level", "error", "--access-keys", str(keys))
    server = PersonalizeServer(tmp_path / "data", None, options, open_to_all=False).start()
    connections: list[socket.socket] = []
    try:
        assert server.process is not None
        process = psutil.Process(server.process.pid)
        before = process.memory_info().rss
        part = b"[" * 5_900_000
        for number in range(30):
            connection = _connected(server)
            connections.append(connection)
            connection.settimeout(0.2)
            with contextlib.suppress(TimeoutError):
                known = _signed_by("AKIA") if number % 2 else b""
                connection.sendall(_HEAD + known + b"content-length: 6000000\r\n\r\n" + part)
        assert process.memory_info().rss - before < 100_000_000
        with urllib.request.urlopen(f"{server.url}/health", timeout=_SECONDS) as answer:
            assert answer.status == 200
        assert b"MissingAuthentication" in connections[0].recv(65_536), "judged before its body has come"
    finally:
        for connection in connections:
            connection.close()
        server.stop()


@pytest.mark.parametrize("name", ["ListSchemas", "PutEvents"])
def test_who_has_said_all_still_gets_the_answer(server: PersonalizeServer, name: str) -> None:
    with _connected(server) as connection:
        connection.sendall(http(name, b"{}").replace(b"connection: close\r\n", b""))
        connection.shutdown(socket.SHUT_WR)
        assert _statuses(_until_closed(connection)) == [200 if name == "ListSchemas" else 400]


@pytest.mark.parametrize(
    "body",
    [b'{"a":"\xff\xfe"}', "{}".encode("utf-16"), b'{"nextToken":"\\ud800"}', b"\xef\xbb\xbf{}", b'{"a":1}{}'],
)
def test_text_that_is_not_utf_8_or_not_one_object_is_refused(server: PersonalizeServer, body: bytes) -> None:
    answer = call(server.url, "ListSchemas", body)
    assert (answer.status, answer.code) == (400, "SerializationException")
