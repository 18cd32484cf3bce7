"""The HTTP APIs as they are deployed: moto's records as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Any

from moto.apigatewayv2.models import apigatewayv2_backends

from local_cloud.gateway.routing import RouteKey, Router

DEFAULT_STAGE = "$default"
DEFAULT_TIMEOUT_MILLIS = 30_000


@dataclass(frozen=True, kw_only=True)
class JwtAuthorizer:
    issuer: str
    audience: tuple[str, ...]
    identity_sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Integration:
    """A function; seconds until the caller is told that it took too long."""

    function_arn: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Route:
    key: RouteKey
    authorization: str
    """NONE, AWS_IAM or JWT"""
    scopes: tuple[str, ...]
    authorizer: JwtAuthorizer | None
    integration: Integration | None


@dataclass(frozen=True, kw_only=True)
class Throttle:
    """Requests per second and at once; None is without limit."""

    rate: float | None = None
    burst: int | None = None


@dataclass(frozen=True, kw_only=True)
class Stage:
    name: str
    throttle: Throttle
    route_throttles: Mapping[str, Throttle] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    access_log_group: str | None = None
    access_log_format: str = ""


@dataclass(frozen=True, kw_only=True)
class HttpApi:
    id: str
    region: str
    account: str
    cors: Mapping[str, Any] | None
    routes: tuple[Route, ...]
    stages: Mapping[str, Stage]

    @cached_property
    def router(self) -> Router[Route]:
        return Router({route.key: route for route in self.routes})


class Directory:
    """The APIs of the account, by their ids; each is read when it is asked for, and again after `forget`."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._known: dict[str, HttpApi | None] = {}
        self._lock = Lock()

    def forget(self) -> None:
        with self._lock:
            self._known = {}

    def find(self, api_id: str) -> HttpApi | None:
        known = self._known
        if api_id not in known:
            with self._lock:
                known = self._known
                known[api_id] = self._read(api_id)
        return known[api_id]

    def _read(self, api_id: str) -> HttpApi | None:
        for region, backend in list(apigatewayv2_backends[self._account].items()):
            if record := backend.apis.get(api_id):
                return _api(self._account, region, record)
        return None


def _api(account: str, region: str, record: Any) -> HttpApi:
    integrations = {name: _integration(each) for name, each in record.integrations.items()}
    authorizers = {name: _authorizer(each) for name, each in record.authorizers.items()}
    routes = (_route(each, integrations, authorizers) for each in list(record.routes.values()))
    return HttpApi(
        id=record.api_id,
        region=region,
        account=account,
        cors=record.cors_configuration,
        routes=tuple(routes),
        stages={name: _stage(each) for name, each in record.stages.items()},
    )


def _integration(record: Any) -> Integration | None:
    """None for what is no function in payload format 2.0, which the gateway answers with an error."""
    if record.integration_type != "AWS_PROXY" or record.payload_format_version != "2.0":
        return None
    if not record.integration_uri:
        return None
    # Either the function's ARN, or the older form .../functions/<ARN>/invocations.
    arn = record.integration_uri.partition("/functions/")[2].partition("/invocations")[0]
    milliseconds = int(record.timeout_in_millis or DEFAULT_TIMEOUT_MILLIS)
    return Integration(function_arn=arn or record.integration_uri, seconds=milliseconds / 1000)


def _authorizer(record: Any) -> JwtAuthorizer | None:
    if record.authorizer_type != "JWT":
        return None
    configuration = {name.lower(): value for name, value in (record.jwt_config or {}).items()}
    return JwtAuthorizer(
        issuer=configuration.get("issuer", ""),
        audience=tuple(configuration.get("audience") or ()),
        identity_sources=tuple(record.identity_source or ()),
    )


def _route(
    record: Any, integrations: Mapping[str, Integration | None], authorizers: Mapping[str, Any]
) -> Route:
    return Route(
        key=RouteKey.parse(record.route_key),
        authorization=record.authorization_type or "NONE",
        scopes=tuple(record.authorization_scopes or ()),
        authorizer=authorizers.get(record.authorizer_id),
        integration=integrations.get((record.target or "").removeprefix("integrations/")),
    )


def _stage(record: Any) -> Stage:
    logs = record.access_log_settings or {}
    arn = logs.get("destinationArn", "")
    return Stage(
        name=record.name,
        throttle=_throttle(record.default_route_settings),
        route_throttles={key: _throttle(settings) for key, settings in (record.route_settings or {}).items()},
        variables=record.stage_variables or {},
        access_log_group=arn.partition(":log-group:")[2].removesuffix(":*") or None,
        access_log_format=logs.get("format", ""),
    )


def _throttle(settings: Mapping[str, Any] | None) -> Throttle:
    given = settings or {}
    rate, burst = given.get("throttlingRateLimit"), given.get("throttlingBurstLimit")
    return Throttle(rate=None if rate is None else float(rate), burst=None if burst is None else int(burst))
