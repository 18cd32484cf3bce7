"""Clients that know the regions: what one does not answer another one is asked, signed anew, in time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest

from recs_client import RegionalClient, segment, signed
from tests.client.support.clients import (
    ATTEMPT,
    AVOID,
    PATIENT,
    TOTAL,
    AnyClient,
    InNode,
    InPython,
    Node,
    node_credentials,
)
from tests.client.support.servers import (
    BROKEN,
    CREDENTIALS,
    DRIPPING,
    NONSENSE,
    SILENT,
    UP,
    RegionServer,
    nobody,
    serving,
    signature_of,
)

HOME, AWAY = "eu-west-1", "eu-central-1"
PATH = "/v1/users/1/posts"


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    process = Node()
    yield process
    process.close()


@pytest.fixture
def regions() -> Iterator[dict[str, RegionServer]]:
    with serving(HOME, AWAY) as servers:
        yield servers


@pytest.fixture(params=["Python", "Node.js"])
def made(request: pytest.FixtureRequest, node: Node) -> Callable[..., AnyClient]:
    """attempt, total: seconds. Its clock stands still, but for one that is to run out of time in all."""

    def make(
        regions: dict[str, str], *, token: bool = False, attempt: float = PATIENT, total: float = PATIENT
    ) -> AnyClient:
        how: Any = {"still": total == PATIENT, "token": token, "attempt": attempt, "total": total}
        return InPython(regions, **how) if request.param == "Python" else InNode(node, regions, **how)

    return make


def urls(regions: dict[str, RegionServer]) -> dict[str, str]:
    return {region: server.url for region, server in regions.items()}


@pytest.mark.parametrize("token", [False, True], ids=["signed", "token"])
def test_the_first_region_is_asked_and_the_other_one_when_it_is_broken(
    regions: dict[str, RegionServer], made: Callable[..., AnyClient], token: bool
) -> None:
    client = made(urls(regions), token=token)
    query = {"limit": "5", "exclude": "a b,ü&/=+~*'()!"}

    home = client.get(f"/v1/users/{segment('a/b ü%')}/posts", query)
    regions[HOME].weather = BROKEN
    away = client.get(PATH, query)

    assert (home.region, home.status, home.failed) == (HOME, 200, ())
    asked = quote(query["exclude"], safe="")
    assert home.body["path"] == f"/v1/users/a%2Fb%20%C3%BC%25/posts?limit=5&exclude={asked}"
    assert (away.region, away.status, away.failed) == (AWAY, 200, (HOME,))


@pytest.mark.parametrize("weather", [BROKEN, SILENT, DRIPPING, NONSENSE, "gone"])
def test_nobody_waits_for_regions_that_are_silent_or_slow_or_talk_nonsense(
    regions: dict[str, RegionServer], made: Callable[..., AnyClient], weather: str
) -> None:
    addresses = urls(regions)
    for region, server in regions.items():
        server.weather = weather
        if weather == "gone":
            addresses[region] = nobody()

    told = made(addresses, attempt=ATTEMPT, total=TOTAL).get(PATH)

    assert (told.region, told.failed) == ("", (HOME, AWAY))


def test_who_has_failed_is_asked_last_for_a_while_and_then_first_again(
    regions: dict[str, RegionServer], made: Callable[..., AnyClient]
) -> None:
    client = made(urls(regions))
    regions[HOME].weather = BROKEN
    client.get(PATH)
    regions[HOME].weather = UP

    assert [client.get(PATH).region for _ in range(3)] == [AWAY] * 3
    client.later(AVOID - 1)
    assert (client.get(PATH).region, regions[HOME].asked) == (AWAY, 1)
    client.later(1)
    assert client.get(PATH).region == HOME

    regions[HOME].weather = regions[AWAY].weather = BROKEN
    assert client.get(PATH).failed == (HOME, AWAY)
    regions[HOME].weather = UP
    assert client.get(PATH).region == HOME


def test_a_region_that_has_rested_is_asked_by_one_request_while_others_go_on(
    regions: dict[str, RegionServer], made: Callable[..., AnyClient]
) -> None:
    client = made(urls(regions), attempt=ATTEMPT)
    regions[HOME].weather = BROKEN
    client.get(PATH)
    regions[HOME].weather = SILENT
    client.later(AVOID)

    told = client.many(5, PATH)

    assert [one.region for one in told] == [AWAY] * 5
    assert sorted(one.failed for one in told) == [()] * 4 + [(HOME,)]
    assert regions[HOME].asked == 2


THEN, LATE = "Wed, 21 Oct 2015 07:28:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"
ALWAYS = 9


@pytest.mark.parametrize(
    ("home", "away", "answer", "slept"),
    [
        ((1, "7"), (0, None), (AWAY, 200, (HOME,)), []),
        ((1, "7"), BROKEN, (HOME, 200, (HOME, AWAY)), [7.0]),
        ((1, "7"), (1, "3"), (AWAY, 200, (HOME, AWAY)), [3.0]),
        ((1, None), BROKEN, (HOME, 200, (HOME, AWAY)), [1.0]),
        ((1, "soon"), BROKEN, (HOME, 200, (HOME, AWAY)), [1.0]),
        ((1, "-5"), BROKEN, (HOME, 200, (HOME, AWAY)), [1.0]),
        ((1, THEN), BROKEN, (HOME, 200, (HOME, AWAY)), [0.0]),
        ((ALWAYS, "7"), (ALWAYS, "3"), (AWAY, 429, (HOME, AWAY, AWAY)), [3.0]),
        ((ALWAYS, "3600"), BROKEN, (HOME, 429, (HOME, AWAY)), []),
        ((ALWAYS, LATE), BROKEN, (HOME, 429, (HOME, AWAY)), []),
    ],
)
def test_a_region_with_too_many_requests_is_asked_again_when_it_says_if_no_other_one_answers_before(
    regions: dict[str, RegionServer],
    made: Callable[..., AnyClient],
    home: tuple[int, str | None],
    away: tuple[int, str | None] | str,
    answer: tuple[str, int, tuple[str, ...]],
    slept: list[float],
) -> None:
    client = made(urls(regions))
    regions[HOME].busy, regions[HOME].retry_after = home
    if isinstance(away, str):
        regions[AWAY].weather = away
    else:
        regions[AWAY].busy, regions[AWAY].retry_after = away

    told = client.get(PATH)

    assert (told.region, told.status, told.failed) == answer
    assert client.slept() == slept
    assert regions[HOME].asked + regions[AWAY].asked == 2 + len(slept)


def test_a_region_with_too_many_requests_is_asked_first_again_when_it_said(
    regions: dict[str, RegionServer], made: Callable[..., AnyClient]
) -> None:
    client = made(urls(regions))
    regions[HOME].busy, regions[HOME].retry_after = 1, "7"

    first = client.get(PATH).region
    client.later(6)
    meanwhile = client.get(PATH).region
    client.later(1)

    assert (first, meanwhile, client.get(PATH).region) == (AWAY, AWAY, HOME)


def test_a_refusal_is_an_answer_and_nobody_else_is_asked(
    regions: dict[str, RegionServer], made: Callable[..., AnyClient]
) -> None:
    swapped = {HOME: regions[AWAY].url, AWAY: regions[HOME].url}

    told = made(swapped).get(PATH)

    assert (told.region, told.status, told.failed) == (HOME, 403, ())


def test_an_event_keeps_its_id_in_every_region_that_it_is_sent_to(
    regions: dict[str, RegionServer], made: Callable[..., AnyClient]
) -> None:
    client = made(urls(regions), attempt=ATTEMPT)
    regions[HOME].weather = DRIPPING

    told = client.post_events([{"type": "like"}, {"type": "like", "eventId": "mine"}])

    assert (told.region, told.failed) == (AWAY, (HOME,))
    assert regions[HOME].events == regions[AWAY].events
    given, mine = regions[AWAY].events
    assert len(given) == 36 and mine == "mine"


def test_the_signature_for_browsers_is_botocore_s_of_whatever_request(node: Node) -> None:
    """Golden ones: made by botocore here and now."""
    texts = [
        "",
        "a",
        "A-b_c.d~e",
        "ü",
        "日本 語",
        "a/b",
        "100%",
        "a+b=c&d",
        "!'()*",
        "%2F",
        "..",
        "a//b",
        " ",
    ]
    requests: list[dict[str, Any]] = [
        {
            "region": region,
            "method": method,
            "url": f"https://api.example.com{prefix}/v1/users/{segment(one)}/posts"
            + (f"?b={segment(other)}&a={segment(one)}&b=&c" if query else ""),
            "body": f'{{"text": "{other}"}}' if method == "POST" else "",
            "headers": {"content-type": "application/json"} if method == "POST" else {},
        }
        for region in (HOME, "us-east-1")
        for method in ("GET", "POST")
        for prefix in ("", "/a//stage")
        for query in (False, True)
        for one, other in zip(texts, reversed(texts), strict=True)
        if one != ".."
    ]

    said = node.do(
        "signatures", requests=requests, credentials=node_credentials(), date="2027-01-15T08:00:00Z"
    )

    for request, headers in zip(requests, said["answer"], strict=True):
        signed_ones = {name: value for name, value in headers.items() if name != "authorization"}
        body = request["body"].encode()
        golden = signature_of(request["region"], request["method"], request["url"], body, signed_ones)
        assert headers["authorization"].endswith(f", Signature={golden}"), request
        assert f"/20270115/{request['region']}/execute-api/aws4_request" in headers["authorization"]
    assert len(requests) == 192


def test_a_client_without_regions_or_without_time_is_refused(node: Node) -> None:
    wrong: tuple[dict[str, Any], ...] = ({"regions": {}}, {"attempt_seconds": 0.0}, {"total_seconds": -1.0})
    for one in wrong:
        given: dict[str, Any] = {"regions": {HOME: "https://a"}, "authorize": signed(CREDENTIALS), **one}
        with pytest.raises(ValueError, match="regions must name one at least"):
            RegionalClient(**given)
    both: tuple[dict[str, Any], ...] = ({"regions": {}}, {"regions": {HOME: "https://a"}, "attemptMs": 0})
    for refused in both:
        assert node.do("client", token="t", **refused)["error"] == "RangeError"
