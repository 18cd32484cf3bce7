"""What the functions that answer with recommendations have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from botocore.exceptions import BotoCoreError, ClientError

from api.arms import ArmTelemetry
from api.clients import campaign_client, table_client
from api.entry import entry
from api.telemetry import COUNT, SECONDS, emit, logger
from pipeline.environment import Environment
from pipeline.http.endpoint import Entry, Handle
from pipeline.serving.campaigns import Campaigns
from pipeline.serving.found import Found
from pipeline.serving.live import Live
from pipeline.serving.memory import Memory
from pipeline.serving.recommend import Recommendations
from pipeline.serving.settings import ApiSettings, Endpoint, Server
from pipeline.serving.sources import Sources
from pipeline.serving.table import Table
from pipeline.serving.waiting import Waiting

POINTER_SECONDS = 5.0


@dataclass(frozen=True)
class ServingEnvironment(Environment):
    """api: see ApiSettings."""

    api: str
    serving_table: str


def _told(endpoint: Endpoint, found: Found) -> None:
    """CacheAge: seconds since look-ups of the pointer began to fail. A fallback is counted once more by its
    first reason, and what was answered by nobody's deny list by itself.
    """
    fallback = bool(found.reasons)
    emit(
        {"Requests": (COUNT, 1), "Fallbacks": (COUNT, int(fallback)), "CacheAge": (SECONDS, found.cache_age)},
        {"use_case": endpoint.use_case},
        source=found.source,
        variant=found.variant,
        arm=found.arm,
        experiment=found.experiment,
        generation=found.generation,
        reasons=found.reasons,
        withheld=found.withheld,
    )
    if not found.denied.known:
        emit({"DenyListUnknown": (COUNT, 1)}, {"use_case": endpoint.use_case})
    if fallback:
        emit({"Fallbacks": (COUNT, 1)}, {"use_case": endpoint.use_case, "reason": found.reasons[0]})


def _ready_for(server: Server) -> None:
    """While the function starts: a request's budget is too short for a secret. Fails as a request would."""
    try:
        campaign_client(server)
    except (BotoCoreError, ClientError) as error:
        logger.warning("server not ready", extra={"url": server.url, "error": str(error)})


def routes(settings: ApiSettings, recommendations: Recommendations) -> dict[str, Handle]:
    made: dict[str, Handle] = {}
    for endpoint in settings.endpoints:
        made[endpoint.route] = partial(recommendations.list, endpoint)
        if endpoint.ranking_route:
            made[endpoint.ranking_route] = partial(recommendations.rank, endpoint)
    return made


More = Callable[[ApiSettings, Sources], Mapping[str, Handle]]
"""Routes of a function besides those of lists, which read as these do."""


def answering(
    environment: ServingEnvironment, live: Live | None = None, more: More = lambda _settings, _sources: {}
) -> Entry:
    """live: of the functions that have stored models."""
    waiting, arms = Waiting(), ArmTelemetry()
    table = Table(table_client(), environment.serving_table, waiting)
    sources = Sources(
        table=table,
        memory=Memory(table, pointer_seconds=POINTER_SECONDS),
        campaigns=Campaigns(campaign_client, waiting),
        live=live,
        assigned=arms.assigned,
    )

    def told(endpoint: Endpoint, found: Found) -> None:
        _told(endpoint, found)
        arms.found(found)

    settings = ApiSettings.from_json(environment.api)
    for server in (server for endpoint in settings.endpoints for server in endpoint.servers):
        _ready_for(server)
    made = {**routes(settings, Recommendations(sources, told)), **more(settings, sources)}
    return entry(made, waited=waiting.take, answered=arms.handled)
