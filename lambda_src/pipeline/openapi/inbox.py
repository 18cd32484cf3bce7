"""The inbox, devices for push messages, and unsubscribing from e-mails."""

from __future__ import annotations

from pipeline.http.checks import LONGEST_ID
from pipeline.openapi.parts import ID, Json, answers, json_content, path_id, query, ref
from pipeline.serving.settings import ApiSettings

_TEXT: Json = {"type": "string"}
_USER = query("userId", ID, "For backends: whose; users need not name themselves")
_LONGEST_LINK = -(-(32 + 4 * LONGEST_ID) * 4 // 3)
"""Characters of a token: a signature of 32 bytes and an id of up to four bytes a character, in base64."""
_PAGE: Json = {"description": "A page for people", "content": {"text/html": {"schema": _TEXT}}}


def paths(settings: ApiSettings) -> Json:
    """Only of stages that notify."""
    if not settings.notifies:
        return {}
    return {
        "/v1/inbox": {"get": _read()},
        "/v1/inbox/{entryId}/read": {"post": _mark()},
        "/v1/devices": {"put": _register()},
        "/v1/devices/{deviceId}": {"delete": _forget()},
        "/v1/unsubscribe": {"get": _ask(), "post": _unsubscribe()},
    }


def schemas() -> Json:
    entry: Json = {
        "type": "object",
        "required": ["entryId", "title", "body", "createdAt", "notification", "useCase", "itemId", "read"],
        "properties": {
            **{name: _TEXT for name in ("title", "body", "notification", "useCase", "variant", "generation")},
            "entryId": {"type": "string", "examples": ["2026-W47.films_of_the_week"]},
            "itemId": ID,
            "experiment": {"type": "integer", "minimum": 1, "description": "For events"},
            "url": {"type": "string", "format": "uri"},
            "createdAt": {"type": "string", "format": "date-time"},
            "readAt": {"type": "string", "format": "date-time"},
            "read": {"type": "boolean"},
        },
    }
    return {
        "InboxEntry": entry,
        "Inbox": {
            "type": "object",
            "required": ["entries"],
            "properties": {
                "entries": {"type": "array", "items": ref("InboxEntry")},
                "nextCursor": {"type": "string", "description": "Missing on the last page"},
            },
        },
        "Device": {
            "type": "object",
            "required": ["deviceId", "platform", "token"],
            "additionalProperties": False,
            "properties": {
                "deviceId": {**ID, "description": "Of the app's installation, chosen by the app"},
                "platform": {"enum": ["android", "ios"]},
                "token": {"type": "string", "minLength": 1, "maxLength": 4096, "writeOnly": True},
                "userId": {**ID, "description": "For backends: whose device"},
            },
        },
        "RegisteredDevice": {
            "type": "object",
            "required": ["deviceId", "platform"],
            "properties": {"deviceId": ID, "platform": {"enum": ["android", "ios"]}},
        },
    }


def _read() -> Json:
    limit: Json = {"type": "integer", "minimum": 1, "maximum": 50, "default": 20}
    return {
        "operationId": "readInbox",
        "summary": "A user's notifications, newest first",
        "parameters": [
            query("limit", limit, "Entries of a page"),
            query("cursor", _TEXT, "nextCursor of the page before"),
            _USER,
        ],
        "responses": answers(400, 401, s200=ref("Inbox")),
    }


def _mark() -> Json:
    return {
        "operationId": "markInboxEntryAsRead",
        "summary": "Mark an entry as read; the first time counts",
        "parameters": [path_id("entryId", "Of an entry"), _USER],
        "responses": answers(400, 401, 404, s200=ref("InboxEntry")),
    }


def _register() -> Json:
    return {
        "operationId": "registerDevice",
        "summary": "Tell where push messages go; at every start of the app, with its newest token",
        "requestBody": {"required": True, "content": json_content(ref("Device"))},
        "responses": answers(400, 401, 409, 413, 415, s200=ref("RegisteredDevice")),
    }


def _forget() -> Json:
    return {
        "operationId": "forgetDevice",
        "summary": "No more push messages there; repeating it changes nothing",
        "parameters": [path_id("deviceId", "As it was registered"), _USER],
        "responses": answers(400, 401, s204={}),
    }


_TOKEN: Json = {
    "name": "token",
    "in": "query",
    "required": True,
    "description": "From the link in an e-mail; it is signed, and needs no other credentials",
    "schema": {"type": "string", "maxLength": _LONGEST_LINK},
}


def _ask() -> Json:
    return {
        "operationId": "askToUnsubscribe",
        "summary": "A page with a button; following the link alone changes nothing",
        "security": [],
        "parameters": [_TOKEN],
        "responses": {"200": _PAGE, "404": {**_PAGE, "description": "The link is not valid"}},
    }


def _unsubscribe() -> Json:
    form: Json = {"type": "object", "properties": {"List-Unsubscribe": {"const": "One-Click"}}}
    return {
        "operationId": "unsubscribe",
        "summary": "No more e-mails: the page's button, or one click in a mail program (RFC 8058)",
        "security": [],
        "parameters": [_TOKEN],
        "requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": form}}},
        "responses": {"200": _PAGE, "404": {**_PAGE, "description": "The link is not valid"}},
    }
