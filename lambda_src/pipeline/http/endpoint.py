"""From an event to an answer, whatever happens in between."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from pipeline.http.problems import NotFound, Problem
from pipeline.http.request import Request
from pipeline.http.response import Response

Handle = Callable[[Request], Response]
Entry = Callable[[dict[str, Any], Any], dict[str, Any]]


class Telemetry(Protocol):
    def failed(self, route: str, request_id: str, error: Exception) -> None:
        """Something unforeseen, which the caller is told nothing of but the request's id."""

    def handled(self, route: str, status: int, own_ms: float, waited_ms: float) -> None:
        """own_ms: what the handler took itself. waited_ms: for the services that it calls."""


def endpoint(
    routes: Mapping[str, Handle],
    telemetry: Telemetry,
    *,
    user_claim: Callable[[], str],
    waited: Callable[[], float] = lambda: 0.0,
    clock: Callable[[], float] = time.perf_counter,
) -> Entry:
    """A Lambda handler. routes: by the route's key, for example `POST /v1/events`.

    waited: seconds spent waiting for other services since its last call. clock: in seconds.
    """

    def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
        started = clock()
        route = str(event.get("routeKey", ""))
        try:
            response = _answer(routes, event, user_claim)
        except Problem as problem:
            response = Response.of(problem)
        except Exception as error:
            request_id = str((event.get("requestContext") or {}).get("requestId", ""))
            telemetry.failed(route, request_id, error)
            response = Response.of(Problem(f"Something went wrong here; the log knows request {request_id}."))
        answer = response.as_event()
        total, others = clock() - started, waited()
        telemetry.handled(route, response.status, 1000 * (total - others), 1000 * others)
        return answer

    return handler


def _answer(
    routes: Mapping[str, Handle], event: Mapping[str, Any], user_claim: Callable[[], str]
) -> Response:
    request = Request.from_event(event, user_claim=user_claim())
    handle = routes.get(request.route)
    if handle is None:
        raise NotFound("There is nothing here.")
    return handle(request)
