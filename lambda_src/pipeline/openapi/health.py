"""Whether a region can serve readers."""

from __future__ import annotations

from pipeline.openapi.parts import Json, answers, ref
from pipeline.serving.health import EMPTY, SECONDS, SILENT, STATES, UNPUBLISHED
from pipeline.serving.settings import ApiSettings

_COUNT: Json = {"type": "integer", "minimum": 0}


def paths(_settings: ApiSettings) -> Json:
    return {"/v1/health": {"get": _check()}}


def schemas() -> Json:
    ages: Json = {
        "type": "array",
        "items": _COUNT,
        "description": "Seconds since what is served of a use case was published, the oldest first",
    }
    return {
        "Health": {
            "type": "object",
            "required": ["status", "region", "role", "state", "listAges", "unpublished"],
            "properties": {
                "status": {"const": "healthy"},
                "region": {"type": "string", "examples": ["eu-west-1"]},
                "role": {"enum": ["primary", "standby", "replica"]},
                "state": {
                    "enum": [*STATES],
                    "description": "active: it trains and publishes; draining: it ends what runs; fenced: it "
                    "serves only. None of them makes it unhealthy",
                },
                "epoch": {**_COUNT, "description": "The newest that has been heard of here"},
                "listAges": ages,
                "unpublished": {**_COUNT, "description": "Use cases of which nothing was published yet"},
            },
        }
    }


def _check() -> Json:
    return {
        "operationId": "getHealth",
        "summary": "Whether this region can serve readers",
        "description": f"Looked up every {SECONDS} seconds at most. 503 (`{SILENT}`, `{UNPUBLISHED}`, "
        f"`{EMPTY}`): ask another region.",
        "security": [],
        "responses": answers(429, 503, s200=ref("Health")),
    }
