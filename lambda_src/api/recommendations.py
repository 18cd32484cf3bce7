"""Entry: recommendations of all use cases."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from api.answering import ServingEnvironment, answering
from pipeline.http.endpoint import Entry


@cache
def _ready() -> Entry:
    return answering(ServingEnvironment.read())


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return _ready()(event, context)


if "API" in os.environ:
    # Lambda lends a whole CPU while a function starts, which is when its clients are made.
    _ready()
