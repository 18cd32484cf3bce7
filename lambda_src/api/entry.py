"""The handler of an API function."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from api.environment import api_environment
from api.telemetry import ApiTelemetry
from pipeline.http.endpoint import Entry, Handle, endpoint


def entry(
    routes: Mapping[str, Handle],
    *,
    waited: Callable[[], float] = lambda: 0.0,
    answered: Callable[[int, float], None] | None = None,
) -> Entry:
    """routes: by the route's key, for example `POST /v1/events`. waited: see `endpoint`. answered: hears the
    status of every answer, and how many milliseconds it took in all.
    """
    return endpoint(
        routes, ApiTelemetry(answered), user_claim=lambda: api_environment().user_claim, waited=waited
    )
