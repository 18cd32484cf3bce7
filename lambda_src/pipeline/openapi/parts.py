"""What the fragments of the document share."""

from __future__ import annotations

from typing import Any

from pipeline.http.checks import LONGEST_ID
from pipeline.http.request import ELSEWHERE

Json = dict[str, Any]

ID: Json = {
    "type": "string",
    "minLength": 1,
    "maxLength": LONGEST_ID,
    "description": "An id of the application's",
}


def ref(schema: str) -> Json:
    return {"$ref": f"#/components/schemas/{schema}"}


def path_id(name: str, description: str) -> Json:
    told = f"{description}. One with a slash: `{ELSEWHERE}` here, and the id in the query as `{name}`"
    return {"name": name, "in": "path", "required": True, "description": told, "schema": ID}


def query(name: str, schema: Json, description: str) -> Json:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def json_content(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}


def answers(*problems: int, **good: Json) -> Json:
    """Responses of an operation. good: by `s` and the status, its schema. problems: further statuses.

    401, 403, 429 and 500 belong to every operation with credentials.
    """
    responses: Json = {
        status.removeprefix("s"): {"description": "Done", "content": json_content(schema)}
        if schema
        else {"description": "Done"}
        for status, schema in good.items()
    }
    for status in sorted({*problems, 500}):
        responses[str(status)] = {
            "description": _MEANINGS[status],
            "content": {"application/problem+json": {"schema": ref("Problem")}},
        }
    refused = (401, 403, 429) if 401 in problems else {429} & {*problems}
    if refused:
        # The gateway turns callers away before any code of ours runs, and in its own words.
        for status in refused:
            responses[str(status)] = {
                "description": _MEANINGS[status],
                "content": {
                    "application/json": {"schema": ref("Refusal")},
                    "application/problem+json": {"schema": ref("Problem")},
                },
            }
    return dict(sorted(responses.items()))


_MEANINGS = {
    400: "The request is wrong; the answer lists every mistake",
    401: "Credentials are missing, expired or not valid",
    403: "The credentials do not allow this; a user id must be the caller's own",
    404: "There is no such thing",
    409: "It contradicts what is there",
    410: "The cursor's recommendations have expired: start again without a cursor",
    413: "The body is too large",
    415: "The body is not application/json",
    429: "Too many requests",
    500: "Something went wrong in the API",
    503: "Something behind the API does not answer; try again after Retry-After",
}
