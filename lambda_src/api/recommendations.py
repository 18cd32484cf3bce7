"""Entry: recommendations of all use cases, and whether this region can give any."""

from __future__ import annotations

import os
from functools import cache, partial
from typing import Any

from api.answering import answering
from api.health import HealthEnvironment, health_route
from pipeline.http.endpoint import Entry


@cache
def _ready() -> Entry:
    environment = HealthEnvironment.read()
    return answering(environment, more=partial(health_route, environment))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return _ready()(event, context)


if "API" in os.environ:
    # Lambda lends a whole CPU while a function starts, which is when its clients are made.
    _ready()
