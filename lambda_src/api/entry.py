"""The handler of an API function."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from api.environment import api_environment
from api.telemetry import ApiTelemetry
from pipeline.http.endpoint import Entry, Handle, endpoint


def entry(routes: Mapping[str, Handle], *, waited: Callable[[], float] = lambda: 0.0) -> Entry:
    """routes: by the route's key, for example `POST /v1/events`. waited: see `endpoint`."""
    return endpoint(routes, ApiTelemetry(), user_claim=lambda: api_environment().user_claim, waited=waited)
