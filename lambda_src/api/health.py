"""Entry: whether this region can serve readers; nobody needs credentials to ask."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import Any

from api.clients import table_client
from api.entry import entry
from api.telemetry import logger
from pipeline.environment import Environment
from pipeline.http.endpoint import Entry
from pipeline.regions.epochs import Epochs
from pipeline.serving.health import ROUTE, Health
from pipeline.serving.settings import ApiSettings
from pipeline.serving.table import Table
from pipeline.serving.waiting import Waiting


@dataclass(frozen=True)
class HealthEnvironment(Environment):
    """api: see ApiSettings. region_role: of this region. active_regions: those that may be active, joined by
    commas; the first one is until somebody switches.
    """

    api: str
    serving_table: str
    region_role: str
    active_regions: str


def _told(healthy: bool, why: str) -> None:
    if not healthy:
        logger.warning("region unhealthy", extra={"reason": why})


@cache
def _ready() -> Entry:
    environment, client, waiting = HealthEnvironment.read(), table_client(), Waiting()
    primary = environment.active_regions.split(",")[0]
    health = Health(
        Table(client, environment.serving_table, waiting),
        Epochs(client, environment.serving_table, str(client.meta.region_name), primary),
        {one.use_case: one.variants for one in ApiSettings.from_json(environment.api).endpoints},
        environment.region_role,
        _told,
    )
    return entry({ROUTE: health.answer}, waited=waiting.take)


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return _ready()(event, context)


if "API" in os.environ:
    # Lambda lends a whole CPU while a function starts, which is when its client is made.
    _ready()
