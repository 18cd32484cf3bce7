"""The same API for people: what a stage with `JwtAuthorization` and `cors_origins` would have of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from local_cloud.gateway.apis import HttpApi, JwtAuthorizer, Route
from local_cloud.ground.settings import Settings
from local_cloud.people.addresses import AUDIENCE, issuer, origins

_METHODS = ("GET", "POST", "PUT", "DELETE")
_HEADERS = ("authorization", "content-type")
_PREFLIGHT_SECONDS = 3600


class ForPeople:
    """Routes for signed requests take tokens of this cloud's issuer instead; all else is as deployed."""

    def __init__(self, settings: Settings) -> None:
        self._authorizer = JwtAuthorizer(
            issuer=issuer(settings),
            audience=(AUDIENCE,),
            identity_sources=("$request.header.Authorization",),
        )
        self._cors: Mapping[str, Any] = {
            "allowOrigins": list(origins(settings)),
            "allowMethods": list(_METHODS),
            "allowHeaders": list(_HEADERS),
            "maxAge": _PREFLIGHT_SECONDS,
        }
        self._made: dict[str, tuple[HttpApi, HttpApi]] = {}

    def of(self, api: HttpApi) -> HttpApi:
        known = self._made.get(api.id)
        if known is None or known[0] is not api:
            made = replace(api, cors=self._cors, routes=tuple(map(self._route, api.routes)))
            known = self._made[api.id] = (api, made)
        return known[1]

    def _route(self, route: Route) -> Route:
        if route.authorization != "AWS_IAM":
            return route
        return replace(route, authorization="JWT", authorizer=self._authorizer)
