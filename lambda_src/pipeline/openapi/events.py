"""The part of the API's description about events and attributes."""

from __future__ import annotations

from pipeline.http.checks import SESSION
from pipeline.openapi.parts import ID, Json, answers, json_content, path_id, ref
from pipeline.serving.settings import ApiSettings
from pipeline.tracking.posting import EVENT_ID, LATEST_VERSION, MOST_EVENTS, OLDEST_DAYS, SOURCES, VARIANTS


def paths(_settings: ApiSettings) -> Json:
    return {
        "/v1/events": {
            "post": {
                "operationId": "postEvents",
                "summary": "Tell what was shown, and what people did with it",
                "description": "All of the events are accepted, or none. What was accepted is never lost. "
                "Sending an event again, with the same id, changes nothing: after 503, or without an answer, "
                "send the same again.",
                "requestBody": {"required": True, "content": json_content(ref("Events"))},
                "responses": _responses(),
            }
        },
        "/v1/users/{userId}/attributes": {
            "put": _attributes("User", "user", "A new or changed user, known before the next training")
        },
        "/v1/items/{itemId}/attributes": {
            "put": _attributes(
                "Item", "item", "A new or changed item, known before the next training; for backends only"
            )
        },
    }


def schemas() -> Json:
    return {"Events": _EVENTS, "Event": _EVENT, "Attributes": _ATTRIBUTES, "Accepted": _ACCEPTED}


def _attributes(name: str, word: str, summary: str) -> Json:
    return {
        "operationId": f"put{name}Attributes",
        "summary": summary,
        "description": f"All attributes of the {word}: those that are not given are empty afterwards.",
        "parameters": [path_id(f"{word}Id", f"The {word}")],
        "requestBody": {"required": True, "content": json_content(ref("Attributes"))},
        "responses": _responses(),
    }


def _responses() -> Json:
    return answers(400, 401, 403, 413, 415, 429, 503, s202=ref("Accepted"))


_EVENTS: Json = {
    "type": "object",
    "required": ["events"],
    "additionalProperties": False,
    "properties": {
        "events": {"type": "array", "minItems": 1, "maxItems": MOST_EVENTS, "items": ref("Event")}
    },
}
_EVENT: Json = {
    "type": "object",
    "required": ["eventId", "useCase", "type", "itemId", "occurredAt", "source", "variant"],
    # Within allOf: makers of types take alternatives beside properties for alternatives to them.
    "allOf": [{"anyOf": [{"required": ["userId"]}, {"required": ["sessionId"]}]}],
    "additionalProperties": False,
    "properties": {
        "eventId": {
            "type": "string",
            "pattern": f"^{EVENT_ID}$",
            "description": "Made by the sender, once per event; a UUID suits",
        },
        "useCase": {"type": "string", "examples": ["films"]},
        "type": {
            "type": "string",
            "description": "`impression`, or an event type of the use case",
            "examples": ["impression", "like"],
        },
        "itemId": ID,
        "userId": ID,
        "sessionId": {
            "type": "string",
            "pattern": f"^{SESSION}$",
            "description": "Who acts while nobody is signed in: long and random, since whoever knows it can "
            "speak for it. With a userId beside it, what the session did before becomes the user's.",
        },
        "occurredAt": {
            "type": "string",
            "format": "date-time",
            "description": f"Within the last {OLDEST_DAYS} days",
        },
        "source": {"enum": list(SOURCES), "description": "As the list's answer said"},
        "variant": {"enum": list(VARIANTS), "description": "As the list's answer said"},
        "generation": {"type": "string", "description": "As the list's answer said"},
        "recommendationId": {"type": "string", "maxLength": 40},
        "experiment": {
            "type": "integer",
            "minimum": 1,
            "maximum": LATEST_VERSION,
            "description": "As the list's answer said: by this version it is computed which arm its user has",
        },
    },
}
_ATTRIBUTES: Json = {
    "type": "object",
    "required": ["useCase", "attributes"],
    "additionalProperties": False,
    "properties": {
        "useCase": {"type": "string", "examples": ["films"]},
        "attributes": {
            "type": "object",
            "description": "By column of the use case's dataset, in camel case",
            "examples": [{"age": 31, "country": "DE"}],
        },
    },
}
_ACCEPTED: Json = {
    "type": "object",
    "required": ["accepted"],
    "properties": {"accepted": {"type": "integer", "minimum": 1}},
}
