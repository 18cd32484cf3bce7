"""Entry: the inbox, devices for push messages, and links by which people unsubscribe."""

from __future__ import annotations

import json
import time
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from api.entry import entry
from api.telemetry import logger
from pipeline.environment import Environment
from pipeline.http.checks import Checks
from pipeline.http.problems import BadRequest, Conflict, NotFound
from pipeline.http.request import Request
from pipeline.http.response import Response
from pipeline.notifications import inbox, pages
from pipeline.notifications.devices import (
    Devices,
    Registration,
    TokenRefused,
    TooManyDevices,
    UnknownPlatform,
)
from pipeline.notifications.table import NotificationTable
from pipeline.notifications.unsubscribing import InvalidToken, UnsubscribeLinks, unsubscribe
from pipeline.withholding.reading import DenyLists, DenyListUnknown, read_denied

_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 3})
_HTML = "text/html; charset=utf-8"
_LONGEST_TOKEN = 4096


@dataclass(frozen=True)
class _Environment(Environment):
    """push_applications: JSON, ARNs by platform. unsubscribe_secret: a secret's name. serving_table: with the
    deny lists.
    """

    notifications_table: str
    unsubscribe_secret: str
    push_applications: str
    serving_table: str


@cache
def _environment() -> _Environment:
    return _Environment.read()


@cache
def _client(service: str, region: str | None = None) -> Any:
    return boto3.client(service, region_name=region, config=_CONFIG)


def _table() -> NotificationTable:
    return NotificationTable(_client("dynamodb"), _environment().notifications_table)


@cache
def _links() -> UnsubscribeLinks:
    answer = _client("secretsmanager").get_secret_value(SecretId=_environment().unsubscribe_secret)
    return UnsubscribeLinks(str(answer["SecretString"]))


def _devices() -> Devices:
    """Endpoints are where the platform applications are, in the primary region."""
    applications: dict[str, str] = json.loads(_environment().push_applications)
    region = next((arn.split(":")[3] for arn in applications.values()), None)
    return Devices(_table(), _client("sns", region), applications)


@cache
def _deny_lists() -> DenyLists:
    query = partial(_client("dynamodb").query, TableName=_environment().serving_table)
    return DenyLists(partial(read_denied, query), failures=(ClientError, BotoCoreError))


def _denied(use_case: str) -> Collection[str]:
    try:
        return _deny_lists().of(use_case)
    except DenyListUnknown as error:
        logger.warning("an inbox is shown without a deny list", exc_info=error)
        return ()


def read_inbox(request: Request) -> Response:
    """A page of the user's inbox, newest first. Raises: BadRequest, also for a cursor that no answer had."""
    checks = Checks()
    checks.nothing_else("query", request.query, ("limit", "cursor", "userId"))
    limit = checks.integer("query.limit", request.query.get("limit"), low=1, high=50, default=20)
    named = request.query.get("userId")
    if named is not None:
        checks.id("query.userId", named)
    checks.done()
    user = request.caller.user_or(named)
    try:
        page = inbox.read_page(
            _table(),
            user,
            limit=limit,
            cursor=request.query.get("cursor"),
            now=time.time(),
            denied=_denied,
        )
    except inbox.BadCursor:
        raise BadRequest("query.cursor: must be one that an answer had as nextCursor") from None
    return Response(
        {"entries": page.entries, **({"nextCursor": page.next_cursor} if page.next_cursor else {})}
    )


def mark_read(request: Request) -> Response:
    """The entry, read from now on. Raises: NotFound, if the inbox has no such entry (any more)."""
    checks = Checks()
    checks.nothing_else("query", request.query, ("userId",))
    named = request.query.get("userId")
    if named is not None:
        checks.id("query.userId", named)
    checks.done()
    user, name = request.caller.user_or(named), request.parameters.get("entryId", "")
    try:
        if inbox.is_entry(name):
            return Response(inbox.mark_read(_table(), user, name, now=time.time()))
    except inbox.NoSuchEntry:
        pass
    raise NotFound("The inbox has no such entry (any more).")


def register_device(request: Request) -> Response:
    """Push messages go to the device from now on.

    Raises: BadRequest, also for a platform or token that is not taken; Conflict, if the user has too many
    devices.
    """
    checks = Checks()
    body = checks.object("body", request.json())
    checks.nothing_else("body", body, ("deviceId", "platform", "token", "userId"))
    device = checks.id("body.deviceId", body.get("deviceId"))
    if body.get("userId") is not None:
        checks.id("body.userId", body["userId"])
    platform, token = body.get("platform"), body.get("token")
    if platform not in ("android", "ios"):
        checks.refuse("body.platform", "must be android or ios")
    if not isinstance(token, str) or not 1 <= len(token) <= _LONGEST_TOKEN or not token.isprintable():
        checks.refuse("body.token", f"must be the store's token, 1 to {_LONGEST_TOKEN} characters")
    checks.done()
    registration = Registration(
        user=request.caller.user_or(body.get("userId")),
        device=device,
        platform=str(platform),
        token=str(token),
    )
    try:
        _devices().register(registration, now=time.time())
    except UnknownPlatform:
        raise BadRequest(f"body.platform: no push messages are sent to {platform} here") from None
    except TokenRefused:
        raise BadRequest("body.token: the store's service does not take this token") from None
    except TooManyDevices as error:
        raise Conflict(f"{error}: remove one first.") from None
    return Response({"deviceId": device, "platform": platform})


def forget_device(request: Request) -> Response:
    checks = Checks()
    checks.nothing_else("query", request.query, ("userId",))
    device = checks.id("path.deviceId", request.parameters.get("deviceId"))
    named = request.query.get("userId")
    if named is not None:
        checks.id("query.userId", named)
    checks.done()
    _devices().forget(request.caller.user_or(named), device)
    return Response(None, 204)


def ask_to_unsubscribe(request: Request) -> Response:
    return _page(pages.question()) if _user(request) else _page(pages.invalid(), 404)


def take_off(request: Request) -> Response:
    """By one click in a mail program (RFC 8058), or by the button of the page."""
    user = _user(request)
    if user is None:
        return _page(pages.invalid(), 404)
    unsubscribe(_table(), user, now=time.time())
    return _page(pages.done())


def _user(request: Request) -> str | None:
    try:
        return _links().verified_user(request.query.get("token", ""))
    except InvalidToken:
        return None


def _page(text: str, status: int = 200) -> Response:
    headers = {"Content-Security-Policy": pages.POLICY, "Referrer-Policy": "no-referrer"}
    return Response(text, status, headers, _HTML)


lambda_handler = entry(
    {
        "GET /v1/inbox": read_inbox,
        "POST /v1/inbox/{entryId}/read": mark_read,
        "PUT /v1/devices": register_device,
        "DELETE /v1/devices/{deviceId}": forget_device,
        "GET /v1/unsubscribe": ask_to_unsubscribe,
        "POST /v1/unsubscribe": take_off,
    }
)
