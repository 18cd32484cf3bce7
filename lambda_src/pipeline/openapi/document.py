"""The whole document."""

from __future__ import annotations

from typing import Any

from pipeline.openapi import events, health, inbox, recommendations
from pipeline.openapi.parts import Json, answers, ref
from pipeline.serving.settings import ApiSettings

VERSION = "1.0.0"
ROUTE = "GET /v1/openapi.json"


def document(settings: ApiSettings) -> dict[str, Any]:
    """OpenAPI 3.1. Paths are those of the use cases that this stage serves."""
    paths: Json = {"/v1/openapi.json": {"get": _itself()}}
    schemas: Json = {"Problem": _PROBLEM, "Mistake": _MISTAKE, "Refusal": _REFUSAL}
    for fragment in _fragments():
        paths |= fragment.paths(settings)
        schemas |= fragment.schemas()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Recommendations",
            "version": VERSION,
            "description": "What suits whom, from the newest complete set of recommendations or live. "
            "Every answer names its source, variant and generation.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": f"Stage {settings.stage}"}],
        "security": [{settings.authorization: []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {settings.authorization: _SECURITY[settings.authorization]},
        },
    }


def _fragments() -> list[Any]:
    """Modules with `paths(settings)` and `schemas()`."""
    return [recommendations, events, inbox, health]


def _itself() -> Json:
    return {
        "operationId": "getDescription",
        "summary": "This document",
        "security": [],
        "responses": answers(s200={"type": "object"}),
    }


_SECURITY: dict[str, Json] = {
    "iam": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "AWS Signature Version 4 for the service execute-api",
        "x-amazon-apigateway-authtype": "awsSigv4",
    },
    "jwt": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
}
_MISTAKE: Json = {
    "type": "object",
    "required": ["where", "detail"],
    "properties": {
        "where": {"type": "string", "examples": ["query.limit", "body.events[3].type"]},
        "detail": {"type": "string"},
    },
}
_PROBLEM: Json = {
    "type": "object",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {"type": "string", "description": "For programs"},
        "detail": {"type": "string", "description": "For people"},
        "errors": {"type": "array", "items": ref("Mistake")},
    },
}
_REFUSAL: Json = {
    "type": "object",
    "description": "By the gateway",
    "required": ["message"],
    "properties": {"message": {"type": "string"}},
}
