"""The route of health, in the function that answers readers: what keeps it from answering fails this too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from api.answering import ServingEnvironment
from api.telemetry import logger
from pipeline.http.endpoint import Handle
from pipeline.regions.epochs import Epochs
from pipeline.serving.health import ROUTE, Health
from pipeline.serving.nobody import Nobody
from pipeline.serving.settings import ApiSettings
from pipeline.serving.sources import Sources


@dataclass(frozen=True)
class HealthEnvironment(ServingEnvironment):
    """region_role: of this region. active_regions: those that may be active, joined by commas; the first one
    is until somebody switches.
    """

    region_role: str
    active_regions: str


def health_route(
    environment: HealthEnvironment, settings: ApiSettings, sources: Sources
) -> Mapping[str, Handle]:
    table, primary = sources.table, environment.active_regions.split(",")[0]
    health = Health(
        table,
        Epochs(table.client, table.name, str(table.client.meta.region_name), primary),
        Nobody(sources, settings.endpoints),
        {one.use_case: one.variants for one in settings.endpoints},
        environment.region_role,
        _told,
    )
    return {ROUTE: health.answer}


def _told(healthy: bool, why: str) -> None:
    if not healthy:
        logger.warning("region unhealthy", extra={"reason": why})
