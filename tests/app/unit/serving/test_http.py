"""Requests from API Gateway: who calls, what is refused, and what a failure tells."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.http.caller import Caller
from pipeline.http.checks import Checks, is_id
from pipeline.http.endpoint import endpoint
from pipeline.http.problems import (
    BadRequest,
    Forbidden,
    Mistake,
    TooLarge,
    Unauthorized,
    Unavailable,
    bad_request,
)
from pipeline.http.request import Request
from pipeline.http.response import Response
from tests.app.support.gateway_events import BACKEND, event, user

ROUTE = "POST /v1/users/{userId}/things"


class Heard:
    def __init__(self) -> None:
        self.failures: list[tuple[str, str, str]] = []
        self.answers: list[tuple[str, int, float, float]] = []

    def failed(self, route: str, request_id: str, error: Exception) -> None:
        self.failures.append((route, request_id, str(error)))

    def handled(self, route: str, status: int, own_ms: float, waited_ms: float) -> None:
        self.answers.append((route, status, own_ms, waited_ms))


def answer(handle: Any, made: dict[str, Any], heard: Heard | None = None) -> tuple[int, dict[str, str], Any]:
    ticks = iter((1.0, 1.25))
    handler = endpoint(
        {ROUTE: handle},
        heard or Heard(),
        user_claim=lambda: "sub",
        waited=lambda: 0.2,
        clock=lambda: next(ticks),
    )
    result = handler(made, None)
    return result["statusCode"], result["headers"], json.loads(result["body"]) if "body" in result else None


def request_of(**given: Any) -> Request:
    return Request.from_event(event(ROUTE, path={"userId": "u1"}, **given))


@pytest.mark.parametrize(
    ("path", "query", "named", "left"),
    [
        ("-", {"userId": "a/b", "limit": "3"}, "a/b", {"limit": "3"}),
        ("-", {"limit": "3"}, "-", {"limit": "3"}),
        ("u1", {"userId": "a/b"}, "u1", {"userId": "a/b"}),
    ],
    ids=["a slash", "an id that is -", "another id"],
)
def test_an_id_with_a_slash_may_stand_in_the_query(
    path: str, query: dict[str, str], named: str, left: dict[str, str]
) -> None:
    request = Request.from_event(event(ROUTE, path={"userId": path}, query=query))
    assert (request.parameters, request.query) == ({"userId": named}, left)


def test_a_request_is_read_from_the_event() -> None:
    seen: list[Request] = []

    def handle(request: Request) -> Response:
        seen.append(request)
        return Response({"ok": "größer"}, 202, {"X-More": "1"})

    heard = Heard()
    made = event(ROUTE, path={"userId": "u1"}, query={"limit": "3"}, body={"a": [1]}, authorizer=user("u1"))
    status, headers, body = answer(handle, made, heard)

    assert (status, body) == (202, {"ok": "größer"})
    assert headers == {
        "content-type": "application/json",
        "cache-control": "private, no-store",
        "x-more": "1",
    }
    [request] = seen
    assert (request.method, request.path, request.parameters) == (
        "POST",
        "/v1/users/u1/things",
        {"userId": "u1"},
    )
    assert (request.query, request.json(), request.caller) == (
        {"limit": "3"},
        {"a": [1]},
        Caller("u1", False),
    )
    [(route, told, *milliseconds)] = heard.answers
    assert (route, told) == (ROUTE, 202) and milliseconds == pytest.approx([50, 200])


def test_an_unforeseen_failure_is_logged_and_tells_the_caller_nothing_of_it() -> None:
    heard = Heard()

    def handle(_: Request) -> Response:
        raise RuntimeError("password is swordfish")

    status, headers, body = answer(handle, event(ROUTE), heard)

    assert (status, headers["content-type"]) == (500, "application/problem+json")
    assert "swordfish" not in json.dumps(body) and "request-1" in body["detail"]
    assert heard.failures == [(ROUTE, "request-1", "password is swordfish")]
    assert heard.answers[0][1] == 500


def test_a_problem_is_told_in_rfc_9457_s_form() -> None:
    def handle(_: Request) -> Response:
        raise Unavailable("The table does not answer.", retry_after_seconds=2)

    status, headers, body = answer(handle, event(ROUTE))

    assert (status, headers["retry-after"]) == (503, "2")
    assert body == {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "code": "unavailable",
        "detail": "The table does not answer.",
    }


def test_a_route_that_nobody_handles_is_not_found() -> None:
    assert answer(lambda _: Response({}), event("GET /v1/else"))[0] == 404


def test_an_answer_without_a_body_has_no_content_type() -> None:
    status, headers, body = answer(lambda _: Response(status=204), event(ROUTE))

    assert (status, body, headers) == (204, None, {"cache-control": "private, no-store"})


def test_a_backend_may_name_any_user() -> None:
    caller = request_of(authorizer=BACKEND).caller

    caller.check_user("anybody")
    assert caller.user_or("somebody") == "somebody"
    with pytest.raises(Forbidden, match="name one by userId"):
        caller.user_or(None)


def test_a_user_may_name_only_themselves() -> None:
    caller = request_of(authorizer=user("u1")).caller

    caller.check_user("u1")
    assert caller.user_or(None) == "u1"
    for foreign in ("u2", "U1", "u1 ", ""):
        with pytest.raises(Forbidden, match="own"):
            caller.check_user(foreign)


@pytest.mark.parametrize("authorizer", [None, {}, {"jwt": {}}, {"jwt": {"claims": {"email": "a@b.c"}}}])
def test_without_a_user_s_id_in_the_credentials_nothing_is_answered(authorizer: Any) -> None:
    caller = request_of(authorizer=authorizer).caller

    for ask in (lambda: caller.check_user("u1"), lambda: caller.user_or(None)):
        with pytest.raises(Unauthorized):
            ask()


def test_the_claim_that_holds_the_user_s_id_is_configurable() -> None:
    made = event(ROUTE, authorizer=user("u7", claim="custom:member"))

    assert Request.from_event(made, user_claim="custom:member").caller.user_id == "u7"


@pytest.mark.parametrize("body", ["", "{", "NaN-", "[" * 100_000, "\ud800"])
def test_a_body_that_is_no_json_is_refused(body: str) -> None:
    with pytest.raises(BadRequest, match="JSON"):
        request_of(body=body).json()


def test_a_body_may_come_in_base64() -> None:
    made = event(ROUTE, body=base64.b64encode(b'{"a": 1}').decode()) | {"isBase64Encoded": True}

    assert Request.from_event(made).json() == {"a": 1}
    with pytest.raises(BadRequest, match="JSON"):
        Request.from_event(made | {"body": "%%%"})


def test_a_body_of_another_type_or_too_large_is_refused() -> None:
    status, _, body = answer(
        lambda r: Response(r.json()), event(ROUTE, body="<a/>", headers={"content-type": "text/xml"})
    )
    assert (status, body["code"]) == (415, "unsupported_media_type")
    longest = f'"{"a" * (512 * 1024 - 2)}"'
    assert request_of(body=longest).json() == longest.strip('"')
    with pytest.raises(TooLarge, match=r"has 524,289 bytes, 524,288 at most: send less"):
        request_of(body=longest + " ").json()


def test_every_mistake_of_a_request_is_told_at_once() -> None:
    checks = Checks()
    checks.id("path.userId", "a\nb")
    checks.integer("query.limit", "0", low=1, high=10, default=5)
    checks.ids("query.exclude", "a,,b", most=9)
    checks.id_list("body.items", ["a", 1], most=9)
    checks.object("body", [])
    checks.nothing_else("query", {"limt": "1"}, ("limit",))

    with pytest.raises(BadRequest) as caught:
        checks.done()

    assert [mistake["where"] for mistake in caught.value.body()["errors"]] == [
        "path.userId",
        "query.limit",
        "query.exclude[1]",
        "body.items[1]",
        "body",
        "query.limt",
    ]
    assert "and 3 more" in caught.value.detail


@pytest.mark.parametrize(("wrong", "ending"), [(1, ""), (3, ""), (4, "; and 1 more")])
def test_of_many_mistakes_the_first_three_are_told_in_one_sentence(wrong: int, ending: str) -> None:
    mistakes = [Mistake(f"body[{number}]", "is wrong") for number in range(wrong)]

    told = bad_request(mistakes)

    assert told.detail == "; ".join(f"body[{n}]: is wrong" for n in range(min(wrong, 3))) + ending
    assert Unavailable("away").headers == {"Retry-After": "1"}


def test_what_is_right_passes_the_checks() -> None:
    checks = Checks()

    assert checks.id("path.userId", "ä#1") == "ä#1"
    assert checks.integer("query.limit", None, low=1, high=10, default=5) == 5
    assert checks.integer("query.limit", "10", low=1, high=10, default=5) == 10
    assert checks.ids("query.exclude", "b,a,b", most=3) == ("b", "a")
    assert checks.ids("query.exclude", None, most=3) == ()
    checks.done()


@given(st.text())
def test_an_id_never_has_control_characters_or_half_characters(text: str) -> None:
    if is_id(text):
        assert 1 <= len(text.encode()) and len(text) <= 256
        assert all(character.isprintable() or ord(character) >= 0xA0 for character in text)
