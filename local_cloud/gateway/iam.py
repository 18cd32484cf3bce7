"""AWS_IAM authorisation: a signature that proves who asks, and policies that allow it."""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from local_cloud.gateway.apis import HttpApi, Stage
from local_cloud.gateway.keys import KeyRing, Principal
from local_cloud.gateway.messages import HttpRequest
from local_cloud.ground.policies import Effect, UnknownCondition, decide
from local_cloud.ground.settings import Settings
from personalize_server.facts.errors import ApiError
from personalize_server.server.signatures import SignedRequest, Verifier

SERVICE, ACTION = "execute-api", "execute-api:Invoke"


class NotAuthorized(Exception):
    """Why, for the access log; the caller is told nothing."""


class IamAuthorizer:
    def __init__(self, settings: Settings) -> None:
        self._keys = KeyRing(settings)
        self._verifier = Verifier(self._keys, time.time, SERVICE)

    def authorize(self, request: HttpRequest, api: HttpApi, stage: Stage) -> Mapping[str, Any]:
        """requestContext.authorizer. Raises: NotAuthorized."""
        headers = request.merged_headers
        path = f"{request.full_path}?{request.query}" if request.query else request.full_path
        try:
            caller = self._verifier.caller(SignedRequest(request.method, path, headers, request.body))
        except ApiError as problem:
            raise NotAuthorized(str(problem)) from None
        if caller.region != api.region:
            raise NotAuthorized(f"Credential should be scoped to {api.region}.")
        key_id = headers["authorization"].partition("Credential=")[2].partition("/")[0]
        principal = self._keys.principal(key_id)
        _check_session(principal, headers.get("x-amz-security-token"))
        self._check_policies(principal, request, api, stage)
        context = {
            "accessKey": key_id,
            "accountId": api.account,
            "callerId": principal.user_id,
            "cognitoIdentity": None,
            "principalOrgId": None,
            "userArn": principal.arn,
            "userId": principal.user_id,
        }
        return {"iam": context}

    def _check_policies(self, principal: Principal, request: HttpRequest, api: HttpApi, stage: Stage) -> None:
        if principal.policies is None:
            return
        asked = f"{api.id}/{stage.name}/{request.method}{request.path}"
        resource = f"arn:aws:{SERVICE}:{api.region}:{api.account}:{asked}"
        known = {
            "aws:SecureTransport": "true",
            "aws:SourceIp": request.source_ip,
            "aws:PrincipalArn": principal.arn,
            "aws:PrincipalAccount": api.account,
        }
        try:
            effects = {
                decide(_parsed(document), ACTION, resource, api.account, known)
                for document in principal.policies
            }
        except UnknownCondition as problem:
            raise NotAuthorized(f"the local cloud cannot evaluate a policy: {problem}") from None
        if Effect.DENY in effects or Effect.ALLOW not in effects:
            raise NotAuthorized(f"{principal.arn} is not authorized to perform {ACTION} on {resource}")


def _parsed(document: Any) -> Mapping[str, Any]:
    parsed: Mapping[str, Any] = json.loads(document) if isinstance(document, str) else document
    return parsed


def _check_session(principal: Principal, token: str | None) -> None:
    if principal.session_token is None:
        return
    if token != principal.session_token:
        raise NotAuthorized("The security token included in the request is invalid.")
    if principal.expires and principal.expires < datetime.now(UTC):
        raise NotAuthorized("The security token included in the request is expired.")
