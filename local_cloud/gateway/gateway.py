"""What API Gateway does with a request: from its address to the function's answer."""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from local_cloud.functions.invoker import FunctionNotFound
from local_cloud.functions.pool import PoolClosed
from local_cloud.gateway import cors, payload
from local_cloud.gateway.access_log import AccessLog
from local_cloud.gateway.apis import DEFAULT_STAGE, Directory, HttpApi, Route, Stage
from local_cloud.gateway.for_people import ForPeople
from local_cloud.gateway.functions import Functions, NotPermitted, TookTooLong
from local_cloud.gateway.iam import IamAuthorizer, NotAuthorized
from local_cloud.gateway.messages import (
    BROKEN,
    FORBIDDEN,
    LARGEST_BODY,
    NOT_FOUND,
    TOO_LARGE,
    TOO_MANY,
    UNAVAILABLE,
    HttpAnswer,
    HttpRequest,
    refusal,
)
from local_cloud.gateway.throttling import Throttles
from local_cloud.gateway.tokens import BadToken, MissingScope, TokenVerifier
from local_cloud.ground.settings import Settings
from local_cloud.ground.tally import TALLY
from local_cloud.people.addresses import FOR_PEOPLE
from local_cloud.regions.instance import reach
from local_cloud.regions.reach import RegionDown

_log = logging.getLogger(__name__)


class Gateway:
    """Belongs to one event loop. Addresses are /<api id>/<path>, or /<api id>/<stage>/<path>; with
    /_people in front, people's tokens are taken instead of signatures.
    """

    def __init__(self, settings: Settings, directory: Directory) -> None:
        self._directory = directory
        self._for_people = ForPeople(settings)
        self._iam = IamAuthorizer(settings)
        self._tokens = TokenVerifier()
        self._throttles = Throttles(time.monotonic)
        self._functions = Functions()
        self._access_log = AccessLog()

    def close(self) -> None:
        self._functions.close()

    async def answer(self, request: HttpRequest) -> HttpAnswer:
        """`request.path` still has the API's id in front; never raises."""
        api_id, _, rest = request.path.strip("/").partition("/")
        for_people = api_id == FOR_PEOPLE
        if for_people:
            api_id, _, rest = rest.partition("/")
        api = self._directory.find(api_id)
        if api is None:
            return NOT_FOUND
        if for_people:
            api = self._for_people.of(api)
        if not reach().is_up(api.region):
            return UNAVAILABLE
        name, _, behind = rest.partition("/")
        named = api.stages.get(name) if name else None
        stage = named or api.stages.get(DEFAULT_STAGE)
        if stage is None:
            return NOT_FOUND
        asked = replace(request, path=f"/{rest}")
        return await self._logged(api, stage, asked, f"/{behind}" if named else asked.path)

    async def _logged(self, api: HttpApi, stage: Stage, request: HttpRequest, path: str) -> HttpAnswer:
        begin, context = time.perf_counter(), _context(api, stage, request)
        try:
            answer = await self._for_origin(api, stage, request, path, context)
        except Exception:  # whatever is wrong here is not the caller's
            _log.exception("%s %s", request.method, request.path)
            answer = BROKEN
        milliseconds = round(1000 * (time.perf_counter() - begin))
        context |= {
            "status": answer.status,
            "responseLength": len(answer.body),
            "responseLatency": milliseconds,
        }
        if answer.error:
            context["error.message"] = answer.error
        self._access_log.write(api, stage, context)
        measured = {
            "Count": 1,
            "4xx": int(400 <= answer.status < 500),
            "5xx": int(answer.status >= 500),
            "Latency": milliseconds,
        }
        TALLY.add(api.region, "AWS/ApiGateway", ("ApiId", api.id), **measured)
        return replace(answer, headers={**answer.headers, "apigw-requestid": str(context["requestId"])})

    async def _for_origin(
        self, api: HttpApi, stage: Stage, request: HttpRequest, path: str, context: dict[str, Any]
    ) -> HttpAnswer:
        if not api.cors:
            return await self._routed(api, stage, request, path, context)
        asked = cors.preflight(api.cors, request)
        if asked is not None:
            return asked
        answer = await self._routed(api, stage, request, path, context)
        return replace(answer, headers={**answer.headers, **cors.shared(api.cors, request)})

    async def _routed(
        self, api: HttpApi, stage: Stage, request: HttpRequest, path: str, context: dict[str, Any]
    ) -> HttpAnswer:
        if len(request.body) > LARGEST_BODY:
            return TOO_LARGE
        found = api.router.find(request.method, path)
        if found is None:
            return NOT_FOUND
        route, parameters = found
        context["routeKey"] = route.key.text
        if not self._throttles.admits(api, stage, route):
            return TOO_MANY
        try:
            authorizer = await self._authorized(api, stage, route, request)
        except NotAuthorized as reason:
            context["authorizer.error"] = str(reason)
            return replace(FORBIDDEN, error=str(reason))
        except MissingScope as reason:
            context["authorizer.error"] = str(reason)
            header = 'Bearer scope="' + " ".join(route.scopes) + '" error="insufficient_scope"'
            return refusal(403, "Forbidden", error=str(reason), www_authenticate=header)
        except BadToken as reason:
            context["authorizer.error"] = str(reason)
            return refusal(401, "Unauthorized", error=str(reason), www_authenticate="Bearer")
        event = payload.event(
            request,
            api=api,
            stage=stage,
            route=route,
            parameters=parameters,
            authorizer=authorizer,
            request_id=context["requestId"],
            now=datetime.now(UTC),
        )
        return await self._integrated(api, stage, route, event, context)

    async def _authorized(
        self, api: HttpApi, stage: Stage, route: Route, request: HttpRequest
    ) -> Mapping[str, Any] | None:
        if route.authorization == "NONE":
            return None
        if route.authorization == "AWS_IAM":
            return self._iam.authorize(request, api, stage)
        if route.authorization == "JWT":
            # Reading an issuer's keys may take a while, and must not hold up the others.
            return await asyncio.to_thread(self._tokens.authorize, request, route)
        raise NotAuthorized(f"the local cloud has no authorization {route.authorization}")

    async def _integrated(
        self, api: HttpApi, stage: Stage, route: Route, event: dict[str, Any], context: dict[str, Any]
    ) -> HttpAnswer:
        if route.integration is None:
            return replace(BROKEN, error="the route leads to no function in payload format 2.0")
        begin = time.perf_counter()
        try:
            result = await self._functions.call(api, stage, route, event)
        except TookTooLong:
            context["integrationErrorMessage"] = "Endpoint request timed out"
            return replace(UNAVAILABLE, error="Endpoint request timed out")
        except (NotPermitted, FunctionNotFound) as reason:
            context["integrationErrorMessage"] = str(reason)
            return replace(BROKEN, error=str(reason))
        except (PoolClosed, RegionDown):
            return UNAVAILABLE
        finally:
            context["integrationLatency"] = round(1000 * (time.perf_counter() - begin))
        context["integrationStatus"] = 200
        if result.function_error:
            message = "The function's answer is an error."
            context["integrationErrorMessage"] = message
            return replace(BROKEN, error=message)
        return payload.answer(result.payload)


def _context(api: HttpApi, stage: Stage, request: HttpRequest) -> dict[str, Any]:
    """What $context of an access log stands for from the beginning."""
    return {
        "accountId": api.account,
        "apiId": api.id,
        "stage": stage.name,
        "requestId": str(uuid4()),
        "requestTime": f"{datetime.now(UTC):%d/%b/%Y:%H:%M:%S} +0000",
        "requestTimeEpoch": int(time.time() * 1000),
        "httpMethod": request.method,
        "path": request.path,
        "protocol": request.protocol,
        "domainName": request.host,
        "identity.sourceIp": request.source_ip,
        "identity.userAgent": request.merged_headers.get("user-agent", "-"),
    }
