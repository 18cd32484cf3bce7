"""AWS_IAM authorisation: a signature that proves who asks, and policies that allow it."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from local_cloud.gateway.apis import HttpApi, Stage
from local_cloud.gateway.keys import KeyRing
from local_cloud.gateway.messages import HttpRequest
from local_cloud.ground.settings import Settings
from local_cloud.judge.callers import Caller
from local_cloud.judge.instance import installed
from personalize_server.facts.errors import ApiError
from personalize_server.server.signatures import SignedRequest, Verifier
from rights import words
from rights.errors import BadPolicy, Undecidable
from rights.evaluation import Call, evaluate

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
        who = self._keys.caller(key_id)
        _check_session(who, headers.get("x-amz-security-token"))
        _check_policies(who, request, api, stage)
        context = {
            "accessKey": key_id,
            "accountId": api.account,
            "callerId": who.user_id,
            "cognitoIdentity": None,
            "principalOrgId": None,
            "userArn": who.principal.arn,
            "userId": who.user_id,
        }
        return {"iam": context}


def _check_policies(who: Caller, request: HttpRequest, api: HttpApi, stage: Stage) -> None:
    if who.holders is None:
        return
    asked = f"{api.id}/{stage.name}/{request.method}{request.path}"
    call = Call(
        principal=who.principal,
        action=ACTION,
        resource=f"arn:aws:{SERVICE}:{api.region}:{api.account}:{asked}",
        context={
            "aws:SecureTransport": "true",
            "aws:SourceIp": request.source_ip,
            "aws:PrincipalArn": who.principal.role or who.principal.arn,
            "aws:PrincipalAccount": api.account,
        },
    )
    try:
        decision = evaluate(call, who.policies())
    except (BadPolicy, Undecidable, LookupError) as problem:
        raise NotAuthorized(f"the local cloud cannot evaluate a policy: {problem}") from None
    installed().note(call, decision)
    if not decision.allowed:
        raise NotAuthorized(words.refusal(call, decision))


def _check_session(who: Caller, token: str | None) -> None:
    if who.session_token is None:
        return
    if token != who.session_token:
        raise NotAuthorized("The security token included in the request is invalid.")
    if who.expires and who.expires < datetime.now(UTC):
        raise NotAuthorized("The security token included in the request is expired.")
