"""What is answered at once, without ASGI, is answered as all else is, on connections that behave the same."""

import asyncio
import contextlib
import json
import re
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest

from personalize_server.answers.deployments import Deployment, Deployments, _Place
from personalize_server.disk.faults import Faults
from personalize_server.facts.errors import ResourceNotFound
from personalize_server.facts.options import Options
from personalize_server.server.http_server import HttpServer
from personalize_server.state.context import Caller, Context, no_wake
from personalize_server.state.store import Store
from tests.personalize_server.support.shop import PERSONAL, RANKING, Shop

_SECONDS = 60
_OTHERS = b"authorization: AWS4-HMAC-SHA256 Credential=a/20260101/us-west-2/personalize/aws4_request\r\n"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    opened = Shop(tmp_path_factory.mktemp("at-once"))
    opened.listed(opened.campaign(PERSONAL, explorationWeight="0"), userId="u1")
    yield opened
    opened.server.stop()


def _connected(shop: Shop) -> socket.socket:
    return socket.create_connection(("127.0.0.1", shop.server.port), timeout=_SECONDS)


def _head(more: bytes, *, path: bytes = b"/recommendations") -> bytes:
    return b"POST %b HTTP/1.1\r\nhost: x\r\n%b\r\n" % (path, more)


def _plain(body: bytes, more: bytes = b"") -> bytes:
    return _head(b"content-length: %d\r\n%b" % (len(body), more)) + body


def _chunked(body: bytes, more: bytes = b"") -> bytes:
    """Which is never answered at once."""
    return _head(b"transfer-encoding: chunked\r\n" + more) + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


def _answers(shop: Shop, *pieces: bytes) -> list[tuple[bytes, bytes]]:
    """Heads and bodies; the last of the requests ends the connection."""
    with _connected(shop) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            connection.sendall(piece)
        content = b""
        with contextlib.suppress(ConnectionResetError):
            while some := connection.recv(65_536):
                content += some
    found = []
    while content:
        head, _, rest = content.partition(b"\r\n\r\n")
        size = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        found.append((head, rest[:size]))
        content = rest[size:]
    return found


_ENDING = b"connection: close\r\n"


def _told(answer: tuple[bytes, bytes]) -> tuple[list[bytes], Any]:
    """Without what is of its own to every answer."""
    head, body = answer
    lines = [
        re.sub(rb"^(date|x-amzn-requestid|content-length): .*", rb"\1", line) for line in head.split(b"\r\n")
    ]
    content = json.loads(body)
    content.pop("recommendationId", None)
    return sorted(lines), content


def _asked(shop: Shop) -> dict[str, tuple[dict[str, Any] | bytes, bytes]]:
    campaign = shop.campaign(PERSONAL, explorationWeight="0")
    user = {"campaignArn": campaign, "userId": "u1"}
    return {
        "a user": (user, b""),
        "a stranger": ({**user, "userId": "never seen"}, b""),
        "a filter": ({**user, "filterArn": shop.filters["untouched"], "numResults": 7}, b""),
        "nothing of it": ({**user, "numResults": 0}, b""),
        "no filter of that name": (
            {**user, "filterArn": f"{campaign}-no".replace("campaign/", "filter/")},
            b"",
        ),
        "too many results": ({**user, "numResults": 501}, b""),
        "no campaign": ({"userId": "u1"}, b""),
        "no campaign of that name": ({**user, "campaignArn": f"{campaign}-no"}, b""),
        "another's campaign": (user, _OTHERS),
        "a campaign for rankings": ({**user, "campaignArn": shop.campaign(RANKING)}, b""),
        "no JSON": (b"{", b""),
        "no object": (b"[]", b""),
        "a text that is a number": ({**user, "userId": 1}, b""),
    }


@pytest.mark.parametrize(
    "what",
    [
        *("a user", "a stranger", "a filter", "nothing of it", "no filter of that name", "too many results"),
        *("no campaign", "no campaign of that name", "another's campaign", "a campaign for rankings"),
        *("no JSON", "no object", "a text that is a number"),
    ],
)
def test_what_is_answered_at_once_is_what_the_application_would_answer(shop: Shop, what: str) -> None:
    request, more = _asked(shop)[what]
    body = request if isinstance(request, bytes) else json.dumps(request).encode()
    plain, chunked = (_answers(shop, make(body, more + _ENDING)) for make in (_plain, _chunked))
    assert list(map(_told, plain)) == list(map(_told, chunked))
    assert len(plain) == 1


def _good(shop: Shop, user: str) -> bytes:
    campaign = shop.campaign(PERSONAL, explorationWeight="0")
    return json.dumps({"campaignArn": campaign, "userId": user, "numResults": 5}).encode()


def test_requests_on_one_connection_are_answered_in_their_order_however_they_are_cut(shop: Shop) -> None:
    users = ["u1", "u2", "u3", "u17", "u40", "u41"]
    single = [_told(_answers(shop, _plain(_good(shop, user), _ENDING))[0])[1] for user in users]
    requests = [
        (_chunked if number % 3 == 1 else _plain)(_good(shop, user)) for number, user in enumerate(users)
    ]
    last = _plain(_good(shop, users[-1]), _ENDING)
    whole = b"".join((*requests[:-1], last))
    for size in (len(whole), 200, 31):
        pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
        assert [_told(answer)[1] for answer in _answers(shop, *pieces)] == single


def test_a_stranger_is_given_what_ranking_everything_would_give(shop: Shop) -> None:
    campaign = shop.campaign(PERSONAL, explorationWeight="0")
    nothing_promoted = {"percentPromotedItems": 1, "filterArn": shop.filters["cheap"]}
    for filter_ in (None, "cheap"):
        known = shop.listed(campaign, filter_, userId="never seen", numResults=10)
        assert len(known) == 10
        ranked = shop.listed(
            campaign, filter_, userId="never seen", numResults=10, promotions=[nothing_promoted]
        )
        assert known == ranked


def test_answers_given_at_once_are_counted(shop: Shop) -> None:
    def counted() -> int:
        with urllib.request.urlopen(f"{shop.server.url}/metrics", timeout=_SECONDS) as answer:
            found = re.search(
                r'requests_total{operation="GetRecommendations",code="OK"} (\d+)', answer.read().decode()
            )
        assert found is not None
        return int(found[1])

    before = counted()
    assert len(_answers(shop, _plain(_good(shop, "u1")), _plain(_good(shop, "u1"), _ENDING))) == 2
    assert counted() == before + 2


def test_a_request_whose_body_is_on_its_way_is_answered_before_the_server_ends(tmp_path: Path) -> None:
    bodies = []

    class App:
        at_once: ClassVar[Any] = {(b"POST", b"/recommendations"): lambda headers, body: None}

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            while (message := await receive())["type"].startswith("lifespan"):
                await send({"type": f"{message['type']}.complete"})
                if message["type"] == "lifespan.shutdown":
                    return
            bodies.append(message["body"])
            while message["more_body"]:
                message = await receive()
                bodies.append(message["body"])
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
            await send({"type": "http.response.body", "body": b"ok"})

    async def scenario() -> None:
        started = asyncio.Event()
        server = HttpServer(App(), started.set, lambda: None, Options(data=tmp_path))
        with socket.create_server(("127.0.0.1", 0)) as listener:
            serving = asyncio.create_task(server.serve([listener]))
            await started.wait()
            async with asyncio.timeout(_SECONDS):
                reader, writer = await asyncio.open_connection(*listener.getsockname())
                writer.write(_head(b"content-length: 10\r\n") + b"first")
                connections: Any = server.server_state.connections
                while not [one for one in connections if one._headers]:
                    await asyncio.sleep(0.01)
                server.should_exit = True
                while not bodies:
                    await asyncio.sleep(0.01)
                writer.write(b"other")
                assert (await reader.read()).startswith(b"HTTP/1.1 200")
                writer.close()
                await serving
        assert b"".join(bodies) == b"firstother"

    asyncio.run(scenario())


def test_a_connection_on_which_nobody_asks_any_more_is_ended(tmp_path: Path) -> None:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        while (message := await receive())["type"].startswith("lifespan"):
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    async def scenario() -> None:
        started = asyncio.Event()
        server = HttpServer(application, started.set, lambda: None, Options(data=tmp_path))
        server.config.timeout_keep_alive = 0
        with socket.create_server(("127.0.0.1", 0)) as listener:
            serving = asyncio.create_task(server.serve([listener]))
            await started.wait()
            async with asyncio.timeout(_SECONDS):
                reader, writer = await asyncio.open_connection(*listener.getsockname())
                writer.write(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
                assert (await reader.read()).count(b"HTTP/1.1 200") == 1
                writer.close()
                server.should_exit = True
                await serving

    asyncio.run(scenario())


def test_another_accounts_request_takes_nothing_from_who_answers(tmp_path: Path) -> None:
    options = Options(data=tmp_path)
    arn = "arn:aws:personalize:eu-west-1:111111111111:campaign/films"
    with closing(Store(options.state_file)) as store:
        owner = Context(Caller("1" * 12, "eu-west-1"), store, options, store.now(), no_wake)
        deployments = Deployments(options, Faults())
        with closing(deployments):
            place = _Place(cast(Deployment, object()), owner)
            deployments._places["Campaign", arn] = place
            with pytest.raises(ResourceNotFound, match="campaign/films does not exist"):
                asyncio.run(
                    deployments.of(replace(owner, caller=Caller("2" * 12, "eu-west-1")), "Campaign", arn, 1)
                )
            assert deployments._places == {("Campaign", arn): place}
