"""The handler of an API function."""

from __future__ import annotations

from collections.abc import Mapping

from api.environment import api_environment
from api.telemetry import ApiTelemetry
from pipeline.http.endpoint import Entry, Handle, endpoint


def entry(routes: Mapping[str, Handle]) -> Entry:
    """routes: by the route's key, for example `POST /v1/events`."""
    return endpoint(routes, ApiTelemetry(), user_claim=lambda: api_environment().user_claim)
